import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWindow, temporaryFolder, until } from './support';
const folder = temporaryFolder();
mkdirSync(join(folder, '.vscode'));
writeFileSync(
  join(folder, '.vscode', 'settings.json'),
  JSON.stringify({ 'parley.virtualBoards': ['meter'] }),
);
writeFileSync(
  join(folder, 'numbers.py'),
  `import time, math
n = 0
while True:
    n += 1
    print('temp:%.1f hum:%d light:%d free:%d' % (20 + 3*math.sin(n/9), 40 + 5*math.cos(n/14), (n*7)%100, 120000-n*10))
    time.sleep_ms(30)
`,
);
const window = await startWindow({ workspace: folder, size: { width: 1300, height: 850 } });
try {
  await window.openSidebar();
  await window.treeMenu('meter', 'Flash MicroPython…');
  await window.pick(/virtual/i);
  await window.notification(/meter: .*written and verified/, 90_000);
  await window.treeMenu('meter', 'Plot What It Prints');
  await window.plot().getByText('No numbers yet').waitFor({ timeout: 60_000 });
  await window.screenshot('zz-empty');
  await window.openFile('numbers.py');
  await window.run('Parley: Run this File on the Board');
  await window.run('Notifications: Clear All Notifications').catch(() => undefined);
  await window.run('Parley: Plot What It Prints');
  await until('4', async () => (await window.plot().locator('.chip').count()) === 4);
  await window.page.waitForTimeout(4000);
  const file = join(window.state, 'user/User/settings.json');
  for (const [name, theme] of [
    ['dark', 'Default Dark Modern'],
    ['light', 'Default Light Modern'],
    ['hc', 'Default High Contrast'],
    ['hcl', 'Default High Contrast Light'],
  ]) {
    const s = JSON.parse(readFileSync(file, 'utf8'));
    s['workbench.colorTheme'] = theme;
    writeFileSync(file, JSON.stringify(s));
    await window.page.waitForTimeout(2500);
    if (name === 'hc')
      await window.plot().getByRole('button', { name: 'Draw all in one chart' }).click();
    if (name === 'hcl') await window.plot().locator('.chip', { hasText: 'free' }).click();
    await window.page.waitForTimeout(300);
    await window.screenshot(`zz-${name}`);
  }
} finally {
  await window.close();
}
