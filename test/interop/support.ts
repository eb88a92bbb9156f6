/**
 * Virtual boards for programs that are not ours, and those programs.
 * Below: dist/virtual/main.js, Debian's Python. Above: the tests of this folder.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's, which has python3-serial; not one of a version manager. */
export const PYTHON = '/usr/bin/python3';
export const MAIN = 'dist/virtual/main.js';

export interface InteropBoard {
  /** The TCP port of its RFC 2217 server, on 127.0.0.1. */
  readonly port: string;
  readonly mac: string;
}

export interface InteropBoardOptions {
  /** MicroPython is in the flash from the start. */
  readonly flashed?: boolean;
  /** More of its command line. */
  readonly flags?: readonly string[];
}

/** A board for the length of `body`. */
export async function withBoard<T>(
  options: InteropBoardOptions,
  body: (board: InteropBoard) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'parley-interop-'));
  try {
    if (options.flashed) writeFileSync(join(dir, 'flash.bin'), flashedChip());
    const args = [MAIN, '--name', 'machine1', '--state', dir, ...(options.flags ?? [])];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    try {
      return await body(await addressOf(createInterface({ input: child.stdout })));
    } finally {
      child.stdin.end();
      await gone;
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What a program printed. Rejects with what it said when it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: { timeoutMs?: number; env?: Record<string, string>; input?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      timeout: options.timeoutMs ?? 120_000,
      env: { ...process.env, ...options.env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes) => (out += bytes));
    child.stderr.on('data', (bytes) => (err += bytes));
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0
        ? resolve(out)
        : reject(new Error(`${program} ended with ${status}: ${err || out}`)),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

export function runPython(args: readonly string[]): Promise<string> {
  return run(PYTHON, args);
}

async function addressOf(lines: AsyncIterable<string>): Promise<InteropBoard> {
  for await (const line of lines) {
    const event = JSON.parse(line) as { event: string; port?: number; mac?: string };
    if (event.event === 'listening') return { port: `${event.port}`, mac: event.mac! };
    throw new Error(line);
  }
  throw new Error('the board ended before it listened');
}

/** 4 MiB with the image of the build at 0x1000. */
function flashedChip(): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'parley-image-'));
  const file = join(dir, 'image.bin');
  execFileSync(process.execPath, ['scripts/makeVirtualImage.mjs', file]);
  const flash = Buffer.alloc(0x40_0000, 0xff);
  readFileSync(file).copy(flash, 0x1000);
  rmSync(dir, { recursive: true });
  return flash;
}
