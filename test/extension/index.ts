/**
 * The entry of the tests inside VS Code: runs every *.test.js beside it with mocha and writes one
 * JSON line a result to PARLEY_TEST_RESULTS. Below: runner.ts. Above: code-server's page or
 * @vscode/test-electron, which call run().
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runFiles } from './runner';

/** Every test file under a folder: globs find tests, nobody lists them. */
function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) return testFiles(file);
      return entry.name.endsWith('.test.js') ? [file] : [];
    });
}

/** Rejects when a test failed, as VS Code's test hosts expect it. */
export async function run(): Promise<void> {
  await runFiles(testFiles(__dirname), {
    results: process.env.PARLEY_TEST_RESULTS,
    grep: process.env.PARLEY_TEST_GREP || undefined,
  });
}
