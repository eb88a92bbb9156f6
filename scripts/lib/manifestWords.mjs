/**
 * The manifest's words: which strings of package.json a person reads, and where they stand once
 * they are out of it (package.nls.json). Below: nothing. Above: scripts/words.mjs, manifestWords.test.mjs.
 */

/** Properties whose text VS Code shows. */
const shown = new Set([
  'title',
  'description',
  'markdownDescription',
  'name',
  'label',
  'contents',
  'patternErrorMessage',
  'errorMessage',
]);
/** Properties with a list of such texts. */
const shownLists = new Set(['enumDescriptions', 'markdownEnumDescriptions', 'enumItemLabels']);
/** Names: the same in every language. */
const names = new Set([
  'Parley',
  'parley',
  'MQTT 5',
  'MQTT 3.1.1',
  'English',
  'Tiếng Việt (Vietnamese)',
]);

/**
 * Every text of `contributes` and `capabilities` that a person reads.
 * @returns {{ text: string, key: string, set: (text: string) => void }[]} `key` is what it would be
 *   called in package.nls.json
 */
export function manifestWords(manifest) {
  const found = [];
  const visit = (value, path) => {
    if (Array.isArray(value)) {
      value.forEach((item, i) => visit(item, [...path, item?.command ?? item?.id ?? String(i)]));
    } else if (value && typeof value === 'object') {
      for (const [property, inner] of Object.entries(value)) {
        const here = [...path, property];
        const add = (text, holder, at, extra = []) => {
          if (names.has(text)) return;
          const set = (next) => void (holder[at] = next);
          found.push({ text, key: keyOf([...here, ...extra]), set });
        };
        if (typeof inner === 'string' && shown.has(property)) add(inner, value, property);
        else if (Array.isArray(inner) && shownLists.has(property)) {
          inner.forEach((text, i) => add(text, inner, i, [String(i)]));
        } else visit(inner, here);
      }
    }
  };
  visit(manifest.contributes, []);
  visit(manifest.capabilities ?? {}, ['capabilities']);
  return found;
}

/** A path in the manifest as a short name: `commands.parley.eraseBoard.title` is `eraseBoard.title`. */
function keyOf(path) {
  const dull = new Set(['commands', 'properties', 'configuration', 'additionalProperties']);
  const parts = path.filter((part) => !dull.has(part) && !/^\d+$/.test(part));
  const last = /^\d+$/.test(path.at(-1)) ? [path.at(-1)] : [];
  return [...parts, ...last].join('.').replace(/\bparley\./g, '');
}

/** The key in `%key%`, or undefined for a text that stands in the manifest itself. */
export function keyIn(text) {
  return /^%([^%\s]+)%$/.exec(text)?.[1];
}

/**
 * Moves texts that stand in the manifest itself out of it.
 * @returns {Record<string, string>} the words in the manifest's order, old and new, none that is unused
 */
export function moveWords(manifest, before) {
  const words = {};
  for (const { text, key, set } of manifestWords(manifest)) {
    const known = keyIn(text);
    if (known) {
      words[known] = before[known];
      continue;
    }
    let free = key;
    for (let n = 2; free in words || free in before; n += 1) free = `${key}.${n}`;
    words[free] = text;
    set(`%${free}%`);
  }
  return words;
}
