/**
 * Files dragged onto a board or a folder of it, and out of the tree.
 * Below: putTo (the same way as Put), boardUri. Above: boardTree.ts.
 */
import * as vscode from 'vscode';
import { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { FileRow, NoteRow } from './boardRows';
import { fullName } from './boardText';
import type { TreeRow } from './boardTree';
import { SCHEME, boardOfUri } from './boardUri';
import { baseName } from './boardFileSystem';
import type { Call } from './command';
import { flashBoard } from './commands/flashBoard';
import { isFirmware } from './imageOffset';
import { readImage } from './images';
import { runCommand, tell, tellError } from './notify';
import { putUris } from './putUris';
import type { Services } from './services';
import { t } from '../core/words';

const URIS = 'text/uri-list';

export class BoardDrop implements vscode.TreeDragAndDropController<TreeRow> {
  readonly dropMimeTypes = [URIS];
  readonly dragMimeTypes = [URIS];

  constructor(private readonly services: Services) {}

  /** An editor opens what is dropped on it, the explorer copies it. */
  handleDrag(rows: readonly TreeRow[], data: vscode.DataTransfer): void {
    const files = rows.filter((row): row is FileRow => row instanceof FileRow);
    if (files.length === 0) return;
    data.set(URIS, new vscode.DataTransferItem(files.map((row) => `${row.uri}`).join('\r\n')));
  }

  async handleDrop(target: TreeRow | undefined, data: vscode.DataTransfer): Promise<void> {
    const text = await data.get(URIS)?.asString();
    if (!text || !target || target instanceof NoteRow) return;
    const board = target instanceof Board ? target : target.board;
    const folder = target instanceof Board ? '/' : folderAt(target);
    const uris = text
      .split(/\r?\n/)
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => vscode.Uri.parse(line, true));
    const drop = async (): Promise<void> => {
      if (target instanceof Board && (await this.flashInstead(target, uris))) return;
      const moved = await this.moveWithin(board, folder, uris);
      const others = uris.filter((uri) => !moved.has(uri));
      if (others.length > 0) tell(await putUris(this.services, board, folder, others));
    };
    await drop().catch((error: unknown) => tellError(this.services, error, board, drop));
  }

  /** A firmware image that is dropped on a board itself may be meant to be flashed: asks. */
  private async flashInstead(board: Board, uris: readonly vscode.Uri[]): Promise<boolean> {
    const [uri] = uris;
    if (!uri || uris.length > 1 || uri.scheme !== 'file' || !/\.bin$/i.test(uri.path)) return false;
    const { bytes, name } = await readImage(uri.fsPath);
    if (!isFirmware(bytes)) return false;
    const [flash, put] = [t('Flash It'), t('Put It as a File')];
    const answer = await vscode.window.showInformationMessage(
      t('{name} is a firmware image. Flash it onto {board}?', { name, board: fullName(board) }),
      { modal: true, detail: t('Or it becomes a file among the files of the board.') },
      flash,
      put,
    );
    if (!answer) throw new BoardError('cancelled', 'neither flashed nor put');
    if (answer === flash) await this.flash({ board, uri, options: {} });
    return answer === flash;
  }

  /** Trying again flashes; it does not ask again what to do with the file. */
  private async flash(call: Call & { board: Board }): Promise<void> {
    await flashBoard(this.services, call).catch((error: unknown) => {
      const { board, again } = call;
      tellError(this.services, error, board, () =>
        again ? runCommand('parley.flashBoard', { ...again, board: board.id }) : this.flash(call),
      );
    });
  }

  /** What lay on the same board is moved, as a file explorer does. */
  private async moveWithin(
    board: Board,
    folder: string,
    uris: readonly vscode.Uri[],
  ): Promise<ReadonlySet<vscode.Uri>> {
    const moved = new Set<vscode.Uri>();
    const files = this.services.folders.of(board);
    for (const uri of uris) {
      const from = uri.scheme === SCHEME ? boardOfUri(this.services.registry, uri) : undefined;
      if (from?.board !== board) continue;
      moved.add(uri);
      const to = `${folder === '/' ? '' : folder}/${baseName(from.path)}`;
      if (to !== from.path && !to.startsWith(`${from.path}/`)) await files.rename(from.path, to);
    }
    return moved;
  }
}

function folderAt({ node }: FileRow): string {
  if (node.kind === 'folder') return node.path;
  return node.path.slice(0, node.path.lastIndexOf('/')) || '/';
}
