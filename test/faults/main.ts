/**
 * `npm run faults`: every operation with every fault at every place, as a table. Exit code 1 where a
 * cell is not as it should be. `npm run faults -- put flash` takes those operations, `--fault unplug`
 * those faults. Below: cells.ts. Above: a maintainer, and CI at night.
 */
import { parseArgs } from 'node:util';
import { Bench, type Cell } from './cells';
import { faults } from './faults';
import { operations } from './operations';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fault: { type: 'string', multiple: true, default: [] },
    sentences: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const wantedFaults = faults.filter(
  ({ name }) => values.fault.length === 0 || values.fault.some((part) => name.includes(part)),
);
const wanted = operations.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);

const shown = ({ at, outcome, seconds, wrong }: Cell): string =>
  `${wrong.length > 0 ? '✗ ' : ''}${at > 0 ? `${at * 100} %: ` : ''}${outcome} ${seconds.toFixed(1)} s`;

async function main(): Promise<number> {
  const bench = await Bench.open();
  const cells: Cell[] = [];
  try {
    for (const operation of wanted) {
      say(`\n${operation.name}`);
      for (const fault of wantedFaults.filter(({ suits }) => suits?.(operation) ?? true)) {
        const row: Cell[] = [];
        for (const at of fault.at) row.push(await bench.run(operation, fault, at));
        cells.push(...row);
        say(`  ${fault.name.padEnd(14)} ${row.map(shown).join('   ')}`);
        if (values.sentences)
          for (const { sentence } of row) if (sentence) say(`      ${sentence}`);
        for (const { at, wrong } of row) for (const one of wrong) say(`      ✗ ${at}: ${one}`);
      }
      for (const how of ['killed', 'asleep'] as const) {
        if (!operation.cli || (values.fault.length > 0 && !values.fault.includes('host'))) continue;
        const row: Cell[] = [];
        for (const at of [0.3, 0.7]) row.push(await bench.runHost(operation, how, at));
        cells.push(...row);
        say(`  ${`host ${how}`.padEnd(14)} ${row.map(shown).join('   ')}`);
        for (const { at, wrong } of row) for (const one of wrong) say(`      ✗ ${at}: ${one}`);
      }
    }
  } finally {
    await bench.close();
  }
  const bad = cells.filter(({ wrong }) => wrong.length > 0);
  const ok = cells.filter(({ outcome }) => outcome === 'ok').length;
  say(
    `\n${cells.length} cells: ${ok} succeeded, ${cells.length - ok} ended in a sentence or worse, ${bad.length} not as they should be.`,
  );
  return bad.length > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say((error as Error).stack ?? String(error));
    process.exit(2);
  },
);
