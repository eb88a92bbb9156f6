/**
 * One cell of the fault matrix: an operation, a fault at a place, and what came of it. Every cell has
 * to end in success or in one sentence, in time, with the board usable again without unplugging, no
 * file lost and nothing left open. Below: board, operations, faults. Above: main.ts, the short test.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoardError, isBoardError } from '../../src/core/errors';
import { explain } from '../../src/core/explain';
import { quietJob } from '../../src/core/job';
import { flashBoard } from '../../src/operations/flash';
import { FaultBoard } from './board';
import type { Fault } from './faults';
import { FaultBroker } from './talk';
import { firmware, prepareHere, putBefore, type Operation, type Place } from './operations';

export interface Cell {
  readonly operation: string;
  readonly fault: string;
  readonly at: number;
  /** "ok" or the code of the error. */
  readonly outcome: string;
  readonly seconds: number;
  /** What a user reads; '' for a success. */
  readonly sentence: string;
  /** What must not be; empty for a cell that is as it should be. */
  readonly wrong: readonly string[];
}

/** How long a board may take to be at its prompt again, ms. */
const USABLE_MS = 30_000;

export class Bench {
  private readonly totals = new Map<string, number>();
  private fit = true;

  private constructor(
    private readonly board: FaultBoard,
    private readonly place: Place,
    private readonly template: string,
  ) {}

  /** A flashed board with its files, and its state kept as the template of all later ones. */
  static async open(): Promise<Bench> {
    const first = new FaultBoard(undefined);
    await first.start();
    await flashBoard(first.board, firmware(), quietJob());
    await putBefore(first.board);
    await first.board.close();
    await first.kill();
    const board = new FaultBoard(first.state);
    await board.start();
    const here = await mkdtemp(join(tmpdir(), 'parley-faults-here-'));
    await first.gate.close();
    return new Bench(
      board,
      { here, broker: new FaultBroker(), talking: () => undefined },
      first.state,
    );
  }

  async close(): Promise<void> {
    await this.board.stop();
    await rm(this.place.here, { recursive: true, force: true });
    await rm(this.template, { recursive: true, force: true });
  }

  /** All bytes both ways of an undisturbed run. */
  private async total(operation: Operation): Promise<number> {
    const known = this.totals.get(operation.name);
    if (known !== undefined) return known;
    await this.prepare();
    this.board.gate.reset();
    await operation.run(this.board.board, quietJob(), this.place);
    const total = this.board.gate.bytes;
    this.totals.set(operation.name, total);
    this.fit = !operation.loader;
    return total;
  }

  async run(operation: Operation, fault: Fault, at: number): Promise<Cell> {
    const total = await this.total(operation);
    await this.prepare();
    const wrong: string[] = [];
    const { board, place } = this;
    const open = handles();
    const cancel = new AbortController();
    const ending: { now: ReturnType<Fault['strike']> } = { now: undefined };
    const strike = (): void => void (ending.now = fault.strike(board, cancel, place));
    if (at === 0) {
      strike();
      await ending.now;
    }
    const threshold = at === 1 ? Infinity : Math.max(1, Math.floor(total * at));
    let struck = at === 0;
    board.gate.reset((bytes) => {
      if (struck || bytes < threshold) return;
      struck = true;
      strike();
    });
    // "1" is when all has been sent, and the boards talk.
    place.talking = () => {
      if (struck || at < 1) return;
      struck = true;
      strike();
    };
    const began = performance.now();
    const { patience } = operation;
    const stop = patience && setTimeout(() => cancel.abort(), patience * 1000);
    const error = await within(
      operation.run(board.board, quietJob(cancel.signal), place),
      operation.limit * 1000,
    );
    if (stop) clearTimeout(stop);
    const seconds = (performance.now() - began) / 1000;
    board.gate.reset();
    const end = await ending.now;
    const left = end && (await end());
    if (left) wrong.push(left);
    const outcome = this.judge(error, wrong);
    const sentence = error === undefined ? '' : explain(error, 'machine1').sentence;
    const { loader } = operation;
    await this.usable(loader, wrong);
    // A loader's operation may have left no MicroPython; then the flash of usable() took the files.
    if (wrong.length === 0 && operation.check) {
      const succeeded = error === undefined;
      await operation
        .check(board.board, place, succeeded)
        .catch((lost: unknown) => wrong.push(`LOST: ${String(lost)}`));
    }
    await this.nothingLeft(open, wrong);
    this.fit = wrong.length === 0 && !loader;
    return { operation: operation.name, fault: fault.name, at, outcome, seconds, sentence, wrong };
  }

  /**
   * The operation on the command line, whose process is killed at that place, or held for 3 s as a
   * computer that sleeps holds it.
   */
  async runHost(operation: Operation, how: 'killed' | 'asleep', at: number): Promise<Cell> {
    const total = await this.total(operation);
    await this.prepare();
    const { board, place } = this;
    await prepareHere(place, operation);
    const wrong: string[] = [];
    const open = handles();
    const args = (operation.cli ?? []).map((word) =>
      word.replace('BOARD', `rfc2217://${board.gate.address}`).replace('HERE', place.here),
    );
    const began = performance.now();
    const child = spawn(process.execPath, ['dist/cli.js', '--quiet', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    let struck = false;
    board.gate.reset((bytes) => {
      if (struck || bytes < total * at) return;
      struck = true;
      child.kill(how === 'killed' ? 'SIGKILL' : 'SIGSTOP');
      if (how === 'asleep') setTimeout(() => child.kill('SIGCONT'), 3000);
    });
    const ended = once(child, 'exit') as Promise<[number | null]>;
    const late = await within(ended, operation.limit * 1000);
    if (late !== undefined) {
      wrong.push('does not end');
      child.kill('SIGKILL');
    }
    const [code] = await ended;
    const seconds = (performance.now() - began) / 1000;
    board.gate.reset();
    const known = /\[([a-z-]+)\]\s*$/.exec(said)?.[1];
    if (code !== null && code !== 0 && !known) wrong.push(`no sentence with a code: ${said}`);
    const outcome = code === 0 ? 'ok' : (known ?? 'killed');
    await this.usable(operation.loader, wrong);
    if (wrong.length === 0 && operation.check) {
      await operation
        .check(board.board, place, code === 0)
        .catch((lost: unknown) => wrong.push(`LOST: ${String(lost)}`));
    }
    await this.nothingLeft(open, wrong);
    this.fit = wrong.length === 0 && !operation.loader;
    const sentence = said.trim();
    return {
      operation: operation.name,
      fault: `host ${how}`,
      at,
      outcome,
      seconds,
      sentence,
      wrong,
    };
  }

  /** A board with its files at its prompt: the one that is there where it is fit, else a new one. */
  private async prepare(): Promise<void> {
    const { board } = this;
    if (!this.fit || !board.alive) {
      await board.board.close();
      await board.powerOn(true);
      board.newBoard();
    }
    await putBefore(board.board);
    this.fit = true;
  }

  private judge(error: unknown, wrong: string[]): string {
    if (error === undefined) return 'ok';
    if (error === TOO_LONG) {
      wrong.push('does not end');
      return 'HANGS';
    }
    if (!isBoardError(error)) {
      wrong.push(`no error of the domain: ${(error as Error)?.stack ?? String(error)}`);
      return 'UNCLEAR';
    }
    const { sentence } = explain(error, 'machine1');
    if (!/[.?]$/.test(sentence) || /undefined|NaN|\[object/.test(sentence)) {
      wrong.push(`no sentence: ${sentence}`);
    }
    return error.code;
  }

  /** The next thing that is done works, without unplugging. */
  private async usable(loader: boolean, wrong: string[]): Promise<void> {
    const { board } = this;
    board.command({ clear: true });
    if (!board.alive) {
      wrong.push('the virtual board has ended');
      return;
    }
    const { status } = board.board;
    if (status === 'busy') wrong.push('the board stays busy');
    const attempt = async (): Promise<void> => {
      if (loader) await flashBoard(board.board, firmware(), quietJob());
      const answer = await board.board.withRawRepl('Check', quietJob(), (repl) =>
        repl.exec('print(6*7)', quietJob()),
      );
      if (answer.trim() !== '42') throw new Error(`6*7 is ${answer}`);
    };
    const failed = await within(attempt(), USABLE_MS);
    if (failed === undefined) return;
    const why = failed === TOO_LONG ? 'in time' : String(failed);
    wrong.push(`NOT USABLE again: ${why}`);
  }

  /** The port is closed, and no socket or timer of ours is left. */
  private async nothingLeft(open: Record<string, number>, wrong: string[]): Promise<void> {
    const { board } = this;
    for (let n = 0; n < 60; n++) {
      const now = handles();
      const more = Object.keys(now).filter((kind) => (now[kind] ?? 0) > (open[kind] ?? 0));
      if (more.length === 0 && board.gate.clients === 0 && board.board.status === 'idle') return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const now = handles();
    wrong.push(
      `LEFT: ${board.gate.clients} connections, ${board.board.status}, ${JSON.stringify(now)} before ${JSON.stringify(open)}`,
    );
  }
}

/** What keeps this process alive, counted by kind. */
function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    // Those of one moment, of files and of the test's own waiting.
    if (!/^(TCPSocketWrap|TCPServerWrap|ProcessWrap|PipeWrap|FSEventWrap)$/.test(kind)) continue;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

const TOO_LONG = Symbol('too long');

/** What `work` failed with, TOO_LONG, or undefined. */
function within(work: Promise<unknown>, ms: number): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(TOO_LONG), ms);
    work
      .then(
        () => resolve(undefined),
        (error: unknown) => resolve(error ?? new BoardError('port-failed', 'no reason')),
      )
      .finally(() => clearTimeout(timer));
  });
}
