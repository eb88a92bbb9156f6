/**
 * Links between the pages of this repository lead somewhere, and each page is linked.
 * Below: the pages. Above: npm test, stage unit.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from './paths.mjs';

const docs = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...docs.map((name) => `docs/${name}`),
];

/** A heading as GitHub makes an anchor of it. */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const text = (page) => readFileSync(path.join(root, page), 'utf8');
const anchors = (page) =>
  [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));

/** The links of a page to files of this repository, code left out. */
function links(page) {
  const prose = text(page).replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file, part] = target.split('#');
      const to = file ? path.posix.join(path.posix.dirname(page), file) : page;
      return { target, to, part };
    });
}

test('every link to a file, a picture or a heading leads there', () => {
  let seen = 0;
  for (const page of pages.filter((name) => existsSync(path.join(root, name)))) {
    for (const { target, to, part } of links(page)) {
      seen += 1;
      assert.ok(existsSync(path.join(root, to)), `${page}: ${target}`);
      if (part) assert.ok(anchors(to).includes(part), `${page}: ${target}`);
    }
  }
  assert.ok(seen > 40, String(seen));
});

test('the recording at the top of README is small, and moves', () => {
  const bytes = readFileSync(path.join(root, 'docs/images/recording.png'));
  assert.ok(bytes.length < 1_500_000, String(bytes.length));
  assert.ok(bytes.readUInt32BE(bytes.indexOf('acTL') + 4) > 5);
});

test('README leads to each page', () => {
  const reached = new Set(links('README.md').map(({ to }) => to));
  assert.deepEqual(
    docs.map((name) => `docs/${name}`).filter((page) => !reached.has(page)),
    [],
  );
});
