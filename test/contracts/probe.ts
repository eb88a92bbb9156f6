import { randomBytes } from 'node:crypto';
import { quietJob } from '../../src/core/job';
import { RawRepl } from '../../src/micropython/rawRepl';
import { getAll, hashes, putAll, putFile, readFile } from '../../src/micropython/transfer';
import { readTree } from '../../src/micropython/tree';
import { ls, mkdir, remove, stat } from '../../src/micropython/filesystem';
import { startVirtualBoard, withPrompt } from '../integration/support';
const job = quietJob();
const smallHeap = `
import gc,micropython
_ballast=[]
def _fill(k):
 gc.collect()
 hole=bytearray(8192)
 while k>=64:
  gc.collect()
  try:
   _ballast.append(bytearray(k))
  except MemoryError:
   k//=2
_fill(65536)
`;
async function main() {
  const board = await startVirtualBoard();
  const say = async (repl: RawRepl, what: string) => {
    const t = await repl.exec('gc.collect()\nmicropython.mem_info(1)\nmicropython.qstr_info()', job);
    const lines = t.split(/\r?\n/);
    console.log('==', what, '|', lines.slice(0, 4).join(' | '), lines.at(-2));
    if (process.env.MAP) console.log(lines.slice(4).filter((l) => /\./.test(l)).slice(-40).join('\n'));
  };
  try {
    await withPrompt(board, (repl) => repl.exec('import gc,micropython', job));
    await withPrompt(board, (repl) => say(repl,'before'));
    await withPrompt(board, (repl) => repl.exec(smallHeap, job));
    await withPrompt(board, async (repl) => {
      await say(repl, 'filled');
      await mkdir(repl, '/parley test', job);
      await say(repl, 'mkdir');
      await remove(repl, '/parley test', job);
      await say(repl, 'remove');
      await putFile(repl, '/parley test/x', randomBytes(700), job);
      await say(repl, 'put');
      for (let i = 0; i < 5; i++) await putFile(repl, '/parley test/x', randomBytes(7000), job);
      await say(repl, 'put5');
      await readFile(repl, '/parley test/x', job);
      await say(repl, 'get');
      await ls(repl, '/parley test', job);
      await say(repl, 'ls');
      await readTree(repl, job);
      await say(repl, 'tree');
      await readTree(repl, job, { hashes: true });
      await say(repl, 'tree hashes');
      await hashes(repl, ['/a', '/parley test/x'], job);
      await say(repl, 'hashes');
      for (let i = 0; i < 10; i++) await repl.exec('a' + i + '=1\nprint("str' + i + '")', job);
      await say(repl, 'names');
    });
  } finally {
    await board.stop();
  }
}
main().catch((e) => console.error(e));
