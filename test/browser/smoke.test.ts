/**
 * The window opens with Parley in it, installed as `npm start` installs it. Below: support.ts.
 * Above: npm test.
 */
import assert from 'node:assert/strict';
import { windowTest } from './support';

windowTest('a window opens with Parley installed and without an error', {}, async (window) => {
  await window.run('Developer: Show Running Extensions');
  const row = window.page.locator('.runtime-extensions-editor .monaco-list-row', {
    hasText: 'Parley',
  });
  await row.first().waitFor({ timeout: 30_000 });
  const text = await row.first().innerText();
  assert.match(text, /parley/i);
  assert.doesNotMatch(text, /uncaught error|unresponsive/i);
  assert.deepEqual(window.problems(), []);
  await window.screenshot('smoke');
});
