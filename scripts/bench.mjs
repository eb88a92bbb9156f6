/**
 * `npm run bench`: runs every test/bench/**\/*.bench.ts, one after the other so that they do not
 * disturb each other, and prints what they print. `npm run bench -- words` runs those whose path
 * contains the words. Below: scripts/lib. Above: whoever measures.
 */
import path from 'node:path';
import { short } from './lib/counts.mjs';
import { findFiles } from './lib/files.mjs';
import { ensureBuilt, ensureModules, requireNode } from './lib/install.mjs';
import { root } from './lib/paths.mjs';
import { endOnSignals, finish, run } from './lib/processes.mjs';
import { bold, red, say } from './lib/say.mjs';

/** The longest a bench may take, in milliseconds. */
const deadlineMs = 10 * 60_000;

async function main() {
  requireNode();
  await ensureModules();
  await ensureBuilt();
  const words = process.argv.slice(2);
  const benches = findFiles(path.join(root, 'test/bench'), (file) => file.endsWith('.bench.ts'));
  const chosen = benches.filter((file) => words.every((word) => short(file).includes(word)));
  if (chosen.length === 0) say('There is no such bench.');
  let failed = chosen.length === 0 && words.length > 0 ? 1 : 0;
  for (const file of chosen) {
    say(bold(short(file)));
    const args = ['--import', 'tsx', '--expose-gc', file];
    const { code, timedOut } = await run(process.execPath, args, {
      cwd: root,
      deadlineMs,
      inherit: true,
    });
    if (code === 0) continue;
    failed += 1;
    say(red(timedOut ? `Not done after ${deadlineMs / 60_000} minutes.` : `Ended with ${code}.`));
  }
  return failed > 0 ? 1 : 0;
}

endOnSignals();
void finish(main());
