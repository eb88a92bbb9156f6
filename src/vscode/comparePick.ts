/**
 * The list of what differs between a folder and a board: Enter shows or carries a file, the buttons of
 * a row carry it either way, and the list stays until it is empty.
 * Below: localFolder, putUris, operations/getFiles. Above: Compare.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { quietJob } from '../core/job';
import { formatBytes } from '../core/rate';
import { getFiles } from '../operations/getFiles';
import type { Difference } from '../operations/sync';
import { boardUri } from './boardUri';
import type { LocalFolder } from './localFolder';
import { confirm, runCommand, tellError } from './notify';
import { putFilled } from './putUris';
import type { Services } from './services';
import { t } from '../core/words';

type Kind = 'differs' | 'here' | 'there';

interface Row extends vscode.QuickPickItem {
  readonly path?: string;
  readonly rowKind?: Kind;
}

interface Carry extends vscode.QuickInputButton {
  readonly to: 'board' | 'folder';
}

const icon = (name: string): vscode.ThemeIcon => new vscode.ThemeIcon(name);

/** Returns at once; what is chosen later acts later. */
export function showComparison(
  services: Services,
  board: Board,
  folder: string,
  local: LocalFolder,
  difference: Difference,
): void {
  const list = vscode.window.createQuickPick<Row>();
  const rows = rowsOf(board, difference);
  const draw = (): void => void (list.items = withHeadings(board, rows));
  const carry = async ({ path = '', rowKind }: Row, to: Carry['to']): Promise<void> => {
    list.busy = true;
    try {
      const moved = to === 'board' ? put(path) : get(path, rowKind === 'differs');
      await moved;
      rows.splice(
        rows.findIndex((row) => row.path === path),
        1,
      );
      draw();
      if (rows.length === 0) list.hide();
    } finally {
      list.busy = false;
    }
  };
  const put = async (path: string): Promise<void> => {
    const file = vscode.Uri.file(local.fileFor(path));
    await putFilled(services, board, [{ path, bytes: await vscode.workspace.fs.readFile(file) }]);
  };
  const get = async (path: string, replaces: boolean): Promise<void> => {
    // Parley's own programs are part of the extension: what comes back goes where a person says.
    if (folder.startsWith(services.context.extensionPath)) {
      await runCommand('parley.getFile', { board: board.id, path: `/${path}`, throws: true });
      return;
    }
    if (replaces) {
      const detail = t('{fileFor}\nThe board’s takes its place.', { fileFor: local.fileFor(path) });
      await confirm(t('Replace {path} in your folder?', { path }), detail, t('Replace'));
    }
    const options = { paths: [`/${path}`], from: '/', into: folder, originals: folder };
    await getFiles(services.folders.of(board), options, quietJob());
  };
  const choose = async (row: Row): Promise<void> => {
    const { path = '', rowKind } = row;
    if (rowKind === 'here') return carry(row, 'board');
    if (rowKind === 'there') return carry(row, 'folder');
    list.hide();
    await vscode.commands.executeCommand(
      'vscode.diff',
      boardUri(board, path),
      vscode.Uri.file(local.fileFor(path)),
      `${path} (${board.name} ↔ folder)`,
    );
  };
  const told = (work: Promise<void>): void =>
    void work.catch((error: unknown) => tellError(services, error, board, undefined));

  list.title = t('{rows} between {board} and its folder', {
    rows: count(rows.length),
    board: board.name,
  });
  list.placeholder = t('Enter: see the difference, or carry the file to where it is missing');
  list.matchOnDescription = true;
  // A question about a row must not end the list.
  list.ignoreFocusOut = true;
  list.onDidAccept(() => {
    const [row] = list.activeItems;
    if (row?.path !== undefined) told(choose(row));
  });
  list.onDidTriggerItemButton(({ item, button }) => told(carry(item, (button as Carry).to)));
  list.onDidHide(() => list.dispose());
  draw();
  list.show();
}

function rowsOf(board: Board, { differs, onlyHere, onlyThere }: Difference): Row[] {
  const toBoard: Carry = {
    iconPath: icon('cloud-upload'),
    tooltip: t('Put it on {board}', { board: board.name }),
    to: 'board',
  };
  const toFolder: Carry = {
    iconPath: icon('cloud-download'),
    tooltip: t('Get it into the folder'),
    to: 'folder',
  };
  const row = (rowKind: Kind, path: string, description: string, buttons: Carry[]): Row => ({
    label: `$(${{ differs: 'diff', here: 'add', there: 'circuit-board' }[rowKind]}) ${path}`,
    description,
    path,
    rowKind,
    buttons,
  });
  return [
    ...differs.map((path) => row('differs', path, 'differs', [toBoard, toFolder])),
    ...onlyHere.map((path) => row('here', path, t('only in the folder'), [toBoard])),
    ...onlyThere.map(({ path, size }) =>
      row(
        'there',
        path,
        t('only on {board} · {size}', { board: board.name, size: formatBytes(size) }),
        [toFolder],
      ),
    ),
  ];
}

function withHeadings(board: Board, rows: readonly Row[]): Row[] {
  const headings: Record<Kind, string> = {
    differs: t('Differs'),
    here: t('Only in the folder'),
    there: t('Only on {board}', { board: board.name }),
  };
  return (['differs', 'here', 'there'] as const).flatMap((kind) => {
    const inside = rows.filter(({ rowKind }) => rowKind === kind);
    const heading = { label: headings[kind], kind: vscode.QuickPickItemKind.Separator };
    return inside.length > 0 ? [heading, ...inside] : [];
  });
}

function count(differences: number): string {
  return differences === 1 ? t('1 difference') : t('{differences} differences', { differences });
}
