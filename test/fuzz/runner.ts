/**
 * Runs fuzz targets in batches, each with a seed of its own that is printed when it fails, and looks
 * that no case takes long and that memory does not grow. Below: fast-check. Above: main.ts, the test.
 */
import fc from 'fast-check';
import { neighbour } from './neighbours';
import type { Target } from './targets';

export interface Outcome {
  readonly target: string;
  readonly cases: number;
  readonly seconds: number;
  /** The most memory the process has had, bytes. */
  readonly peak: number;
  /** Heap after the last batch above that after the first, bytes; both after a collection where there is one. */
  readonly grown: number;
  /** What failed: the seed, the smallest case, the error. */
  readonly failure?: { readonly seed: number; readonly path: string; readonly text: string };
}

/** A case that takes longer is a hang to be; of this process's time, as others may have the machine. */
const LONGEST_MS = 2000;
/** One that makes the process this large, or leaves this much behind, has no bound. Bytes. */
const LARGEST = 1024 * 1024 * 1024;
const LEFT = 48 * 1024 * 1024;
const BATCH = 2000;

export interface RunOptions {
  /** The first batch's; the others count on from it. */
  readonly seed: number;
  /** No batch begins after it. */
  readonly ms: number;
  readonly cases?: number;
}

export async function fuzz(target: Target, options: RunOptions): Promise<Outcome> {
  const began = performance.now();
  let cases = 0;
  let base = 0;
  for (let batch = 0; ; batch++) {
    const seed = (options.seed + batch) | 0;
    const left = ((options.cases ?? Infinity) - cases) / (1 + (target.near ?? 0));
    const numRuns = Math.min(BATCH, Math.ceil(left));
    const details = await once(target, { seed, numRuns });
    cases += details.numRuns * (1 + (target.near ?? 0));
    if (batch === 0) base = heap();
    const seconds = (performance.now() - began) / 1000;
    const peak = process.resourceUsage().maxRSS * 1024;
    const grown = heap() - base;
    const result = { target: target.name, cases, seconds, grown, peak };
    if (details.failed) {
      const path = details.counterexamplePath ?? '';
      const { errorInstance } = details;
      const why = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
      const text = `${fc.defaultReportMessage(details) ?? 'failed'}\n${why}`;
      return { ...result, failure: { seed, path, text } };
    }
    if (peak > LARGEST || grown > LEFT) {
      const text = `no bound: ${mib(grown)} MiB more of the heap, ${mib(peak)} MiB in all at most`;
      return { ...result, failure: { seed, path: '', text } };
    }
    if (seconds * 1000 >= options.ms || cases >= (options.cases ?? Infinity)) return result;
  }
}

/** A batch, or with `path` one case of it again. */
export function once(
  target: Target,
  options: { seed: number; numRuns?: number; path?: string },
): Promise<fc.RunDetails<[unknown]>> {
  const took = (began: NodeJS.CpuUsage): void => {
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    if (ms > LONGEST_MS) throw new Error(`one case took ${Math.round(ms)} ms`);
  };
  const timed = (given: unknown): void | Promise<void> => {
    const began = process.cpuUsage();
    const done = target.run(given);
    return done instanceof Promise ? done.then(() => took(began)) : took(began);
  };
  const withNear = (given: unknown): void => {
    void timed(given);
    for (let n = 1; n <= (target.near ?? 0); n++) {
      const near = neighbour(given, n);
      try {
        void timed(near);
      } catch (error) {
        const what = `its neighbour ${n}, ${fc.stringify(near)}`;
        throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
      }
    }
  };
  const settings = { ...options, numRuns: options.numRuns ?? 1, endOnFailure: false };
  const property = target.slow
    ? fc.asyncProperty(target.given, async (given) => void (await timed(given)))
    : fc.property(target.given, withNear);
  return Promise.resolve(fc.check(property as fc.IProperty<[unknown]>, settings));
}

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);

function heap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}
