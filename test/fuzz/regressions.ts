/**
 * Cases that failed once, by target, as fast-check makes them again: they run first, every time.
 * Below: nothing. Above: main.ts, fuzz.test.ts.
 */
export interface Regression {
  readonly target: string;
  readonly seed: number;
  /** fast-check's path to the case. */
  readonly path: string;
  /** What went wrong. */
  readonly was: string;
}

export const regressions: readonly Regression[] = [];
