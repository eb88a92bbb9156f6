/**
 * The words a person reads, in that person's language. The English sentence is the key, as with
 * vscode.l10n; what is not translated stays English. Nothing below knows VS Code, so the words come
 * in from above. Below: nothing. Above: every folder that says something; src/vscode/language.ts and
 * the webviews' boot.ts fill it before anything else loads.
 */

/** English sentence to the same in another language. */
export type Words = Readonly<Record<string, string>>;

let words: Words = {};

/** From now on `t` answers with these. Constants made before keep what they have. */
export function useWords(translated: Words): void {
  words = translated;
}

/** What `useWords` was given: for a webview, which has a copy of this of its own. */
export function wordsInUse(): Words {
  return words;
}

/**
 * `message` in the language in use, with `{name}` replaced by the value of that name. The message
 * must be written out at the call: words.test.ts reads it there.
 */
export function t(message: string, values: Readonly<Record<string, unknown>> = {}): string {
  const text = Object.hasOwn(words, message) ? words[message]! : message;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
