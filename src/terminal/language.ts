/**
 * The command line's language, before anything else loads: `--lang vi`, else LC_ALL, LC_MESSAGES or
 * LANG, as every program of a Unix has it; English otherwise. Below: core/words, l10n/.
 * Above: cliMain.ts and main.ts import it first.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { useWords, type Words } from '../core/words';

/** The language that a command line and an environment ask for: "vi", or "en". */
export function languageOf(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): 'en' | 'vi' {
  const at = args.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const said = at < 0 ? undefined : (args[at]?.split('=')[1] ?? args[at + 1]);
  // The first that is set counts, and an empty one is as good as none (POSIX, 8.2).
  const locale = said || env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^vi\b|^vi_/.test(locale) ? 'vi' : 'en';
}

/** English where the file is damaged: nothing must fail for it. */
function wordsOf(language: 'en' | 'vi'): Words {
  if (language === 'en') return {};
  try {
    // dist/cli.js and the folder l10n lie side by side.
    const file = path.join(__dirname, '..', 'l10n', `bundle.l10n.${language}.json`);
    return JSON.parse(readFileSync(file, 'utf8')) as Words;
  } catch {
    return {};
  }
}

/** Takes the words of the language that the process was started in. */
export function speakAsAsked(): void {
  useWords(wordsOf(languageOf(process.argv.slice(2), process.env)));
}
