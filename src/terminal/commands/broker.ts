/**
 * broker, watch: Parley's broker in a terminal, and what any broker passes on, line by line.
 * Below: broker, conversation. Above: cli.ts.
 */
import type { Command } from 'commander';
import { isLoopback } from '../../broker/addresses';
import { startEmbeddedBroker } from '../../broker/embedded';
import { parseBrokerUrls } from '../../conversation/brokerUrl';
import { connectClient } from '../../conversation/client';
import { readable, visibleLine } from '../../conversation/payload';
import { isBoardError } from '../../core/errors';
import { orCancelled } from '../../core/job';
import { silentLog } from '../../core/log';
import { PASSWORD_VARIABLE, listenersOf, usersOf, type DoorOptions } from '../brokerDoor';
import type { Context } from '../context';
import { integer, tcpPort } from '../parse';
import { UsageError } from '../usage';
import { t } from '../../core/words';

/** One message as it is told. */
interface Heard {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId?: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

export function addBrokerCommands(program: Command, context: () => Context): void {
  program
    .command('broker')
    .description(
      t('run an MQTT broker and show what it passes on, with who said it; Ctrl-C ends it'),
    )
    .option('--host <address>', t('the address it listens on (0.0.0.0: all)'), '127.0.0.1')
    .option('--port <port>', t('its TCP port'), tcpPort, 1883)
    .option(
      '--user <name>',
      t('who may come in; its password is read from {variable}', { variable: PASSWORD_VARIABLE }),
    )
    .option('--tls-cert <file>', t('PEM file: the network is let in over TLS alone'))
    .option('--tls-key <file>', t('PEM file of its key'))
    .option('--tls-port <port>', t('the TCP port for TLS'), tcpPort, 8883)
    .option('--open', t('let everyone in who reaches that address'))
    .option('--count <n>', t('end after so many messages'), integer)
    .action(async (options: DoorOptions & { port: number; count?: number }) => {
      const run = context();
      const { host, port, count } = options;
      const users = usersOf(options, process.env);
      const broker = await startEmbeddedBroker({
        ...(await listenersOf(options)),
        port,
        log: silentLog,
        ...(users ? { users } : {}),
      });
      try {
        const [plain = host] = broker.addresses;
        run.say(
          t('The broker listens on {host}:{port}. Ctrl-C ends it.', {
            host: plain,
            port: broker.port,
          }),
        );
        if (broker.secure) {
          run.say(t('With TLS it listens on {host}:{port}.', { host, port: broker.secure.port }));
        }
        if (!isLoopback(host) && !users)
          run.say(t('Everyone who reaches that address may use it.'));
        if (run.json)
          run.result({
            event: 'listening',
            host: plain,
            port: broker.port,
            tls: broker.secure?.port,
          });
        await untilEnough(run, count, (hear) => broker.onMessage(hear));
      } finally {
        await broker.stop();
      }
    });

  program
    .command('watch')
    .description(t('show the messages of a broker as they come (mosquitto_sub); Ctrl-C ends it'))
    .argument('[url]', t('mqtt, mqtts, ws or wss'), 'mqtt://127.0.0.1:1883')
    .option('--filter <topic>', t('what to listen to'), '#')
    .option('--count <n>', t('end after so many messages'), integer)
    .option(
      '--user <name>',
      t('its password is read from {variable}', { variable: PASSWORD_VARIABLE }),
    )
    .action(async (url: string, options: { filter: string; count?: number; user?: string }) => {
      const run = context();
      const addresses = parseBrokerUrls(url);
      if (typeof addresses === 'string') throw new UsageError(addresses);
      const [address, ...others] = addresses;
      const password = process.env[PASSWORD_VARIABLE];
      const client = await connectClient({
        ...address,
        others,
        clientId: `parley-watch-${process.pid}`,
        signal: run.signal,
        ...(options.user === undefined ? {} : { username: options.user }),
        ...(password === undefined ? {} : { password }),
      });
      try {
        await client.subscribe(options.filter);
        run.say(
          t('Listening to {filter} at {host}:{port}.', {
            filter: options.filter,
            host: client.server.host,
            port: client.server.port,
          }),
        );
        await untilEnough(run, options.count, (hear) => client.onMessage(hear));
      } finally {
        await client.end();
      }
    });
}

/** Tells each message until there were `count` or the run is ended from outside. */
async function untilEnough(
  run: Context,
  count = Infinity,
  listen: (hear: (message: Heard) => void) => { dispose(): void },
): Promise<void> {
  let enough: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (enough = resolve));
  let heard = 0;
  const listening = listen((message) => {
    if (heard >= count) return;
    run.result(asJson(message), line(message));
    if (++heard >= count) enough();
  });
  try {
    await orCancelled(run.job, all);
  } catch (error) {
    if (!isBoardError(error, 'cancelled')) throw error;
  } finally {
    listening.dispose();
  }
}

function asJson({ topic, payload, clientId, at, qos, retain }: Heard) {
  const { text } = readable(payload);
  return { at: new Date(at).toISOString(), topic, text, qos, retain, clientId };
}

/** Anybody may send anything: a terminal must not obey it. */
function line({ topic, payload, clientId, at }: Heard): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  const who = clientId === undefined ? '' : `${visibleLine(clientId).padEnd(20)} `;
  return `${time}  ${who}${visibleLine(topic).padEnd(16)} ${visibleLine(readable(payload).text, 400)}`;
}
