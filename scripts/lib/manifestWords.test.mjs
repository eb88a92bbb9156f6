/**
 * Each text of the manifest stands in package.nls.json and, translated, in package.nls.vi.json.
 * Below: manifestWords.mjs. Above: npm test, stage unit.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { keyIn, manifestWords, moveWords } from './manifestWords.mjs';
import { root } from './paths.mjs';

const read = (name) => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
const manifest = read('package.json');
const english = read('package.nls.json');
const vietnamese = read('package.nls.vi.json');
const used = manifestWords(manifest).map(({ text }) => text);

/** What a translation must keep: links, settings, code, in any order. */
const kept = (text) => (text.match(/\]\([^)]*\)|`[^`]*`/g) ?? []).sort();

describe('the words of the manifest', () => {
  test('stand in package.nls.json, each used', () => {
    const bare = used.filter((text) => !keyIn(text));
    assert.deepEqual(bare, [], 'npm run words moves them');
    assert.deepEqual(used.map(keyIn).sort(), Object.keys(english).sort());
    assert.ok(used.length > 150);
  });

  test('are all there in Vietnamese, with the same links and code', () => {
    assert.deepEqual(Object.keys(vietnamese), Object.keys(english), 'npm run words says which');
    for (const [key, text] of Object.entries(vietnamese)) {
      assert.ok(text.trim(), key);
      assert.deepEqual(kept(text), kept(english[key]), key);
    }
    const same = Object.keys(english).filter((key) => english[key] === vietnamese[key]);
    // A word that Vietnamese takes as it is; anything else here was forgotten.
    assert.deepEqual(same.sort(), ['brokerMenu.title']);
  });

  test('name a command by the title it has in that language', () => {
    for (const words of [english, vietnamese]) {
      const titles = Object.keys(words)
        .filter((key) => key.endsWith('.title'))
        .map((key) => words[key].replace(/…$/, ''));
      const named = Object.values(words).flatMap((text) =>
        [...text.matchAll(/\*Parley: ([^*]+?)…?\*/g)].map((match) => match[1]),
      );
      assert.ok(named.length >= 4);
      for (const name of named) assert.ok(titles.includes(name), name);
    }
  });

  test('the pages beside them are there too', () => {
    const pages = (folder, from, to) =>
      readdirSync(path.join(root, 'media', folder))
        .filter((name) => from.test(name))
        .map((name) => path.join(root, 'media', folder, name.replace('.md', to)));
    // VS Code itself looks for NAME.nls.vi.md; notify.ts for NAME.vi.md.
    const wanted = [
      ...pages('walkthrough', /^\w+\.md$/, '.nls.vi.md'),
      ...pages('help', /^[\w-]+\.md$/, '.vi.md'),
    ];
    assert.ok(wanted.length >= 9);
    assert.deepEqual(
      wanted.filter((file) => !existsSync(file)),
      [],
    );
  });

  test('new ones are moved under a name of their own, old ones keep theirs', () => {
    const fresh = {
      contributes: {
        commands: [
          { command: 'parley.a', title: '%a.title%', category: 'Parley' },
          { command: 'parley.b', title: 'Begin', category: 'Parley' },
        ],
      },
    };
    const words = moveWords(fresh, { 'a.title': 'A', 'gone.title': 'Gone' });
    assert.deepEqual(words, { 'a.title': 'A', 'b.title': 'Begin' });
    assert.equal(fresh.contributes.commands[1].title, '%b.title%');
  });
});
