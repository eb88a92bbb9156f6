/**
 * Makes test/extension into out/test/extension: CommonJS, one file a test, as VS Code's test hosts
 * want it. Below: esbuild. Above: extensionTests.mjs, test-desktop.mjs.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { findFiles } from './files.mjs';
import { out, root } from './paths.mjs';

/** @returns {Promise<{ index: string, tests: string[] }>} what extensionTestsPath is, and the tests found */
export async function bundleExtensionTests() {
  const { build } = await import('esbuild');
  const folder = path.join(root, 'test/extension');
  const target = path.join(out, 'test/extension');
  const tests = findFiles(folder, (file) => file.endsWith('.test.ts'));
  rmSync(target, { recursive: true, force: true });
  await build({
    entryPoints: [path.join(folder, 'index.ts'), ...tests],
    outdir: target,
    outbase: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    packages: 'external', // they resolve from the project's node_modules, mocha among them
    logLevel: 'silent',
  });
  return { index: path.join(target, 'index'), tests };
}

/**
 * Reads what test/extension/index.ts wrote, one JSON object a line, into counts.
 * @param {import('./counts.mjs').Counts} counts
 * @returns {boolean} whether the run came to its end
 */
export function readResults(text, counts) {
  let running;
  let ended = false;
  for (const line of text.split('\n').filter(Boolean)) {
    const result = JSON.parse(line);
    if (result.event === 'start') running = result.name;
    else running = undefined;
    if (result.event === 'pass') counts.pass(result.name);
    if (result.event === 'fail') counts.fail(result.name, result.error, result.file);
    if (result.event === 'pending') counts.skip(result.name, result.reason);
    if (result.event === 'end') ended = true;
  }
  if (!ended) {
    counts.fail(
      'extension tests',
      running ? `They stopped in "${running}".` : 'They never came to their end.',
    );
  }
  return ended;
}
