/**
 * The picture in docs/architecture.md is that of layers.mjs; PARLEY_WRITE_DOCS=1 draws it again.
 * Below: layers.mjs. Above: npm test, stage unit.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { layers, mediaMayImport, mediaPackages } from '../../layers.mjs';
import { root } from './paths.mjs';

const page = path.join(root, 'docs', 'architecture.md');
const [begin, end] = ['<!-- picture -->', '<!-- /picture -->'];

/** Folders that can be reached through another import are not drawn twice. */
function direct(name) {
  const { imports } = layers[name];
  const through = (folder) => layers[folder].imports.flatMap((next) => [next, ...through(next)]);
  const further = new Set(imports.flatMap(through));
  return imports.filter((folder) => folder !== 'core' && !further.has(folder));
}

/** The table as Mermaid, which GitHub draws. */
function picture() {
  const box = (name, packages) =>
    `  ${name}["${[name, ...packages.map((p) => `<i>${p.split('/').at(-1)}</i>`)].join('<br/>')}"]`;
  const names = Object.keys(layers);
  const seen = [...new Set(mediaMayImport.map((file) => file.split('/')[1]))];
  return [
    '```mermaid',
    'flowchart TD',
    ...names.map((name) => box(name, layers[name].packages)),
    box('media', mediaPackages),
    ...names.flatMap((name) => direct(name).map((folder) => `  ${name} --> ${folder}`)),
    ...seen.filter((name) => name !== 'core').map((name) => `  media -. types .-> ${name}`),
    '```',
  ].join('\n');
}

test('the picture of the layers is that of the table', () => {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin);
  const [, after] = rest.split(end);
  const drawn = `${before}${begin}\n\n${picture()}\n\n${end}${after}`;
  if (process.env.PARLEY_WRITE_DOCS) writeFileSync(page, drawn);
  assert.equal(readFileSync(page, 'utf8'), drawn, 'draw it again: PARLEY_WRITE_DOCS=1');
});

test('every folder of src is in the table, and in the page', () => {
  const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  assert.deepEqual(folders.sort(), Object.keys(layers).sort());
  const text = readFileSync(page, 'utf8');
  for (const name of folders) assert.ok(text.includes(`(../src/${name})`), name);
});
