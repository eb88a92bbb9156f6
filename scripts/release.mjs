/**
 * `npm run release -- 0.2.0`: sets the version, closes the changelog's section, commits, tags and
 * packs a .vsix for every platform. It refuses where vulnerabilities are known or could not be asked
 * about; it pushes and publishes nothing, and says what is left to do. `--dry-run` says what would be
 * done. Below: git, lib/release.mjs, lib/audit.mjs, package.mjs. Above: a maintainer.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { auditAll, auditProblem } from './lib/audit.mjs';
import { root } from './lib/paths.mjs';
import { endOnSignals, finish } from './lib/processes.mjs';
import { closeSection, problemOf, withVersion } from './lib/release.mjs';
import { say } from './lib/say.mjs';

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const file = (name) => path.join(root, name);

async function main() {
  const { values, positionals } = parseArgs({
    options: { 'dry-run': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [version] = positionals;
  if (values.help || !version) {
    say('npm run release -- VERSION [--dry-run]');
    return version || values.help ? 0 : 2;
  }
  const changelog = readFileSync(file('CHANGELOG.md'), 'utf8');
  const problem = problemOf({
    version,
    changelog,
    before: JSON.parse(readFileSync(file('package.json'), 'utf8')).version,
    dirty: git('status', '--porcelain') !== '',
    tags: git('tag', '--list').split('\n'),
  });
  if (problem) {
    say(problem);
    return 1;
  }
  const unclean = auditProblem(await auditAll());
  if (unclean) {
    say(unclean);
    return 1;
  }
  const day = new Date().toISOString().slice(0, 10);
  if (values['dry-run']) {
    say(`Would set ${version}, date the changelog ${day}, commit, tag v${version}, and pack.`);
    return 0;
  }
  for (const name of ['package.json', 'package-lock.json']) {
    writeFileSync(file(name), withVersion(readFileSync(file(name), 'utf8'), version));
  }
  writeFileSync(file('CHANGELOG.md'), closeSection(changelog, version, day));
  git('commit', '-am', `Parley ${version}`);
  git('tag', `v${version}`);
  execFileSync(process.execPath, ['scripts/package.mjs', '--all'], { cwd: root, stdio: 'inherit' });
  say(`Tagged v${version}; the packages are in out/package. To do: try one, then push the tag,`);
  say('make the release on GitHub with the packages and parley.cdx.json, and publish them (vsce).');
  return 0;
}

endOnSignals();
void finish(
  main().catch((error) => {
    say(error.message);
    return 1;
  }),
);
