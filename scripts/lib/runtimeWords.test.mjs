/**
 * What the code says goes through `t`, and each of it stands, translated, in l10n.
 * Below: runtimeWords.mjs. Above: npm test, stage unit.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readJson } from './files.mjs';
import { root } from './paths.mjs';
import { allWords, placeholders, wordsOf } from './runtimeWords.mjs';

const said = allWords();
const icons = (text) => text.match(/\$\([\w~-]+\)/g) ?? [];

/** Texts outside `t` that are right there, by their file. */
const meant = [
  /^src\/vscode\/commandTable\.ts/, // held equal to the manifest, which has words of its own
  /^src\/vscode\/output\.ts\S* 'Parley'/, // a name
  /^src\/operations\/newProject\.ts/, // what is written into a project's files
  /^src\/micropython\/fakeBoard\.ts/, // for tests
  /installPackage\.ts\S* 'umqtt\.simple/, // examples of names and addresses
  / 'https:?(\/\/)?'$/,
];

describe('the words of the code', () => {
  test('are written out at the call, so that they can be found', () => {
    assert.ok(said.keys.length > 900, String(said.keys.length));
    assert.deepEqual(said.unread, []);
  });

  test('have a value for each placeholder, and no other', () => {
    for (const { key, at, values } of said.keys) {
      if (values) assert.deepEqual(values, placeholders(key), `${at} ${key}`);
    }
  });

  test('are all there in Vietnamese, none that nobody says, with the same placeholders', () => {
    const vietnamese = readJson(path.join(root, 'l10n', 'bundle.l10n.vi.json'));
    const keys = new Set(said.keys.map(({ key }) => key));
    const missing = [...keys].filter((key) => !Object.hasOwn(vietnamese, key));
    assert.deepEqual(
      missing,
      [],
      'translate them; npm run words says which and puts them in order',
    );
    const unused = Object.keys(vietnamese).filter((key) => !keys.has(key));
    assert.deepEqual(unused, [], 'npm run words removes them');
    for (const [key, text] of Object.entries(vietnamese)) {
      assert.deepEqual(placeholders(text), placeholders(key), key);
      assert.deepEqual(icons(text), icons(key), key);
      // What is put together of pieces needs the blank that a piece begins or ends with.
      assert.deepEqual(
        [/^\s/, /\s$/].map((r) => r.test(text)),
        [/^\s/, /\s$/].map((r) => r.test(key)),
        key,
      );
    }
  });

  test('none for a person bypasses the seam', () => {
    const bare = said.bare.filter((text) => !meant.some((pattern) => pattern.test(text)));
    assert.deepEqual(bare, [], 'put it into t(…)');
  });

  test('are found in calls, conditions and options, whatever the quotes', () => {
    const found = wordsOf(
      'src/a.ts',
      `import { t } from '../core/words';
       t("it's {n}", { n }); t(\`two\`, more); t(name);
       tell({ title: open ? 'Open it' : t('Close') });
       vscode.window.showErrorMessage(\`\${board} is gone\`);
       const icon = { label: '$(plug)', title: board.name };`,
    );
    assert.deepEqual(
      found.keys.map(({ key, values }) => [key, values]),
      [
        ["it's {n}", ['n']],
        ['two', undefined],
        ['Close', []],
      ],
    );
    assert.equal(found.unread.length, 1);
    assert.deepEqual(
      found.bare.map((text) => text.replace(/^\S+ /, '')),
      ["open ? 'Open it' : t('Close')", '`${board} is gone`'],
    );
  });
});
