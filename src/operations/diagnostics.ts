/**
 * Collect Diagnostics: one archive with what a maintainer asks for, and nothing that is nobody's
 * business. Below: core, fflate (zip). Above: the command of the window and `parley diagnostics`.
 */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { BoardError } from '../core/errors';
import { operationsText, type OperationTime } from '../core/operationTimes';
import { withoutPrivate, withoutSecretKeys, type Private } from '../core/redact';
import { t } from '../core/words';

export interface Diagnostics {
  /** "Parley 0.1.0", "VS Code 1.105.0". */
  readonly versions: readonly string[];
  /** A line for each port. */
  readonly ports: readonly string[];
  /** A line for each board. */
  readonly boards: readonly string[];
  readonly operations: readonly OperationTime[];
  /** `parley.*` as it is set, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Logs by file name. */
  readonly logs: Readonly<Record<string, string>>;
  /** More texts by file name ("broker.txt"). */
  readonly more?: Readonly<Record<string, string>>;
}

/** How much of the end of a log goes into the archive, bytes. */
export const LOG_TAIL = 512 * 1024;
/** Settings that are a person's own words, or tell where they live: only how long they are. */
const OWN_WORDS: readonly string[] = ['wifi.ssid', 'conversation.templates', 'virtual.ssid'];

/** A call, so that it is in the language of whoever sends it. */
const readme = (): string =>
  t(`Diagnostics of Parley. Look through these files before you send them to anyone.

versions.txt    programs and operating system
ports.txt       serial ports, without the serial numbers of USB bridges
boards.txt      boards and what is known of them
operations.txt  the last operations, their times and how they ended (codes: docs/errors.md)
settings.json   Parley's settings that are not the default; your own words only by their length
log/            the end of each log

Left out: passwords and tokens, the device's half of each MAC address, your home folder's name,
user names in addresses, what boards said to each other, and files of boards and workspaces.
`);

/** The files of the archive by name, each without what is private. */
export function diagnosticFiles(from: Diagnostics, hide: Private): Record<string, string> {
  const lines = (all: readonly string[]): string => `${all.join('\n') || '(none)'}\n`;
  const settings = Object.fromEntries(
    Object.entries(from.settings).map(([name, value]) => [name, shownSetting(name, value)]),
  );
  const files: Record<string, string> = {
    'versions.txt': lines(from.versions),
    'ports.txt': lines(from.ports),
    'boards.txt': lines(from.boards),
    'operations.txt': operationsText(from.operations),
    'settings.json': `${JSON.stringify(settings, undefined, 2)}\n`,
    ...from.more,
  };
  for (const [name, text] of Object.entries(from.logs)) files[`log/${path.basename(name)}`] = text;
  for (const [name, text] of Object.entries(files)) files[name] = withoutPrivate(text, hide);
  return { 'README.txt': readme(), ...files };
}

/** What of a setting may be shown. */
function shownSetting(name: string, value: unknown): unknown {
  if (!OWN_WORDS.includes(name)) return withoutSecretKeys(value);
  if (typeof value === 'string') return `(${value.length} characters)`;
  return Array.isArray(value) ? `(${value.length} entries)` : '(set)';
}

/**
 * Writes the archive; a file of that name is replaced once the new one is whole.
 * @throws BoardError file-not-written
 */
export async function writeDiagnostics(
  file: string,
  from: Diagnostics,
  hide: Private,
): Promise<string[]> {
  const files = diagnosticFiles(from, hide);
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  const bytes = zipSync(Object.fromEntries(entries), { level: 9 });
  const draft = `${file}.${process.pid}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BoardError('file-not-written', `cannot write ${file}`, {
      cause,
      details: { file, reason },
    });
  }
  return Object.keys(files);
}

/** A name that sorts by time: "parley-diagnostics-2026-11-29-1438.zip". */
export function archiveName(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `parley-diagnostics-${day}-${two(now.getHours())}${two(now.getMinutes())}.zip`;
}

/** The end of each `*.log` in `folder`, by name; none where there is no such folder. */
export async function logTails(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.log')) continue;
    const text = await tail(path.join(folder, name)).catch(() => undefined);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** The last {@link LOG_TAIL} bytes of a file, from the beginning of a line. */
export async function tail(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - LOG_TAIL);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const text = buffer.subarray(0, bytesRead).toString();
    return from === 0 ? text : `…\n${text.slice(text.indexOf('\n') + 1)}`;
  } finally {
    await handle.close();
  }
}
