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

/**
 * Words of two and more outside `t` that are right where they are: the files, and why. A whole folder
 * stands here only where no sentence for a person is made in it.
 */
const notForAPerson = [
  // Sentences are made of their errors' codes in core/explain*.ts; Python for the board, and what
  // a chip, MicroPython or a loader says word for word.
  /^src\/(esp|micropython|virtual)\//,
  /^src\/broker\//, // Mosquitto's configuration and log, and errors that carry a code
  /^src\/conversation\/client\.ts\S* `the (certificate|broker)/, // messages of errors with a code
  /^(src\/conversation\/speakers|src\/vscode\/recordingPanel|media\/conversation\/schema)\.ts\S* 'client id'/, // a word of the protocol
  /^media\/hear\.ts\S* `Parley: a message/, // the console of a view, for its makers
  // Python for a board's prompt.
  /^src\/operations\/(compile|format|installPackages|run|stop)\.ts\S* `/,
  /^src\/operations\/newProject\.ts/, // what is written into a project; projectWords.ts has its title
  /^src\/operations\/(put\.ts\S* 'not a folder'|stubs\.ts\S* 'Parley: Micro)/, // a code follows; a mark in a file
  /^src\/port\/(driverless|openError)\.ts\S* ['`](sudo|echo|Get-Cim)/, // commands to type
  /^src\/port\/(serial\.ts\S* '(end of file|it was closed)|shareServer\.ts)/, // messages of errors; another program's line
  /^src\/port\/usbIds\.ts/, // names of products
  // For the maintainer who reads a report: the archive, the log.
  /^src\/core\/(operationTimes|redact|stepLog)\.ts/,
  /^src\/(vscode\/(issueReport|commands\/(collectDiagnostics|copyLog))|terminal\/commands\/diagnostics)\.ts/,
  /^src\/terminal\/(completion\.ts|testRun\.ts\S* [`']\s*<|commands\/board\.ts\S* `MicroPython)/, // for shells and CI; a name
  /^src\/vscode\/shims\.ts/, // for shells
  /^src\/plot\/numbersOfLine\.ts/, // a column's name, in CSV as well
  /^src\/vscode\/(webviewFrame|boardColours)\.ts\S* `(<|style-src)/, // HTML and SVG
  /^media\/conversation\/(chart|emptyState|main|people)\.ts\S* ['`](11px|left|right|lamp|person) /, // CSS
  /^media\/conversation\/composeMore\.ts\S* 'name=value/, // how it is typed
  / `\n\$\{t\(/, // put together of texts that went through it
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

  test('no words at all stand outside the seam, but where no person reads them', () => {
    const places = [...meant, ...notForAPerson];
    const bare = said.sentences.filter((text) => !places.some((place) => place.test(text)));
    assert.deepEqual(bare, [], 'put it into t(…), or say above who reads it');
    for (const place of notForAPerson) {
      assert.ok(
        said.sentences.some((text) => place.test(text)),
        `nothing is let through by ${String(place)}`,
      );
    }
  });

  test('are found wherever they stand: returned, in a list, in a constant, in an option', () => {
    const { sentences } = wordsOf(
      'src/a.ts',
      `import { t } from '../core/words';
       const usage = 'How it is used';
       export const help = () => [\`\${n} boards are here\`, t('Said with t')].join(' and so ');
       program.description('what it does').option('--json', 'as JSON');
       log.info('for the log'); new BoardError('code', 'for the log too', { details: { why: 'the cable broke' } });
       if (kind === 'two words') element({ class: 'big button' });
       t('{a} of {b}', { a: open ? 'an open one' : t('A closed one') });`,
    );
    assert.deepEqual(
      sentences.map((text) => text.replace(/^\S+ /, '')),
      [
        "'How it is used'",
        '`${n} boards are here`',
        "'what it does'",
        "'as JSON'",
        "'the cable broke'",
        "'an open one'",
      ],
    );
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
