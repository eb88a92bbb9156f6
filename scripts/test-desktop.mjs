/**
 * `npm run test:desktop`: the same extension tests in a desktop VS Code, downloaded by
 * @vscode/test-electron. Pending, with a sentence, where it cannot be downloaded.
 * Below: extensionBundle.mjs. Above: nobody; CI uses `npm test`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Counts, sayStage } from './lib/counts.mjs';
import { bundleExtensionTests, readResults } from './lib/extensionBundle.mjs';
import { ensureBuilt, ensureModules, requireNode } from './lib/install.mjs';
import { root } from './lib/paths.mjs';
import { say } from './lib/say.mjs';

/** How long the download of VS Code may take before it counts as impossible here. */
const downloadMs = 5 * 60_000;

async function main() {
  requireNode();
  await ensureModules();
  await ensureBuilt();
  const counts = new Counts();
  const began = Date.now();
  const { index } = await bundleExtensionTests();
  const { downloadAndUnzipVSCode, runTests } = await import('@vscode/test-electron');
  const vscodeExecutablePath = await download(downloadAndUnzipVSCode).catch((error) => {
    counts.skip(
      'desktop VS Code',
      `it could not be downloaded (${error.message}); npm test runs the same tests in code-server`,
    );
  });
  if (vscodeExecutablePath) await inDesktop(runTests, vscodeExecutablePath, index, counts);
  sayStage('desktop', counts, Date.now() - began);
  say(counts.line);
  return counts.failures.length > 0 ? 1 : 0;
}

function download(downloadAndUnzipVSCode) {
  const late = new Promise((_, reject) => {
    const sentence = `nothing after ${downloadMs / 60_000} minutes`;
    setTimeout(() => reject(new Error(sentence)), downloadMs).unref();
  });
  return Promise.race([
    downloadAndUnzipVSCode({ cachePath: path.join(root, '.vscode-test') }),
    late,
  ]);
}

async function inDesktop(runTests, vscodeExecutablePath, index, counts) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ply-'));
  const results = path.join(folder, 'results.jsonl');
  const workspace = path.join(folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(results, '');
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: root,
      extensionTestsPath: index,
      extensionTestsEnv: { PARLEY_TEST_RESULTS: results },
      launchArgs: [
        workspace,
        '--user-data-dir',
        path.join(folder, 'user'),
        '--disable-workspace-trust',
      ],
    }).catch((error) => say(error.message)); // the results say which test it was
    readResults(readFileSync(results, 'utf8'), counts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main()
  .catch((error) => {
    say(error.message);
    return 1;
  })
  .then((code) => process.exit(code));
