/**
 * `parley-board:/machine1/`: a board's files as a folder of VS Code, to open, edit, save, rename.
 * Below: operations/boardFiles. Above: extension.ts registers it; the tree opens its files.
 * Read-only while the board runs a program; nothing here ever stops one.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { DisposableStore, Emitter, type Disposable } from '../core/event';
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, type Job } from '../core/job';
import { BoardFiles, type FileChange, type FileNode } from '../operations/boardFiles';
import type { BoardRegistry } from '../board/registry';
import { SCHEME, boardOfUri, boardUri } from './boardUri';
import { sentenceFor, tellError } from './notify';
import { withJob } from './progress';
import type { Services } from './services';
import { t } from '../core/words';

/** What takes longer than a moment at 115200 baud shows how far it is. Bytes. */
const SHOWN_FROM = 16 * 1024;

/** The files of every board, each held once. */
export class BoardFolders implements Disposable {
  private readonly byId = new Map<string, BoardFiles>();
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(
    new Emitter<{ board: Board; changes: readonly FileChange[] }>(),
  );
  readonly onDidChange = this.changed.event;

  constructor(registry: BoardRegistry) {
    this.store.add(
      registry.onDidChange(() => {
        for (const [id, files] of this.byId) {
          if (registry.find(id) === files.board) continue;
          files.dispose();
          this.byId.delete(id);
        }
      }),
    );
  }

  of(board: Board): BoardFiles {
    const known = this.byId.get(board.id);
    if (known?.board === board) return known;
    known?.dispose();
    const files = new BoardFiles(board);
    files.onDidChange((changes) => this.changed.fire({ board, changes }));
    this.byId.set(board.id, files);
    return files;
  }

  dispose(): void {
    for (const files of this.byId.values()) files.dispose();
    this.byId.clear();
    this.store.dispose();
  }
}

export class BoardFileSystem implements vscode.FileSystemProvider {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly wasReadOnly = new Map<string, boolean>();

  constructor(private readonly services: Services) {}

  /** Registers the scheme and follows the boards; the result ends both. */
  static register(services: Services): Disposable {
    const provider = new BoardFileSystem(services);
    const store = new DisposableStore();
    const options = { isCaseSensitive: true };
    store.add(vscode.workspace.registerFileSystemProvider(SCHEME, provider, options));
    store.add(services.folders.onDidChange(({ board, changes }) => provider.tell(board, changes)));
    store.add(services.registry.onDidChange(() => provider.followReadOnly()));
    store.add(provider.changed);
    return store;
  }

  /** Only what this window changes, or sees at a fresh look, is known: a board tells nothing. */
  watch(): vscode.Disposable {
    return { dispose: () => undefined };
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    if (uri.path === '/') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const { files, path } = this.find(uri);
    return statOf(await this.translated(uri, () => files.stat(path)), files.readOnly);
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    if (uri.path === '/') {
      const { boards } = this.services.registry;
      return boards.map((b) => [boardUri(b, '').path.slice(1), vscode.FileType.Directory]);
    }
    const { files, path } = this.find(uri);
    const nodes = await this.translated(uri, () => files.list(path));
    return nodes.map((node) => [baseName(node.path), typeOf(node)]);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { board, files, path } = this.find(uri);
    return this.translated(uri, async () => {
      const { size, kind } = await files.stat(path);
      if (kind === 'folder') throw vscode.FileSystemError.FileIsADirectory(uri);
      return this.withProgress(board, t('Get {path}', { path: baseName(path) }), size, (job) =>
        files.read(path, job),
      );
    });
  }

  async writeFile(
    uri: vscode.Uri,
    content: Uint8Array,
    options: { create: boolean; overwrite: boolean },
  ): Promise<void> {
    const { board, files, path } = this.find(uri);
    await this.translated(uri, async () => {
      const there = await files.stat(path).catch((error: unknown) => {
        if (isBoardError(error, 'file-missing')) return undefined;
        throw error;
      });
      if (there?.kind === 'folder') throw vscode.FileSystemError.FileIsADirectory(uri);
      if (!there && !options.create) throw vscode.FileSystemError.FileNotFound(uri);
      if (there && options.create && !options.overwrite) {
        throw vscode.FileSystemError.FileExists(uri);
      }
      const title = t('Put {path} on {board}', { path: baseName(path), board: board.name });
      await this.withProgress(board, title, content.length, (job) =>
        files.write(path, content, job),
      );
    });
  }

  async createDirectory(uri: vscode.Uri): Promise<void> {
    const { files, path } = this.find(uri);
    await this.translated(uri, () => files.makeFolder(path));
  }

  async delete(uri: vscode.Uri): Promise<void> {
    const { files, path } = this.find(uri);
    await this.translated(uri, () => files.remove(path));
  }

  async rename(
    from: vscode.Uri,
    to: vscode.Uri,
    { overwrite }: { overwrite: boolean },
  ): Promise<void> {
    const { board, files, path } = this.find(from);
    const target = this.find(to);
    // VS Code then copies and deletes by itself.
    if (target.board !== board) throw vscode.FileSystemError.NoPermissions(t('another board'));
    await this.translated(to, () => files.rename(path, target.path, overwrite));
  }

  private find(uri: vscode.Uri): { board: Board; files: BoardFiles; path: string } {
    const found = boardOfUri(this.services.registry, uri);
    if (!found) throw vscode.FileSystemError.FileNotFound(uri);
    return { ...found, files: this.services.folders.of(found.board) };
  }

  private withProgress<T>(
    board: Board,
    title: string,
    bytes: number,
    work: (job: Job) => Promise<T>,
  ): Promise<T> {
    if (bytes < SHOWN_FROM) return work(quietJob());
    return withJob(this.services.activity, { title, board }, work);
  }

  /** Failures as VS Code names them, with our sentence; a save gets its button as well. */
  private async translated<T>(uri: vscode.Uri, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      const board = boardOfUri(this.services.registry, uri)?.board;
      const said = sentenceFor(this.services, error, board);
      switch (error.code) {
        case 'file-missing':
          throw vscode.FileSystemError.FileNotFound(uri);
        case 'file-exists':
          throw vscode.FileSystemError.FileExists(uri);
        case 'program-running': {
          const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === `${uri}`);
          // The text stays in the editor; one click stops the program and saves it.
          if (open?.isDirty) tellError(this.services, error, board, async () => open.save());
          throw vscode.FileSystemError.NoPermissions(said);
        }
        default:
          throw vscode.FileSystemError.Unavailable(said);
      }
    }
  }

  private tell(board: Board, changes: readonly FileChange[]): void {
    if (changes.length === 0) return;
    const type = {
      created: vscode.FileChangeType.Created,
      changed: vscode.FileChangeType.Changed,
      deleted: vscode.FileChangeType.Deleted,
    };
    this.changed.fire(
      changes.map(({ path, kind }) => ({ uri: boardUri(board, path), type: type[kind] })),
    );
  }

  /** An editor asks again whether its file may be changed when the board starts or ends a program. */
  private followReadOnly(): void {
    for (const board of this.services.registry.boards) {
      const { readOnly } = this.services.folders.of(board);
      if (this.wasReadOnly.get(board.id) === readOnly) continue;
      this.wasReadOnly.set(board.id, readOnly);
      const open = vscode.workspace.textDocuments.filter(
        ({ uri }) =>
          uri.scheme === SCHEME && boardOfUri(this.services.registry, uri)?.board === board,
      );
      const type = vscode.FileChangeType.Changed;
      if (open.length > 0) this.changed.fire(open.map(({ uri }) => ({ uri, type })));
    }
  }
}

function statOf(node: FileNode, readOnly: boolean): vscode.FileStat {
  return {
    type: typeOf(node),
    ctime: 0,
    mtime: node.seenAt,
    size: node.size,
    ...(readOnly ? { permissions: vscode.FilePermission.Readonly } : {}),
  };
}

function typeOf(node: FileNode): vscode.FileType {
  return node.kind === 'folder' ? vscode.FileType.Directory : vscode.FileType.File;
}

/** The last part of a path on a board. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
