/**
 * Put on Save: a file that is saved goes onto the board whose folder it is in. A program that runs is
 * not stopped unasked; that is said once, and what was saved meanwhile waits for the button.
 * Below: folders, putUris, BoardFiles. Above: extension.ts.
 */
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { DisposableStore, type Disposable } from '../core/event';
import { isBoardError } from '../core/errors';
import { quietJob } from '../core/job';
import { putCompiled } from '../operations/compile';
import type { BoardFile } from '../operations/put';
import { certificateFor, fillIn } from '../operations/putFolder';
import { compilerFor } from './compiler';
import { valuesFor } from './folders';
import { runCommand, tellError } from './notify';
import { placeOn } from './placeOnBoard';
import { asksForValues } from './putUris';
import type { Services } from './services';
import { t } from '../core/words';

/** How long the status bar says that a file is there, ms. */
const TOLD_MS = 5000;

export function registerPutOnSave(services: Services): Disposable {
  const store = new DisposableStore();
  const savers = new Map<string, Saver>();
  const saverFor = (board: Board): Saver => {
    const known = savers.get(board.id);
    if (known?.board === board) return known;
    known?.dispose();
    const saver = new Saver(services, board);
    savers.set(board.id, saver);
    return saver;
  };
  store.add(
    vscode.workspace.onDidSaveTextDocument(async ({ uri }) => {
      if (!vscode.workspace.getConfiguration('parley', uri).get<boolean>('putOnSave')) return;
      if (uri.scheme !== 'file') return;
      for (const board of services.registry.boards) {
        if (board.status === 'unplugged') continue;
        const onBoard = await placeOn(services, board, uri.fsPath);
        if (onBoard !== undefined) void saverFor(board).put(onBoard, uri.fsPath);
      }
    }),
  );
  store.add({ dispose: () => savers.forEach((saver) => saver.dispose()) });
  return store;
}

/** Puts what was saved for one board, one after the other. */
class Saver implements Disposable {
  /** The file of each path on the board that is still to be put. */
  private readonly waiting = new Map<string, string>();
  private working: Promise<void> | undefined;
  /** A person was told that a program runs; not again until it has ended. */
  private told = false;
  private readonly subscription: Disposable;

  constructor(
    private readonly services: Services,
    readonly board: Board,
  ) {
    this.subscription = board.onDidChange(() => {
      if (board.activity === 'prompt') this.told = false;
    });
  }

  async put(onBoard: string, file: string): Promise<void> {
    this.waiting.set(onBoard, file);
    // What is saved while a put is under way goes with the next one.
    await this.working;
    if (this.waiting.size === 0) return;
    this.working = this.putWaiting();
    await this.working;
    this.working = undefined;
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async putWaiting(): Promise<void> {
    const batch = [...this.waiting];
    this.waiting.clear();
    if (batch.length === 0) return;
    try {
      const sending = this.send(batch);
      const names = namesOf(batch);
      const text = t('$(sync~spin) Putting {names} on {board}…', { names, board: this.board.name });
      vscode.window.setStatusBarMessage(
        text,
        sending.then(
          () => undefined,
          () => undefined,
        ),
      );
      await sending;
      const values = { names, board: this.board.name };
      const done =
        batch.length === 1
          ? t('$(cloud-upload) {names} is on {board}', values)
          : t('$(cloud-upload) {names} are on {board}', values);
      vscode.window.setStatusBarMessage(done, TOLD_MS);
    } catch (error) {
      // Newer saves of the same file are not undone.
      for (const [onBoard, file] of batch) {
        if (!this.waiting.has(onBoard)) this.waiting.set(onBoard, file);
      }
      this.tell(error);
    }
  }

  private async send(batch: readonly [string, string][]): Promise<void> {
    const { services, board } = this;
    let files = await Promise.all(
      batch.map(async ([onBoard, file]): Promise<BoardFile> => ({
        path: onBoard,
        bytes: new Uint8Array(await readFile(file)),
      })),
    );
    if (files.some(asksForValues)) {
      const values = await valuesFor(services, board, {});
      const filled: Record<string, string[]> = {};
      const programs = files.map((file) => fillIn(file, values, filled));
      files = [...certificateFor(values, filled), ...programs];
    }
    const folder = services.folders.of(board);
    const compiler = await compilerFor(services);
    await folder.withPrompt((repl) => putCompiled(repl, files, compiler, quietJob()));
    folder.invalidate();
  }

  private tell(error: unknown): void {
    const { services, board } = this;
    const again = (): Promise<void> => this.putWaiting();
    if (!isBoardError(error, 'program-running')) {
      return tellError(services, error, board, again);
    }
    const names = namesOf([...this.waiting]);
    vscode.window.setStatusBarMessage(
      t('$(circle-slash) {names} not put: {board} runs a program', { names, board: board.name }),
      TOLD_MS,
    );
    if (this.told) return;
    this.told = true;
    const button = t('Stop and Put');
    const sentence = t(
      '{board} runs a program, so {names} was saved and not put. What you save while it runs waits here.',
      { board: board.name, names },
    );
    void vscode.window.showInformationMessage(sentence, button).then(async (answer) => {
      if (answer !== button) return;
      try {
        await runCommand('parley.stopProgram', { board: board.id, throws: true });
        await again();
      } catch (next) {
        tellError(services, next, board, again);
      }
    });
  }
}

function namesOf(batch: readonly (readonly [string, string])[]): string {
  const [only] = batch;
  return batch.length === 1 ? String(only?.[0]) : t('{batch} files', { batch: batch.length });
}
