/**
 * What runs of the command line did: a log and the times of operations, kept in two files beside the
 * virtual boards for `parley diagnostics`. Never a secret, and no argument of a command line.
 * Below: core. Above: session.ts writes, commands/diagnostics.ts reads.
 */
import { appendFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { systemClock } from '../core/clock';
import type { Log } from '../core/log';
import { OperationTimes, type OperationTime } from '../core/operationTimes';

export const LOG_FILE = 'parley.log';
const OPERATIONS_FILE = 'operations.jsonl';
/** A file that has grown past this is cut to its newer half, bytes. */
const MOST = 512 * 1024;
/** Lines of one run that are kept. */
const MOST_LINES = 2000;

export class Journal implements Log {
  readonly times = new OperationTimes(systemClock);
  private readonly lines: string[] = [];

  debug(message: string): void {
    this.add('debug', message);
  }

  info(message: string): void {
    this.add('info', message);
  }

  warn(message: string): void {
    this.add('warn', message);
  }

  error(message: string): void {
    this.add('error', message);
  }

  /** Adds what was written to the files in `folder`. Never fails: a full disk ends no command. */
  async keep(folder: string): Promise<void> {
    const operations = this.times.all.map((time) => JSON.stringify(time));
    try {
      if (operations.length + this.lines.length > 0) await mkdir(folder, { recursive: true });
      await append(path.join(folder, LOG_FILE), this.lines);
      await append(path.join(folder, OPERATIONS_FILE), operations);
    } catch {
      // Nothing hangs on it.
    }
  }

  private add(level: string, message: string): void {
    if (this.lines.length >= MOST_LINES) this.lines.shift();
    this.lines.push(`${new Date().toISOString()} ${level.padEnd(5)} ${message}`);
  }
}

/** The operations of earlier runs, oldest first; what is no operation is left out. */
export async function keptOperations(folder: string): Promise<OperationTime[]> {
  const text = await readFile(path.join(folder, OPERATIONS_FILE), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => parseOperation(line) ?? []);
}

function parseOperation(line: string): OperationTime | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { at, board, operation, seconds, ended } = value as Record<string, unknown>;
  const texts = [at, board, operation, ended].every((text) => typeof text === 'string');
  if (!texts || typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined;
  return { at, board, operation, seconds, ended } as OperationTime;
}

async function append(file: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await appendFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  if ((await stat(file)).size <= MOST) return;
  const text = await readFile(file, 'utf8');
  const half = text.slice(-MOST / 2);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, half.slice(half.indexOf('\n') + 1), { mode: 0o600 });
  await rename(draft, file);
}
