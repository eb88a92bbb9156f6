/**
 * A virtual board that is not this window's own: it stands at an RFC 2217 address, and the window
 * neither started it nor knows what is on it. And images to flash it with, from the explorer.
 * Below: dist/virtual/main.js. Above: flash, asking and crash.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryFolder, type Window } from './support';

export const IMAGE = 'dist/firmware/parley-virtual-esp32.bin';

/** A board at an RFC 2217 address: to Parley a stranger's, which may hold something dear. */
export async function startFarBoard(): Promise<{
  child: ChildProcess;
  address: string;
  /** What the board has been, in turn: "blank", "bootloader", "unplugged". */
  states: string[];
}> {
  const state = temporaryFolder();
  const args = ['dist/virtual/main.js', '--name', 'far', '--state', state, '--unpaced'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! });
  const states: string[] = [];
  const address = await new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const said = JSON.parse(line) as { event: string; host: string; port: number; state: string };
      if (said.event === 'state') states.push(said.state);
      if (said.event === 'listening') resolve(`rfc2217://${said.host}:${said.port}`);
    });
  });
  return { child, address, states };
}

/** Tells the window of the board and opens the sidebar. @returns the name of its row */
export async function showFarBoard(window: Window, address: string): Promise<string> {
  mkdirSync(join(window.workspace, '.vscode'), { recursive: true });
  const settings = { 'parley.networkBoards': [address] };
  writeFileSync(join(window.workspace, '.vscode', 'settings.json'), JSON.stringify(settings));
  await window.openSidebar();
  const name = address.replace('rfc2217://', '');
  await window.treeRow(name, 60_000);
  return name;
}

/** The explorer's menu of a file. */
export async function explorerMenu(window: Window, file: string, title: string): Promise<void> {
  await window.openSidebar('Explorer');
  await window.treeMenu(file, title);
}

/** An image like the one that comes with Parley, with noise behind it: longer than an instant. */
export function makeOther(file: string): void {
  writeFileSync(file, Buffer.concat([readFileSync(IMAGE), randomBytes(600_000)]));
}
