/**
 * What the code says goes through `t`, and each of it stands, translated, in l10n.
 * Below: runtimeWords.mjs. Above: npm test, stage unit.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allWords, placeholders, wordsOf } from './runtimeWords.mjs';

const said = allWords();

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
