/**
 * The second language in the real window: from VS Code's own language, and asked for by the setting
 * alone, because there is no Vietnamese VS Code of Microsoft's. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { until, windowTest, type Window } from './support';

/** Waits until the conversation speaks Vietnamese, and gives the language its document names. */
async function conversationIn(window: Window): Promise<string> {
  const view = window.conversation();
  await view.getByRole('tab', { name: 'Cuộc trò chuyện' }).waitFor({ timeout: 60_000 });
  await view.getByText('Hai bo mạch, một cuộc trò chuyện').waitFor({ timeout: 30_000 });
  return (await view.locator('html').getAttribute('lang')) ?? '';
}

windowTest(
  'in a Vietnamese VS Code: views, commands, messages and the webview',
  { locale: 'vi' },
  async (window) => {
    await window.openSidebar();
    await window.page.getByText('Hai bo mạch ESP32, từ trắng tinh').first().waitFor();
    assert.equal(await conversationIn(window), 'vi');
    await window.run('Parley: Thêm hai bo mạch ảo');
    await window.notification('trắng tinh như mới mua', 60_000);
    await until('the boards’ states', async () =>
      (await window.treeRows()).some((row) => row.includes('ESP32 ảo')),
    );
    await window.screenshot('language-vi');
    assert.deepEqual(window.problems(), []);
  },
);

windowTest(
  'in an English VS Code parley.language makes what Parley says Vietnamese',
  { settings: { 'parley.language': 'vi' } },
  async (window) => {
    await window.openSidebar();
    assert.equal(await conversationIn(window), 'vi');
    assert.ok((await window.offers('Parley: Start')).includes('Parley: Start Broker'));
    assert.deepEqual(window.problems(), []);
  },
);
