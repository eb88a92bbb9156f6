/**
 * `npm run deadcode`: files, exports and packages that nothing uses, found by knip (knip.json). It is
 * installed on first use into scripts/knip, so that nobody else waits for it.
 * Below: scripts/lib, knip. Above: a maintainer, before a release.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureModules, requireNode } from './lib/install.mjs';
import { modulesMatch, npm } from './lib/npm.mjs';
import { root } from './lib/paths.mjs';
import { endOnSignals, finish, run } from './lib/processes.mjs';
import { say, step } from './lib/say.mjs';

const folder = path.join(root, 'scripts', 'knip');

async function main() {
  requireNode();
  await ensureModules();
  const program = path.join(folder, 'node_modules/knip/bin/knip.js');
  if (!modulesMatch(folder) || !existsSync(program)) {
    await step('Installing knip', () =>
      npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder).then(() => undefined),
    );
  }
  const args = [program, '--no-progress', '--directory', root, ...process.argv.slice(2)];
  const { code } = await run(process.execPath, args, { cwd: root, inherit: true });
  if (code === 0) say('Everything is used.');
  return code;
}

endOnSignals();
void finish(
  main().catch((error) => {
    say(error.message);
    return 1;
  }),
);
