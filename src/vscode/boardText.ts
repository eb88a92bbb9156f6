/**
 * What the window says of a board: one line, a tooltip, the flags its menus look at.
 * Below: board types only; no `vscode`, so plain Node can test it. Above: tree, status bar, picks.
 */
import type { BoardStatus } from '../board/board';
import type { BoardFacts, HardwareFacts } from '../board/facts';
import type { Activity } from '../board/promptWatch';
import { formatBytes } from '../core/rate';
import type { PortInfo } from '../port/port';
import type { Ending } from './programs';
import { t } from '../core/words';
import { operationText } from '../core/operationWords';

/** The part of a Board that is shown. */
export interface ShownBoard {
  readonly id: string;
  readonly name: string;
  readonly virtual: boolean;
  readonly status: BoardStatus;
  readonly busyWith: string | undefined;
  /** Whether it runs a program, as far as anyone has seen. */
  readonly activity?: Activity;
  readonly facts: BoardFacts;
  /** In the Wi-Fi, as far as anyone has told. */
  readonly address?: string | undefined;
  readonly where: PortInfo | undefined;
}

export type BoardKind = 'virtual' | 'usb' | 'network';

export function boardKind(board: Pick<ShownBoard, 'id' | 'virtual' | 'where'>): BoardKind {
  if (board.virtual) return 'virtual';
  const network = board.where?.scheme === 'rfc2217' || board.id.startsWith('rfc2217:');
  return network ? 'network' : 'usb';
}

/** What `progress` of a busy board is, or what its status means, in two or three words. */
export function stateText(board: ShownBoard, progress?: string): string {
  switch (board.status) {
    case 'busy':
      return progress ? `${doing(board)}: ${progress}` : `${doing(board)}…`;
    case 'open':
    case 'idle':
      if (board.activity === 'loader') return t('in its bootloader');
      if (board.activity === 'running') return t('runs a program');
      return board.status === 'open' ? t('REPL open') : t('ready');
    case 'unplugged':
      return board.virtual ? t('not running') : t('not plugged in');
  }
}

/** What a busy board is busy with. */
const doing = ({ busyWith }: ShownBoard): string =>
  busyWith === undefined ? t('busy') : operationText(busyWith);

/** "virtual ESP32 · MicroPython 1.27.0 · ready" */
export function boardDescription(board: ShownBoard, progress?: string): string {
  const state = stateText(board, progress);
  // While it works, the work is the news; a narrow sidebar has no room for both.
  if (board.status === 'busy') return board.virtual ? t('virtual · {state}', { state }) : state;
  const chip = board.facts.chip ?? (board.virtual ? 'ESP32' : undefined);
  return [
    board.virtual ? t('virtual {chip}', { chip }) : (chip ?? board.where?.usb?.bridge),
    softwareText(board.facts),
    board.address,
    state,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** "MicroPython 1.27.0", "no MicroPython", or undefined where it was never looked at. */
export function softwareText(facts: BoardFacts): string | undefined {
  if (facts.micropython === undefined) return undefined;
  return facts.micropython === ''
    ? t('no MicroPython')
    : t('MicroPython {version}', { version: facts.micropython });
}

/** Every fact there is, as label and value, in the order a person asks. */
export function boardDetails(board: ShownBoard): readonly (readonly [string, string])[] {
  const { facts, where } = board;
  const usb = where?.usb;
  const hex = (n: number): string => n.toString(16).padStart(4, '0').toUpperCase();
  const rows: [string, string | undefined][] = [
    [t('Kind'), kindText(boardKind(board))],
    [t('State'), stateText(board)],
    [t('Chip'), facts.model ?? facts.chip],
    [t('Features'), facts.features?.join(', ')],
    [t('Flash'), flashText(facts)],
    [t('Crystal'), facts.crystalMHz === undefined ? undefined : `${facts.crystalMHz} MHz`],
    [t('MAC address'), facts.mac],
    [t('Wi-Fi address'), board.address],
    [t('Software'), softwareText(facts)],
    [t('USB bridge'), usb?.bridge],
    [t('USB VID:PID'), usb && `${hex(usb.vendorId)}:${hex(usb.productId)}`],
    [t('Serial number'), usb?.serialNumber],
    [
      t('Port'),
      where && (where.scheme === 'rfc2217' ? `rfc2217://${where.address}` : where.address),
    ],
  ];
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

/** "4 MB (manufacturer 0x20, device 0x4016)", as esptool splits a flash chip's JEDEC id. */
export function flashText({ flashBytes, flashId }: HardwareFacts): string | undefined {
  const size = flashBytes === undefined ? undefined : formatBytes(flashBytes);
  if (flashId === undefined) return size;
  const hex = (n: number, digits: number): string => `0x${n.toString(16).padStart(digits, '0')}`;
  // The bytes of the answer in the order they came: manufacturer, type, capacity.
  const device = ((flashId >> 8) & 0xff) * 0x100 + ((flashId >> 16) & 0xff);
  const id = t('manufacturer {maker}, device {device}', {
    maker: hex(flashId & 0xff, 2),
    device: hex(device, 4),
  });
  return size === undefined ? t('unknown size ({id})', { id }) : `${size} (${id})`;
}

/** "ESP32-D0WD-V3 (revision 3) · 4 MB flash · 24:6f:28:00:00:01"; undefined before it was asked. */
export function hardwareText(facts: BoardFacts): string | undefined {
  if (facts.model === undefined) return undefined;
  const flash =
    facts.flashBytes === undefined
      ? ''
      : t('{size} flash', { size: formatBytes(facts.flashBytes) });
  return [facts.model, flash, facts.mac].filter(Boolean).join(' · ');
}

function kindText(kind: BoardKind): string {
  switch (kind) {
    case 'virtual':
      return t('virtual board (a process of this computer)');
    case 'usb':
      return t('board on a serial port');
    case 'network':
      return t('board on another computer (RFC 2217)');
  }
}

/**
 * The flags that `when` clauses match against: `board;virtual;idle`, with `;program` while Run has
 * it. The separators let a clause ask for a whole word: `viewItem =~ /;idle/`.
 */
export function boardContextValue(board: ShownBoard, program: boolean): string {
  return ['board', boardKind(board), board.status, ...(program ? ['program'] : [])].join(';');
}

/** The flags of a file's row: `file` or `folder`, and whether it can be changed now. */
export function fileContextValue(kind: 'file' | 'folder', readOnly: boolean): string {
  return `${kind};${readOnly ? 'locked' : 'free'}`;
}

/** The picture of a board in `media`, without its theme; undefined while it is at work. */
export function boardIcon(
  board: Pick<ShownBoard, 'virtual' | 'status' | 'activity'>,
): string | undefined {
  if (board.status === 'busy') return undefined;
  const { activity, status } = board;
  const seen = activity === 'running' || activity === 'loader' ? activity : status;
  return `${board.virtual ? 'virtual' : 'board'}-${status === 'unplugged' ? status : seen}`;
}

/** Name for lists where boards might be mixed up: "machine1 (virtual)", "bench (ttyUSB0)". */
export function fullName(board: Pick<ShownBoard, 'name' | 'virtual' | 'where'>): string {
  if (board.virtual) return t('{board} (virtual)', { board: board.name });
  const address = board.where?.address.replace(/^\/dev\//, '');
  return address && !board.name.includes(address) ? `${board.name} (${address})` : board.name;
}

/** The same where {@link boardDescription} stands beside it, which begins with "virtual". */
export function rowName(board: Pick<ShownBoard, 'name' | 'virtual' | 'where'>): string {
  return board.virtual ? board.name : fullName(board);
}

/** "a", "a and b", "a, b and c". */
export function listText(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return t('{names} and {last}', { names: names.slice(0, -1).join(', '), last: names.at(-1) });
}

/** Short text of the status bar's board item, or undefined when there is nothing to say. */
export function boardStatusText(boards: readonly ShownBoard[]): string | undefined {
  const plugged = boards.filter((board) => board.status !== 'unplugged');
  // A running program has an item of its own, with Stop behind it.
  const busy = plugged.filter((board) => board.status === 'busy' && board.busyWith !== 'Run');
  if (busy.length === 1) return `$(sync~spin) ${busy[0]!.name}: ${doing(busy[0]!)}`;
  if (busy.length > 1) return t('$(sync~spin) {busy} boards busy', { busy: busy.length });
  if (plugged.length === 1) return `$(circuit-board) ${plugged[0]!.name}`;
  if (plugged.length > 1)
    return t('$(circuit-board) {plugged} boards', { plugged: plugged.length });
  return boards.length > 0 ? t('$(circuit-board) unplugged') : undefined;
}

/** How a program ended, in the status bar: "$(check) main.py ended, 1.2 s", "$(error) main.py OSError". */
export function endingText({ fileName, state, tookMs, error }: Ending): string {
  const icon = { ended: '$(check)', error: '$(error)', stopped: '$(debug-stop)' }[state];
  const seconds = tookMs < 10_000 ? (tookMs / 1000).toFixed(1) : String(Math.round(tookMs / 1000));
  const ends = {
    ended: t('ended, {seconds} s', { seconds }),
    stopped: t('stopped, {seconds} s', { seconds }),
  };
  const how = state === 'error' ? (error?.split(':')[0] ?? t('error')) : ends[state];
  return `${icon} ${fileName} ${how}`;
}
