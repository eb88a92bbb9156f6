/**
 * What a command is called with: from a tree row, an editor, the explorer, a keybinding or a test.
 * Below: nothing of `vscode` but shapes. Above: commands.ts. Anything not understood is left out.
 */

/**
 * The options a keybinding or another extension may pass (the only argument). Giving one answers
 * the question that would be asked for it.
 */
export interface CommandOptions {
  /** Name or id of the board. */
  readonly board?: string;
  /** Names or ids of several boards, to flash them all. */
  readonly boards?: readonly string[];
  /** Absolute path of a file: an image to flash, a program to run, a file to put. */
  readonly file?: string;
  /** Where in the flash an image goes, bytes; a multiple of 4096. */
  readonly offset?: number;
  /** Absolute path of a folder: to put, or to get into. */
  readonly folder?: string;
  /** Path of a file or folder on the board: "/lib/x.py". */
  readonly path?: string;
  /** Line in a file, 1 or more. */
  readonly line?: number;
  /** New name (rename, add), topic or payload of a message, an SSID, an rfc2217 address. */
  readonly name?: string;
  /** Add a Virtual Board: "ESP32", "ESP32-S3", "ESP32-C3". */
  readonly chip?: string;
  readonly topic?: string;
  readonly payload?: string;
  readonly address?: string;
  readonly retain?: boolean;
  /** Values for this one time, over the settings; `password` goes nowhere else. */
  readonly ssid?: string;
  readonly password?: string;
  readonly host?: string;
  /** Choose the Broker: kind, address and user name. `url` is also that of an image to flash. */
  readonly kind?: string;
  readonly url?: string;
  readonly username?: string;
  /** Who may reach the broker: "computer", "password", "tls" or "open". */
  readonly reach?: string;
  /** 0 to 65535; 0 is any free port. */
  readonly port?: number;
  /** How fast a recording is replayed, 1 to 100. */
  readonly speed?: number;
  /** Erase the flash before an image is written. */
  readonly eraseFirst?: boolean;
  /** Names of real boards that may be wiped. */
  readonly wipe?: readonly string[];
  /** Paths on the board that Sync may delete where only the board has them: "old.py". */
  readonly remove?: readonly string[];
  /** True answers yes to "are you sure". */
  readonly confirm?: boolean;
  /** True: a failure is thrown to the caller (message: the sentence) and not shown. */
  readonly throws?: boolean;
}

const texts = [
  'board',
  'file',
  'folder',
  'path',
  'name',
  'chip',
  'topic',
  'payload',
  'address',
  'ssid',
  'password',
  'host',
  'kind',
  'url',
  'username',
  'reach',
] as const;
const flags = ['retain', 'eraseFirst', 'confirm', 'throws'] as const;

/** The options in `value`: known names of the right type, everything else dropped. */
export function parseOptions(value: unknown): CommandOptions {
  if (typeof value !== 'object' || value === null) return {};
  const given = value as Record<string, unknown>;
  const options: Record<string, unknown> = {};
  for (const key of texts) if (typeof given[key] === 'string') options[key] = given[key];
  for (const key of flags) if (typeof given[key] === 'boolean') options[key] = given[key];
  const { port, wipe, remove, offset, speed, boards, line } = given;
  if (typeof speed === 'number' && speed >= 1 && speed <= 100) options['speed'] = speed;
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535) {
    options['port'] = port;
  }
  if (typeof offset === 'number' && Number.isInteger(offset) && offset >= 0) {
    options['offset'] = offset;
  }
  const names = (list: unknown[]): unknown[] => list.filter((name) => typeof name === 'string');
  if (Array.isArray(wipe)) options['wipe'] = names(wipe);
  if (Array.isArray(remove)) options['remove'] = names(remove);
  if (Array.isArray(boards)) options['boards'] = names(boards);
  if (typeof line === 'number' && Number.isInteger(line) && line >= 1) options['line'] = line;
  return options;
}
