/**
 * `npm run fuzz`: all targets for `--minutes` together (default 10), or until there are `--cases`
 * (`10m`), or those named. Prints cases, cases a second, growth of memory, and for a failure the seed and path to keep in regressions.ts.
 * Below: runner.ts. Above: a maintainer, and CI at night.
 */
import { parseArgs } from 'node:util';
import { slowTargets } from './exchanges';
import { regressions } from './regressions';
import { fuzz, once, type Outcome } from './runner';
import { targets, type Target } from './targets';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    cases: { type: 'string' },
    seed: { type: 'string' },
  },
});
/** How long a target is run at a time where cases are counted, ms. */
const TURN = 5000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const number = (n: number): string => n.toLocaleString('en');

async function main(): Promise<number> {
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const all = [...targets, ...slowTargets];
  const wanted = all.filter(
    ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
  );
  const enough = casesOf(values.cases);
  const ms = enough ? TURN : (Number(values.minutes) * 60_000) / wanted.length;
  say(`seed ${seed}, ${wanted.length} targets, ${(ms / 1000).toFixed(1)} s each at a time`);
  for (const { target, ...case_ } of regressions) {
    const one = wanted.find(({ name }) => name === target);
    if (one && (await once(one, case_)).failed) say(`✗ again: ${target}, ${case_.was}`);
  }
  const sums = new Map<Target, Outcome>();
  const total = (what: 'cases' | 'seconds'): number =>
    [...sums.values()].reduce((sum, one) => sum + one[what], 0);
  for (let turn = 0; turn === 0 || (enough && total('cases') < enough); turn++) {
    for (const target of wanted) {
      const sum = sums.get(target);
      // What has failed is not run on: it would fail again.
      if (sum?.failure) continue;
      const one = await fuzz(target, { seed: (seed + turn * 10_007) | 0, ms });
      sums.set(target, {
        ...one,
        cases: one.cases + (sum?.cases ?? 0),
        seconds: one.seconds + (sum?.seconds ?? 0),
        grown: Math.max(one.grown, sum?.grown ?? 0),
      });
      if (!enough) tell(target, sums.get(target)!);
      else if (one.failure) tell(target, one);
    }
    if (enough) say(`${number(total('cases'))} cases in ${total('seconds').toFixed(0)} s`);
    if ([...sums.values()].every(({ failure }) => failure)) break;
  }
  if (enough) for (const [target, sum] of sums) tell(target, sum);
  const failures = [...sums.values()].filter(({ failure }) => failure);
  const peak = Math.max(...[...sums.values()].map((one) => one.peak));
  say(
    `${number(total('cases'))} cases in ${total('seconds').toFixed(0)} s, ${number(Math.round(total('cases') / total('seconds')))} a second, at most ${(peak / 1024 / 1024).toFixed(0)} MiB, ${failures.length} targets failed.`,
  );
  return failures.length > 0 ? 1 : 0;
}

/** `10m` is ten million. */
function casesOf(said: string | undefined): number | undefined {
  const [, count, unit] = /^(\d+)([km]?)$/.exec(said ?? '') ?? [];
  return count ? Number(count) * (unit === 'm' ? 1e6 : unit === 'k' ? 1e3 : 1) : undefined;
}

function tell(target: Target, { cases, seconds, grown, failure }: Outcome): void {
  const heap = (grown / 1024 / 1024).toFixed(1);
  say(
    `${failure ? '✗' : '✓'} ${target.name.padEnd(38)} ${number(cases).padStart(11)} cases  ${number(Math.round(cases / seconds)).padStart(8)} a second  heap ${heap} MiB`,
  );
  if (failure) say(failure.text);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say((error as Error).stack ?? String(error));
    process.exit(2);
  },
);
