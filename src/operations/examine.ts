/**
 * Examine: what a board itself can tell about why it does not talk, read at its prompt. Nothing is
 * changed, and a program that runs is left alone unless asked.
 * Below: Board's raw REPL bracket. Above: diagnose.ts judges it, the doctor shows it.
 */
import type { Board } from '../board/board';
import { isBoardError } from '../core/errors';
import type { Job } from '../core/job';
import { readBoardInfo } from '../micropython/info';
import { readNetwork, type NetworkLook, type Target } from '../micropython/network';
import type { RawRepl } from '../micropython/rawRepl';
import { readFile } from '../micropython/transfer';
import { told, type Told } from './provision';
import { macOf, utf8 } from './putFolder';

export interface Prompt {
  readonly version: string;
  readonly network: NetworkLook;
  /** What boot.py and main.py say; undefined for a file that is not there. */
  readonly boot: Told | undefined;
  readonly main: Told | undefined;
}

export type Examination =
  | { readonly is: 'unplugged' | 'busy' | 'running' | 'no-micropython' | 'silent' }
  | ({ readonly is: 'at-prompt' } & Prompt);

export interface ExamineOptions {
  /** Where a broker is, as the board was told; without it no connection is tried. */
  readonly target?: Target;
  /** Stop a program that runs, to look. */
  readonly stop?: boolean;
}

/** @throws BoardError cancelled, port-lost, port-busy, port-permission and the like */
export async function examine(
  board: Board,
  options: ExamineOptions,
  job: Job,
): Promise<Examination> {
  if (board.status === 'unplugged') return { is: 'unplugged' };
  if (board.status === 'busy') return { is: 'busy' };
  if (!options.stop && board.activity === 'running') return { is: 'running' };
  try {
    const look = (repl: RawRepl): Promise<Prompt> => lookInside(board, repl, options.target, job);
    const seen = await board.withRawRepl('Examine', job, look, { onlyAtPrompt: !options.stop });
    return { is: 'at-prompt', ...seen };
  } catch (error) {
    if (isBoardError(error, 'program-running')) return { is: 'running' };
    if (isBoardError(error, 'no-micropython')) return { is: 'no-micropython' };
    if (isBoardError(error, 'prompt-timeout')) return { is: 'silent' };
    throw error;
  }
}

async function lookInside(
  board: Board,
  repl: RawRepl,
  target: Target | undefined,
  job: Job,
): Promise<Prompt> {
  const { version, uniqueId } = await readBoardInfo(repl, job);
  board.learn({ mac: macOf(uniqueId), micropython: version });
  const network = await readNetwork(repl, target, job);
  board.learnAddress(network.address);
  const [boot, main] = [await said(repl, '/boot.py', job), await said(repl, '/main.py', job)];
  return { version, network, boot, main };
}

async function said(repl: RawRepl, path: string, job: Job): Promise<Told | undefined> {
  try {
    return told(utf8(await readFile(repl, path, job)) ?? '');
  } catch (error) {
    if (isBoardError(error, 'file-missing')) return undefined;
    throw error;
  }
}
