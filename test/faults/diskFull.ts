/**
 * No room: on the board, and on this computer. Below: the board's prompt, tmpfs. Above: faults.ts.
 */
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { quietJob } from '../../src/core/job';
import type { FaultBoard } from './board';

const FILLER = '/filler';

/** Large files, then small ones, until not even one block is left. */
const fill = `
import os
os.mkdir('${FILLER}')
n = 0
for size in (65536, 4096):
  try:
    while True:
      with open('${FILLER}/%d' % n, 'wb') as f: f.write(bytes(size))
      n += 1
  except OSError: n += 1
`;
const clear = `
import os
try:
  for name in os.listdir('${FILLER}'): os.remove('${FILLER}/' + name)
  os.rmdir('${FILLER}')
except OSError: pass # a sync has taken it away
`;

async function exec(board: FaultBoard, code: string): Promise<void> {
  await board.board.withRawRepl('Fill', quietJob(), (repl) =>
    repl.exec(code, quietJob(), { timeoutMs: 60_000 }),
  );
}

export const diskFull = {
  async board(board: FaultBoard): Promise<() => Promise<void>> {
    await exec(board, fill);
    return () => exec(board, clear);
  },

  /** A file system of one page over the folder. @returns what ends it, and says what is left there */
  here(folder: string): () => Promise<string | void> {
    const options = ['-t', 'tmpfs', '-o', 'size=4k', 'parley-full', folder];
    const { status, stderr } = spawnSync('mount', options, { encoding: 'utf8' });
    if (status !== 0) return () => Promise.resolve(`no small disk can be made here: ${stderr}`);
    return async () => {
      const left = (await readdir(folder, { recursive: true })).filter((n) =>
        /\.(parley|part)/.test(n),
      );
      spawnSync('umount', ['-l', folder]);
      if (left.length > 0) return `half files are left: ${left.join(', ')}`;
    };
  },
};
