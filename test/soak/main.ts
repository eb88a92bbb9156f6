/**
 * `npm run soak -- --days 3`: two speakers, a broker and all that a window keeps of them, on a clock
 * that is moved on with each message. `npm run soak -- --minutes 60`: two virtual boards at full rate,
 * cut off every `--cut` seconds.
 * Prints exact counts at both ends, the slope of memory, and handles. Exit code 1 where a message is
 * missing, twice or out of order. Below: simulatedDays.ts, fullRate.ts. Above: a maintainer.
 */
import { parseArgs } from 'node:util';
import { atFullRate } from './fullRate';
import { simulated } from './simulatedDays';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    days: { type: 'string' },
    minutes: { type: 'string' },
    cut: { type: 'string', default: '20' },
    verbose: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  let whole = true;
  if (values.days !== undefined || values.minutes === undefined) {
    whole = (await simulated(Number(values.days ?? 3), say)) && whole;
  }
  if (values.minutes !== undefined)
    whole =
      (await atFullRate(Number(values.minutes), Number(values.cut) * 1000, values.verbose, say)) &&
      whole;
  say(whole ? 'every message once and in order' : 'NOT every message once and in order');
  return whole ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say((error as Error).stack ?? String(error));
    process.exit(2);
  },
);
