/**
 * The manifest as VS Code shows it: package.json with the words of package.nls.json in it. For tests;
 * in the window VS Code does this itself. Below: nothing. Above: tests.
 */
import { readFileSync } from 'node:fs';

/** package.json with its `%key%` filled in, from the project's folder. */
export function readManifest(): unknown {
  const words = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
  return JSON.parse(readFileSync('package.json', 'utf8'), (_key, value: unknown) => {
    const key = typeof value === 'string' ? /^%([^%\s]+)%$/.exec(value)?.[1] : undefined;
    return key === undefined ? value : words[key];
  });
}
