/**
 * What Parley adds to the start of a window: the time VS Code takes to load and activate it in the
 * extension host, beside an extension that does nothing, and the size of what is loaded for it.
 * `npm run bench -- activation [rounds]`. Below: test/browser. Above: whoever measures.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { linkExtension } from '../../scripts/lib/realVscode.mjs';
import { startWindow, temporaryFolder, until } from '../browser/support';

/** What Parley may take more than an extension that does nothing, ms, and its bundle in bytes. */
const MOST_MS = 150;
const MOST_BYTES = 1_000_000;
const ROUNDS = 3;

/** An extension that does nothing, when Parley does something. */
function nothing(folder: string): string {
  mkdirSync(folder);
  const manifest = {
    ...{ name: 'nothing', publisher: 'parley', version: '0.0.1', main: './main.js' },
    ...{ engines: { vscode: '^1.100.0' }, activationEvents: ['onStartupFinished'] },
  };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'main.js'), 'exports.activate = () => undefined;');
  return folder;
}

/** Milliseconds of each activation, as "Show Running Extensions" has them, by extension. */
async function measure(scratch: string, round: number): Promise<Record<string, number>> {
  const state = path.join(scratch, `s${round}`);
  linkExtension(path.join(state, 'exts'), path.join(scratch, 'nothing'));
  const window = await startWindow({ state, fresh: false });
  try {
    // Opened before the extensions are there, the list stays empty.
    await until('the extensions are activated', async () => {
      const bar: string = await window.page.locator('.statusbar').innerText();
      return !bar.includes('Activating');
    });
    await window.run('Developer: Show Running Extensions');
    const rows = window.page.locator('.runtime-extensions-editor .monaco-list-row');
    await rows.first().hover();
    const found: Record<string, number> = {};
    return await until('both activations', async () => {
      for (const text of (await rows.allInnerTexts()) as string[]) {
        const ms = /Activation: (\d+)\s*ms/.exec(text)?.[1];
        const name = /^(Parley|nothing)\b/i.exec(text)?.[1]?.toLowerCase();
        if (ms && name) found[name] = Number(ms);
      }
      // The quick ones are at the end of the list, which draws only what is in sight.
      await window.page.mouse.wheel(0, 200);
      return 'parley' in found && 'nothing' in found ? found : undefined;
    });
  } finally {
    await window.close();
  }
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function main(): Promise<void> {
  const scratch = temporaryFolder();
  try {
    nothing(path.join(scratch, 'nothing'));
    const rounds: Record<string, number>[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(scratch, round));
    const [ours, theirs] = ['parley', 'nothing'].map((name) => median(rounds.map((r) => r[name]!)));
    // Of each round, because both were slow or quick together.
    const more = median(rounds.map((r) => r['parley']! - r['nothing']!));
    const all = rounds.map((r) => `${r['parley']}/${r['nothing']}`).join(' ');
    console.log(`activation: Parley ${ours} ms, an extension that does nothing ${theirs} ms`);
    console.log(
      `  ${more} ms more; limit ${MOST_MS} ms (${(more / MOST_MS).toFixed(2)} of it); ${all}`,
    );
    const bytes = statSync('dist/extension.js').size;
    console.log(
      `  bundle ${bytes} bytes; limit ${MOST_BYTES} (${(bytes / MOST_BYTES).toFixed(2)} of it)`,
    );
    if (more > MOST_MS || bytes > MOST_BYTES) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

void main();
