/**
 * doctor: why boards do not talk, from the broker and from what each board tells at its prompt.
 * Below: operations/examine and diagnose, conversation/client. Above: cli.ts.
 */
import type { Command } from 'commander';
import { about } from '../../board/about';
import { parseBrokerUrl } from '../../conversation/brokerUrl';
import { connectClient, selfCheck } from '../../conversation/client';
import { explain } from '../../core/explain';
import { diagnose, type BoardLook, type BrokerLook, type Finding } from '../../operations/diagnose';
import { examine } from '../../operations/examine';
import { CommandFailed, type Context } from '../context';
import { UsageError } from '../usage';
import { t } from '../../core/words';

const MARKS = { good: '✓', bad: '✗', unknown: '?' } as const;

export function addDoctorCommand(program: Command, context: () => Context): void {
  program
    .command('doctor')
    .description(t('why boards do not talk: the broker, their files, Wi-Fi and way to the broker'))
    .argument('<boards...>', t('the boards'))
    .option('--broker <url>', t('the broker as the boards should find it'), 'mqtt://127.0.0.1:1883')
    .option('--ssid <name>', t('the Wi-Fi they should be in'), '')
    .option('--stop', t('stop programs that run, to look inside'))
    .action(async (words: string[], options: { broker: string; ssid: string; stop?: boolean }) => {
      const run = context();
      const address = parseBrokerUrl(options.broker);
      if (typeof address === 'string') throw new UsageError(address);
      const { host, port } = address;
      const broker = await lookAtBroker(address, run);
      const boards: BoardLook[] = [];
      await run.withSession(async (session) => {
        for (const word of words) {
          const board = await session.board(word);
          const { name, virtual } = board;
          const target = { host, port };
          const stop = options.stop ?? false;
          const found = await about(board, () => examine(board, { target, stop }, run.job));
          boards.push({ name, virtual, target, ssid: options.ssid, found });
        }
      });
      const findings = diagnose(broker, boards);
      for (const finding of findings) run.result(finding, line(finding));
      if (findings.some(({ state }) => state === 'bad')) throw new CommandFailed();
    });
}

async function lookAtBroker(
  address: Exclude<ReturnType<typeof parseBrokerUrl>, string>,
  run: Context,
): Promise<BrokerLook> {
  const look = { address: `${address.host}:${address.port}`, tells: false };
  try {
    const clientId = `parley-doctor-${process.pid}`;
    const client = await connectClient({ ...address, clientId, signal: run.signal });
    try {
      return { ...look, check: await selfCheck(client) };
    } finally {
      await client.end();
    }
  } catch (error) {
    run.signal.throwIfAborted();
    return { ...look, check: explain(error, t('The broker')).sentence };
  }
}

function line({ state, sentence }: Finding): string {
  return `${MARKS[state]} ${sentence}`;
}
