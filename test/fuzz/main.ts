/**
 * `npm run fuzz`: all targets for `--minutes` together (default 10), or those named. Prints cases,
 * cases a second, growth of memory, and for a failure the seed and path to keep in regressions.ts.
 * Below: runner.ts. Above: a maintainer, and CI at night.
 */
import { parseArgs } from 'node:util';
import { slowTargets } from './exchanges';
import { regressions } from './regressions';
import { fuzz, once, type Outcome } from './runner';
import { targets } from './targets';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const number = (n: number): string => n.toLocaleString('en');

async function main(): Promise<number> {
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const all = [...targets, ...slowTargets];
  const wanted = all.filter(
    ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
  );
  const ms = (Number(values.minutes) * 60_000) / wanted.length;
  say(`seed ${seed}, ${wanted.length} targets, ${(ms / 1000).toFixed(1)} s each`);
  const failures: Outcome[] = [];
  for (const { target, ...case_ } of regressions) {
    const one = wanted.find(({ name }) => name === target);
    if (one && (await once(one, case_)).failed) say(`✗ again: ${target}, ${case_.was}`);
  }
  let cases = 0;
  let seconds = 0;
  for (const target of wanted) {
    const outcome = await fuzz(target, { seed, ms });
    cases += outcome.cases;
    seconds += outcome.seconds;
    const rate = outcome.cases / outcome.seconds;
    const grown = (outcome.grown / 1024 / 1024).toFixed(1);
    say(
      `${outcome.failure ? '✗' : '✓'} ${target.name.padEnd(38)} ${number(outcome.cases).padStart(11)} cases  ${number(Math.round(rate)).padStart(8)} a second  heap ${grown} MiB`,
    );
    if (outcome.failure) {
      failures.push(outcome);
      say(outcome.failure.text);
    }
  }
  say(
    `${number(cases)} cases in ${seconds.toFixed(0)} s, ${number(Math.round(cases / seconds))} a second, ${failures.length} targets failed.`,
  );
  return failures.length > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say((error as Error).stack ?? String(error));
    process.exit(2);
  },
);
