/**
 * `--mpy`: compile on the way to a board. Below: operations/compile. Above: put and sync.
 */
import { t } from '../core/words';
import { findCompiler, type Compiler } from '../operations/compile';

/** A call, so that it is in the language of the run. */
export const mpyOption = (): [string, string] => [
  '--mpy [mpy-cross]',
  t(
    'compile Python on the way, but for main.py and boot.py; a source it takes the place of is deleted',
  ),
];

/** @param option true for the mpy-cross of the PATH, or its path @throws BoardError mpy-missing */
export async function compilerOf(
  option: boolean | string | undefined,
): Promise<Compiler | undefined> {
  if (!option) return undefined;
  return findCompiler(option === true ? '' : option);
}
