/**
 * What a program that Parley starts gets of this computer's environment: what it needs to run, and
 * nothing else. Tokens and passwords of a shell or a CI are nobody's business there.
 * Below: nothing. Above: whoever starts a program; a test holds that each does it with this.
 */

/** Where programs and their libraries are, where files of a moment go, which language is spoken. */
const NEEDED = [
  'PATH',
  'Path',
  'PATHEXT',
  'HOME',
  'USERPROFILE',
  'SystemRoot',
  'SystemDrive',
  'windir',
  'ComSpec',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
] as const;

/** The least that a child needs, and `more`. */
export function childEnvironment(
  more: Readonly<Record<string, string>> = {},
  from: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const kept = NEEDED.flatMap((name) => {
    const value = from[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...more };
}
