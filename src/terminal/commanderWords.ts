/**
 * What commander says of itself, in the language in use: the headings of a help text, and what was
 * wrong with a command line. Below: core/words. Above: cli.ts.
 */
import { t } from '../core/words';

/** What `--lang` takes. */
export const languages = ['en', 'vi'] as const;

/** The title of a part of a help text. What is not known stays as it is. */
export function heading(title: string): string {
  const known: Readonly<Record<string, string>> = {
    'Usage:': t('Usage:'),
    'Arguments:': t('Arguments:'),
    'Options:': t('Options:'),
    'Commands:': t('Commands:'),
  };
  return known[title] ?? title;
}

/**
 * A complaint of commander's, "error: missing required argument 'board'". What came from our own
 * checks of a value stands in it as it is; what is not known stays English.
 */
export function complaint(text: string): string {
  const kinds: readonly (readonly [RegExp, (what: string, why: string) => string])[] = [
    [/^error: unknown command '(.*?)'/, (what) => t('There is no command “{what}”.', { what })],
    [/^error: unknown option '(.*?)'/, (what) => t('There is no option “{what}”.', { what })],
    [/^error: missing required argument '(.*?)'/, (what) => t('“{what}” is missing.', { what })],
    [
      /^error: option '(.*?)' argument missing/,
      (what) => t('What {what} is to be is missing.', { what }),
    ],
    [/^error: too many arguments/, () => t('There are more words than this command takes.')],
    [
      /^error: (?:option|command-argument value) '(.*?)' argument '.*?' is invalid\. ([^]*)$/,
      (what, why) => t('{what} cannot be that: {why}', { what, why: allowed(why.trim()) }),
    ],
  ];
  for (const [pattern, say] of kinds) {
    const [whole, what = '', why = ''] = pattern.exec(text) ?? [];
    if (whole === undefined) continue;
    const [, meant] = /\(Did you mean (?:one of )?(.*)\?\)/.exec(text) ?? [];
    return `${say(what, why)}${meant ? ` ${t('Is it {meant}?', { meant })}` : ''}\n`;
  }
  return text;
}

function allowed(why: string): string {
  const [, choices] = /^Allowed choices are (.*)\.$/.exec(why) ?? [];
  return choices === undefined ? why : t('it is one of {choices}.', { choices });
}
