/**
 * `npm run package`: a .vsix that can be installed, for this computer's platform or for all.
 * Below: scripts/lib/extensionPackage.mjs. Above: whoever releases, and the test that installs it.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  ensureVsce,
  ownTarget,
  packExtension,
  partsList,
  targets,
} from './lib/extensionPackage.mjs';
import { writeJson } from './lib/files.mjs';
import { ensureBuilt, ensureModules, requireNode } from './lib/install.mjs';
import { out } from './lib/paths.mjs';
import { endOnSignals, finish } from './lib/processes.mjs';
import { say } from './lib/say.mjs';

const usage = `npm run package -- [options]
  --target NAME  the platform: ${Object.keys(targets).join(', ')}
                 (default: this computer's); may be given more than once
  --all          every platform
  --out DIR      where the files go (default out/package)
  --help         this text`;

async function main() {
  requireNode();
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      all: { type: 'boolean' },
      out: { type: 'string', default: path.join(out, 'package') },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    say(usage);
    return 0;
  }
  const chosen = values.all ? Object.keys(targets) : (values.target ?? [ownTarget()]);
  const unknown = chosen.filter((name) => !(name in targets));
  if (unknown.length > 0) {
    throw new Error(`There is no package for ${unknown.join(', ')}. See --help.`);
  }
  await ensureModules();
  await ensureBuilt();
  await ensureVsce();
  const folder = path.resolve(values.out);
  for (const target of chosen) {
    const { file, bytes } = await packExtension(target, folder);
    say(`${path.relative(process.cwd(), file)}  ${(bytes / 1e6).toFixed(2)} MB`);
  }
  const list = path.join(folder, 'parley.cdx.json');
  writeJson(list, await partsList());
  say(`${path.relative(process.cwd(), list)}  what is in it (CycloneDX)`);
  return 0;
}

endOnSignals();
void finish(
  main().catch((error) => {
    say(error.message);
    return 1;
  }),
);
