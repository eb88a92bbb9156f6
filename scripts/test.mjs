/**
 * `npm test`: brings what the tests need, runs every stage, ends with one line of counts.
 * `npm test -- unit contracts` runs those stages; `--grep words` only the tests so named.
 * Below: scripts/lib. Above: .ci/run and whoever changes something.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Counts, sayStage } from './lib/counts.mjs';
import { ensureDebianPackages } from './lib/debian.mjs';
import { runExtensionTests } from './lib/extensionTests.mjs';
import { findFiles } from './lib/files.mjs';
import { ensureBuilt, ensureModules, requireNode } from './lib/install.mjs';
import { runNodeTests } from './lib/nodeTests.mjs';
import { artifacts, root } from './lib/paths.mjs';
import { endOnSignals, finish, run } from './lib/processes.mjs';
import { ensureRealVscode } from './lib/realVscode.mjs';
import { elapsed, say, seconds } from './lib/say.mjs';

const minute = 60_000;
const bin = (name) => path.join(root, 'node_modules', name);
const tests = (...folders) =>
  folders.flatMap((folder) =>
    findFiles(path.join(root, folder), (file) => /\.test\.(ts|mjs)$/.test(file)),
  );

/** A program that passes or fails as a whole: counts one. */
const check = (title, script, ...args) => ({
  needs: [],
  run: async () => {
    const counts = new Counts();
    const { code, timedOut, output } = await run(process.execPath, [bin(script), ...args], {
      cwd: root,
      deadlineMs: 5 * minute,
    });
    if (code === 0) counts.pass(title);
    else counts.fail(title, timedOut ? 'Not done after 5 minutes.' : output.trim());
    return counts;
  },
});

/** node:test files found in folders. */
const files = (needs, folders, options) => ({
  needs,
  run: (grep) => runNodeTests(tests(...folders), { grep, again: true, ...options }),
});

/** Every stage, in order. `needs` names what has to be brought first (the packages always are). */
const stages = {
  format: check('prettier --check .', 'prettier/bin/prettier.cjs', '--check', '.'),
  lint: check('eslint .', 'eslint/bin/eslint.js', '.'),
  types: { ...check('tsc', 'typescript/bin/tsc', '--noEmit', '-p', '.'), needs: ['vscode'] },
  build: { needs: [], run: build },
  unit: files([], ['src', 'media', 'scripts', 'test/fuzz'], {
    deadlineMs: 15 * minute,
    fileMs: 2 * minute,
  }),
  contracts: files(['debian', 'build'], ['test/contracts'], {
    deadlineMs: 15 * minute,
    fileMs: 4 * minute,
  }),
  interop: files(['debian', 'build'], ['test/interop'], {
    deadlineMs: 15 * minute,
    fileMs: 4 * minute,
  }),
  integration: files(['debian', 'build'], ['test/integration'], {
    deadlineMs: 15 * minute,
    fileMs: 4 * minute,
  }),
  hardware: files(['build'], ['test/hardware'], {
    deadlineMs: 10 * minute,
    concurrency: 1,
    again: false, // what a real board does once in a while is what such a test is for
  }),
  extension: {
    needs: ['debian', 'vscode', 'build'],
    run: (grep) => runExtensionTests({ deadlineMs: 8 * minute, grep }),
  },
  browser: files(['debian', 'vscode', 'build'], ['test/browser'], {
    deadlineMs: 25 * minute,
    fileMs: 8 * minute,
    concurrency: 1,
  }),
};

/** What stages need, brought once. */
const supplies = {
  debian: ensureDebianPackages,
  vscode: ensureRealVscode,
  build: () => ensureBuilt(),
};

async function build() {
  const counts = new Counts();
  try {
    await ensureBuilt({ quiet: true });
    counts.pass('npm run build');
  } catch (error) {
    counts.fail('npm run build', error.message);
  }
  return counts;
}

/** Brings what the chosen stages need. @returns the sentences of what could not be brought, by name */
async function bring(names) {
  const missing = new Map();
  for (const name of ['debian', 'vscode']) {
    if (!names.some((stage) => stages[stage].needs.includes(name))) continue;
    try {
      await supplies[name]();
    } catch (error) {
      missing.set(name, error.message);
      say(error.message);
    }
  }
  const buildNow = names.some((stage) => stages[stage].needs.includes('build'));
  if (buildNow && !names.includes('build')) {
    await ensureBuilt().catch((error) => say(error.message));
  }
  return missing;
}

async function main() {
  requireNode();
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const all = Object.keys(stages);
  const unknown = positionals.filter((name) => !all.includes(name));
  if (values.help || unknown.length > 0) {
    if (unknown.length > 0) say(`There is no stage ${unknown.join(', ')}.`);
    say(`npm test -- [--grep words] [${all.join(' | ')}] …`);
    return unknown.length > 0 ? 2 : 0;
  }
  const chosen = positionals.length > 0 ? all.filter((n) => positionals.includes(n)) : all;
  if (positionals.length === 0) rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });

  await ensureModules();
  const missing = await bring(chosen);
  const total = new Counts();
  // Where a stage cannot have what it needs, its own tests say so one by one, as failures or as
  // skips with a reason. That it could not be brought is a failure as well: CI must not be green.
  for (const [name, text] of missing) total.fail(`bringing ${name}`, text);
  for (const name of chosen) {
    const began = Date.now();
    let counts;
    try {
      counts = await stages[name].run(values.grep);
    } catch (error) {
      counts = new Counts();
      counts.fail(name, error.stack ?? String(error));
    }
    sayStage(name, counts, Date.now() - began);
    total.add(counts);
  }
  say(`Took ${seconds(elapsed())}.`);
  say(total.line);
  return total.failures.length > 0 ? 1 : 0;
}

endOnSignals();
void finish(
  main().catch((error) => {
    say(error.message);
    say('0 passed, 1 failed, 0 skipped');
    return 1;
  }),
);
