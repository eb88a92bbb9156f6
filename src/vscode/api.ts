/**
 * What another extension gets from `extensions.getExtension('…parley').exports`: boards, and the three
 * things one does with them. docs/api.md describes it; changes that break it raise `version`.
 * Below: registry, operations. Above: extension.ts returns it.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { explain } from '../core/explain';
import { quietJob, type Job } from '../core/job';
import { putFile, readFile } from '../micropython/transfer';
import { runOnBoard } from '../operations/runOnBoard';
import type { Services } from './services';

export interface ParleyBoard {
  /** Stable over ports and windows: the id that every method takes. */
  readonly id: string;
  readonly name: string;
  readonly virtual: boolean;
  readonly plugged: boolean;
  /** "AA:BB:CC:DD:EE:FF" where it is known. */
  readonly mac: string | undefined;
  /** "1.27.0"; '' for a board without MicroPython; undefined where nobody has looked. */
  readonly micropython: string | undefined;
}

export interface ExecResult {
  readonly ok: boolean;
  /** What the program printed. */
  readonly output: string;
  /** The traceback where it raised. */
  readonly error?: string;
}

export interface ParleyApi {
  readonly version: 1;
  /** Every board in the Boards view. */
  boards(): ParleyBoard[];
  /** A board came, went, or changed. */
  readonly onDidChangeBoards: vscode.Event<void>;
  /**
   * Runs Python at the board's prompt; a program that runs there is stopped. Ends when the program
   * does, or with Ctrl-C when `token` is cancelled.
   * @throws Error whose message is a sentence for a person
   */
  exec(id: string, code: string, token?: vscode.CancellationToken): Promise<ExecResult>;
  /** Writes a whole file (checked, then renamed into place); folders above are made. @throws as exec */
  put(id: string, path: string, bytes: Uint8Array): Promise<void>;
  /** Reads a whole file. @throws as exec */
  get(id: string, path: string): Promise<Uint8Array>;
  /** Opens the board's terminal. @throws as exec */
  open(id: string): Promise<void>;
}

export function createApi(services: Services): ParleyApi {
  const { registry, terminals } = services;
  const onDidChangeBoards: vscode.Event<void> = (listener, thisArgs, disposables) => {
    const subscription = registry.onDidChange(
      () => void listener.call(thisArgs as object, undefined),
    );
    const disposable = new vscode.Disposable(() => subscription.dispose());
    disposables?.push(disposable);
    return disposable;
  };
  return {
    version: 1,
    boards: () => registry.boards.map(described),
    onDidChangeBoards,
    exec: (id, code, token) =>
      withBoard(services, id, async (board) => {
        const abort = new AbortController();
        const cancelling = token?.onCancellationRequested(() => abort.abort());
        if (token?.isCancellationRequested) abort.abort();
        let output = '';
        const decoder = new TextDecoder();
        const printing = board.onConsole(
          (bytes) => (output += decoder.decode(bytes, { stream: true })),
        );
        try {
          const job: Job = quietJob(abort.signal);
          const report = await runOnBoard(board, { source: code, fileName: '<exec>' }, job);
          return { ...report, output };
        } finally {
          printing.dispose();
          cancelling?.dispose();
        }
      }),
    put: (id, path, bytes) =>
      withBoard(services, id, (board) =>
        board.withRawRepl('Put', quietJob(), (repl) => putFile(repl, path, bytes, quietJob())),
      ),
    get: (id, path) =>
      withBoard(services, id, (board) =>
        board.withRawRepl('Get', quietJob(), (repl) => readFile(repl, path, quietJob())),
      ),
    open: (id) => withBoard(services, id, async (board) => void (await terminals.show(board))),
  };
}

function described(board: Board): ParleyBoard {
  const { id, name, virtual, facts, status } = board;
  const { mac, micropython } = facts;
  return { id, name, virtual, plugged: status !== 'unplugged', mac, micropython };
}

async function withBoard<T>(
  { registry }: Services,
  id: string,
  work: (board: Board) => Promise<T>,
): Promise<T> {
  const board = registry.find(id);
  try {
    if (!board) {
      const details = { path: id, board: id };
      throw new BoardError('port-not-found', `no board is called ${id}`, { details });
    }
    return await work(board);
  } catch (error) {
    throw new Error(explain(error, board?.name ?? id).sentence, { cause: error });
  }
}
