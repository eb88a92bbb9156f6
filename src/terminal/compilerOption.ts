/**
 * `--mpy`: compile on the way to a board. Below: operations/compile. Above: put and sync.
 */
import { findCompiler, type Compiler } from '../operations/compile';

export const MPY_OPTION: [string, string] = [
  '--mpy [mpy-cross]',
  'compile Python on the way, but for main.py and boot.py; a source it takes the place of is deleted',
];

/** @param option true for the mpy-cross of the PATH, or its path @throws BoardError mpy-missing */
export async function compilerOf(
  option: boolean | string | undefined,
): Promise<Compiler | undefined> {
  if (!option) return undefined;
  return findCompiler(option === true ? '' : option);
}
