/**
 * Runs test/extension inside the extension host of a real VS Code: code-server on loopback, its
 * page in headless Chromium, the project as the extension under development.
 * Below: realVscode.mjs, browser.mjs, extensionBundle.mjs. Above: test.mjs.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { launchBrowser, remoteUri, windowAddress } from './browser.mjs';
import { Counts, secondAttempt } from './counts.mjs';
import { bundleExtensionTests, readResults } from './extensionBundle.mjs';
import { artifacts, root } from './paths.mjs';
import { atEnd } from './processes.mjs';
import { startCodeServer } from './realVscode.mjs';

/** More failures than these are no accident, and the tests are not run again. */
const againFailures = 3;

/**
 * @param {{ deadlineMs: number, grep?: string, project?: string }} options `project`: the extension's folder
 * @returns {Promise<Counts>}
 */
export async function runExtensionTests(options) {
  const first = await runOnce(options);
  const { length } = first.failures;
  if (length === 0 || length > againFailures) return first;
  return secondAttempt(first, await runOnce(options));
}

async function runOnce({ deadlineMs, grep, project = root }) {
  const counts = new Counts();
  const { index, tests } = await bundleExtensionTests();
  if (tests.length === 0) return counts;
  const folder = mkdtempSync('/tmp/ply-');
  const forget = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const kept = path.join(artifacts, 'extension');
  const results = path.join(folder, 'results.jsonl');
  const workspace = path.join(folder, 'workspace');
  mkdirSync(workspace);
  mkdirSync(kept, { recursive: true });
  writeFileSync(results, '');

  let noise = '';
  let server;
  let browser;
  let page;
  let timer;
  try {
    server = await startCodeServer({
      folder,
      extension: false, // it comes as the extension under development
      testDriver: true,
      env: { PARLEY_TEST_RESULTS: results, PARLEY_TEST_GREP: grep ?? '' },
      onOutput: (text) => (noise += text),
    });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const { port } = server;
    const exited = new Promise((resolve) => {
      timer = setTimeout(resolve, deadlineMs, 'deadline');
      void page.exposeFunction('codeAutomationLog', (type, args) => {
        noise += `[${type}] ${format(...args)}\n`;
      });
      void page.exposeFunction('codeAutomationExit', (code) => resolve(code));
      page.once('close', () => resolve('page closed'));
      page.once('crash', () => resolve('page crashed'));
    });
    await page.goto(
      windowAddress(port, workspace, [
        ['extensionDevelopmentPath', remoteUri(port, project)],
        ['extensionTestsPath', remoteUri(port, index)],
      ]),
      { timeout: 60_000 },
    );
    const how = await exited;
    const ended = readResults(readFileSync(results, 'utf8'), counts);
    if (!ended) {
      await page.screenshot({ path: path.join(kept, 'stopped.png') }).catch(() => undefined);
      const why = how === 'deadline' ? `Not done after ${deadlineMs / 1000} s.` : `Exit: ${how}.`;
      counts.fail('extension host', `${why}\n${noise.trim().split('\n').slice(-40).join('\n')}`);
    } else if (how !== 0 && counts.failures.length === 0) {
      counts.fail('extension host', `The tests passed, but the host ended with ${how}.`);
    }
  } catch (error) {
    counts.fail(
      'extension host',
      `${error.stack}\n${noise.trim().split('\n').slice(-40).join('\n')}`,
    );
  } finally {
    clearTimeout(timer);
    await browser?.close().catch(() => undefined);
    await server?.stop();
    writeFileSync(path.join(kept, 'console.log'), noise);
    const logs = path.join(folder, 'user/logs');
    if (counts.failures.length > 0 && existsSync(logs)) {
      cpSync(logs, path.join(kept, 'logs'), { recursive: true });
    }
    forget();
    rmSync(folder, { recursive: true, force: true });
  }
  return counts;
}
