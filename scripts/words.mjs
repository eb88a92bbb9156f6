/**
 * `npm run words`: moves new texts of package.json into package.nls.json, and puts the second
 * language's files into the order of the manifest and of the code. What is not translated yet is
 * said, and fails a test; what nobody says any more goes.
 * Below: lib/manifestWords.mjs, lib/runtimeWords.mjs. Above: whoever adds a text.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { moveWords } from './lib/manifestWords.mjs';
import { root } from './lib/paths.mjs';
import { allWords } from './lib/runtimeWords.mjs';
import { say } from './lib/say.mjs';

const read = (name) => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
const write = (name, value) =>
  writeFileSync(path.join(root, name), `${JSON.stringify(value, null, 2)}\n`);

const manifest = read('package.json');
const words = moveWords(manifest, read('package.nls.json'));
write('package.json', manifest);
write('package.nls.json', words);
const vi = read('package.nls.vi.json');
const kept = Object.keys(words).filter((key) => key in vi);
write('package.nls.vi.json', Object.fromEntries(kept.map((key) => [key, vi[key]])));
const missing = Object.keys(words).filter((key) => !(key in vi));
say(`${Object.keys(words).length} texts in package.nls.json.`);
for (const key of missing) say(`package.nls.vi.json has no ${key}: ${words[key]}`);

const bundle = 'l10n/bundle.l10n.vi.json';
const said = [...new Set(allWords().keys.map(({ key }) => key))];
const known = read(bundle);
const spoken = said.filter((key) => key in known);
write(bundle, Object.fromEntries(spoken.map((key) => [key, known[key]])));
say(`${said.length} texts in the code.`);
for (const key of said.filter((key) => !(key in known))) {
  say(`${bundle} has no ${JSON.stringify(key)}`);
}
