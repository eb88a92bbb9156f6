/**
 * One board's files as they were last seen, and the ways to change them. Never stops a program
 * unasked: while one runs, what is known is shown and nothing is changed.
 * Below: Board's raw REPL bracket, micropython. Above: the folder `parley-board:` and the tree.
 */
import type { Board } from '../board/board';
import { Emitter, type Disposable, type Event } from '../core/event';
import { BoardError } from '../core/errors';
import { quietJob, type Job } from '../core/job';
import { boardPath, folderOf, mkdir, remove, rename } from '../micropython/filesystem';
import type { RawRepl } from '../micropython/rawRepl';
import { putFile, readFile } from '../micropython/transfer';
import { readTree, type Tree, type TreeEntry } from '../micropython/tree';

export interface FileNode {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  /** When this content was first seen, in ms since 1970: grows with every change. */
  readonly seenAt: number;
}

/** What changed, as an editor must know it. */
export interface FileChange {
  readonly path: string;
  readonly kind: 'created' | 'changed' | 'deleted';
}

interface Task {
  readonly job: Job;
  readonly work: (repl: RawRepl) => Promise<void>;
  readonly fail: (error: unknown) => void;
}

export class BoardFiles implements Disposable {
  private nodes: Map<string, FileNode & { modified: number }> | undefined;
  private free = 0;
  private total = 0;
  private stale = true;
  private loading: Promise<void> | undefined;
  /** Why the last look failed; not tried again until something happened or a person asks. */
  private failure: unknown;
  private readonly tasks: Task[] = [];
  private pumping = false;
  private busyBefore: string | undefined;
  private runningBefore = false;
  private readonly changed = new Emitter<readonly FileChange[]>();
  /** Fires when files changed, or may be read again: with an empty list when only that. */
  readonly onDidChange: Event<readonly FileChange[]> = this.changed.event;
  private readonly subscription: Disposable;

  constructor(
    readonly board: Board,
    private readonly now: () => number = Date.now,
  ) {
    this.subscription = board.onDidChange(() => this.onBoard());
  }

  /** True once the files were read, however long ago. */
  get known(): boolean {
    return this.nodes !== undefined;
  }

  /** Bytes of the board's file system; undefined until it was read, or where it does not tell. */
  get space(): { free: number; total: number } | undefined {
    return this.total > 0 ? { free: this.free, total: this.total } : undefined;
  }

  /** True when nothing can be changed now: a program runs, or the board is not there. */
  get readOnly(): boolean {
    return this.board.activity === 'running' || this.board.status === 'unplugged';
  }

  /**
   * Reads the whole tree unless it is known and fresh. Where a program runs, what was known stays.
   * @throws BoardError program-running, port-not-found and what the prompt throws, where nothing
   *   is known yet
   */
  async load(): Promise<void> {
    if (!this.stale) return;
    if (this.readOnly && this.nodes) return;
    if (this.failure) {
      if (this.nodes) return;
      throw this.failure;
    }
    this.loading ??= this.withPrompt(async (repl) => this.take(await readTree(repl, quietJob())));
    try {
      await this.loading;
    } catch (error) {
      this.failure ??= error;
      if (!this.nodes) throw error;
    } finally {
      this.loading = undefined;
    }
  }

  /** Reads again at the next look. */
  invalidate(): void {
    this.stale = true;
    this.failure = undefined;
    this.changed.fire([]);
  }

  /** @throws BoardError file-missing; as {@link load} */
  async stat(path: string): Promise<FileNode> {
    const at = boardPath(path);
    await this.load();
    if (at === '/') return { path: '/', kind: 'folder', size: 0, seenAt: 0 };
    const node = this.nodes?.get(at);
    if (!node) throw new BoardError('file-missing', `no ${at} there`, { details: { path: at } });
    return node;
  }

  /** What is in a folder, folders first, then by name. @throws BoardError file-missing; as load */
  async list(path: string): Promise<FileNode[]> {
    const at = (await this.stat(path)).path;
    const inside = [...(this.nodes?.values() ?? [])].filter((node) => folderOf(node.path) === at);
    return inside.sort(
      (a, b) => Number(a.kind === 'file') - Number(b.kind === 'file') || (a.path < b.path ? -1 : 1),
    );
  }

  /** Every file below a path, or the file itself. @throws BoardError file-missing; as load */
  async filesUnder(path: string): Promise<FileNode[]> {
    const node = await this.stat(path);
    if (node.kind === 'file') return [node];
    const prefix = node.path === '/' ? '/' : `${node.path}/`;
    return [...(this.nodes?.values() ?? [])].filter(
      (other) => other.kind === 'file' && other.path.startsWith(prefix),
    );
  }

  /** @throws BoardError file-missing, program-running and what the prompt throws */
  read(path: string, job: Job = quietJob()): Promise<Uint8Array> {
    return this.withPrompt((repl) => readFile(repl, path, job), job);
  }

  /** Whole or not at all. @throws BoardError disk-full, put-failed, program-running */
  async write(path: string, bytes: Uint8Array, job: Job = quietJob()): Promise<void> {
    const at = boardPath(path);
    await this.withPrompt((repl) => putFile(repl, at, bytes, job), job);
    this.note([at], []);
  }

  /** @throws BoardError program-running and what the prompt throws */
  async makeFolder(path: string): Promise<void> {
    const at = boardPath(path);
    await this.withPrompt((repl) => mkdir(repl, at, quietJob()));
    this.note([at], []);
  }

  /** @throws BoardError file-missing, file-exists unless `overwrite`, program-running */
  async rename(from: string, to: string, overwrite = false): Promise<void> {
    const [at, target] = [boardPath(from), boardPath(to)];
    await this.load();
    if (this.nodes?.has(target) && !overwrite) {
      throw new BoardError('file-exists', `${target} is there`, { details: { path: target } });
    }
    await this.withPrompt((repl) => rename(repl, at, target, quietJob()));
    this.note([target], [at]);
  }

  /** A file, or a folder with all that is in it. @throws BoardError file-missing, program-running */
  async remove(path: string): Promise<void> {
    const at = boardPath(path);
    await this.withPrompt((repl) => remove(repl, at, quietJob()));
    this.note([], [at]);
  }

  /**
   * The raw prompt without stopping a program: one bracket for all that asks at the same time.
   * Waits for another operation to end.
   */
  withPrompt<T>(work: (repl: RawRepl) => Promise<T>, job: Job = quietJob()): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = (repl: RawRepl): Promise<void> => work(repl).then(resolve, reject);
      this.tasks.push({ job, work: run, fail: reject });
      void this.pump();
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.tasks.length > 0) {
        await this.boardFree();
        await this.board.withRawRepl(
          'Files',
          this.tasks[0]?.job ?? quietJob(),
          async (repl) => {
            for (let task = this.tasks.shift(); task; task = this.tasks.shift()) {
              await task.work(repl);
            }
          },
          { onlyAtPrompt: true, brief: true },
        );
      }
    } catch (error) {
      for (const task of this.tasks.splice(0)) task.fail(error);
    } finally {
      this.pumping = false;
    }
  }

  /** Waits for the operation that has the board. @throws BoardError program-running for Run */
  private async boardFree(): Promise<void> {
    while (this.board.status === 'busy') {
      if (this.board.busyWith === 'Run') {
        throw new BoardError('program-running', `${this.board.name} runs a program`);
      }
      await new Promise<void>((resolve) => {
        const subscription = this.board.onDidChange(() => {
          subscription.dispose();
          resolve();
        });
      });
    }
  }

  /** A new tree: tells what differs from the one before. */
  private take(tree: Tree): void {
    const before = this.nodes;
    const at = this.now();
    this.nodes = new Map(
      tree.entries.map((entry) => {
        const old = before?.get(entry.path);
        const same = old && old.size === entry.size && old.modified === entry.modified;
        return [entry.path, { ...entry, seenAt: same ? old.seenAt : at }];
      }),
    );
    this.free = tree.freeBytes;
    this.total = tree.totalBytes;
    this.stale = false;
    if (before) this.changed.fire(differences(before, this.nodes));
  }

  /** After a change of our own: the next look reads the board again. */
  private note(written: readonly string[], gone: readonly string[]): void {
    const nodes = this.nodes;
    const changes: FileChange[] = gone.map((path) => ({ path, kind: 'deleted' }));
    for (const path of written) {
      changes.push({ path, kind: nodes?.has(path) ? 'changed' : 'created' });
    }
    this.stale = true;
    this.failure = undefined;
    this.changed.fire(changes);
  }

  private onBoard(): void {
    const { busyWith, status, activity } = this.board;
    const ended = this.busyBefore !== undefined && busyWith === undefined;
    const cameBack = this.runningBefore && activity === 'prompt';
    this.busyBefore = busyWith;
    this.runningBefore = activity === 'running';
    if (status === 'unplugged') {
      this.stale = true;
      this.failure = undefined;
    }
    // Put, flash, erase, run: each may have changed any file.
    if (ended || cameBack) this.invalidate();
  }
}

function differences(
  before: ReadonlyMap<string, TreeEntry | (FileNode & { modified: number })>,
  after: ReadonlyMap<string, FileNode & { modified: number }>,
): FileChange[] {
  const changes: FileChange[] = [];
  for (const path of before.keys()) if (!after.has(path)) changes.push({ path, kind: 'deleted' });
  for (const [path, node] of after) {
    const old = before.get(path);
    if (!old) changes.push({ path, kind: 'created' });
    else if (old.size !== node.size || old.modified !== node.modified) {
      changes.push({ path, kind: 'changed' });
    }
  }
  return changes;
}
