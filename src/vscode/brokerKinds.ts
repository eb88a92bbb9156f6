/**
 * How each kind of broker is brought up from settings and secrets, and how Parley's own clients
 * get into it. Below: broker (embedded in its process, Mosquitto, existing), conversation/client.
 * Above: brokerControl.ts decides which, and when.
 */
import { randomBytes } from 'node:crypto';
import { loopback } from '../broker/addresses';
import type { Broker } from '../broker/broker';
import { useExistingBroker } from '../broker/existing';
import { findMosquitto } from '../broker/findProgram';
import { findHostedBroker, startHostedBroker, type HostedBroker } from '../broker/hosted';
import type { NamedUser } from '../broker/mosquittoAccess';
import { startMosquitto, type MosquittoBroker } from '../broker/mosquitto';
import { parseBrokerUrls, type BrokerUrl } from '../conversation/brokerUrl';
import { connectClient, type ConnectOptions, type MqttConnection } from '../conversation/client';
import { BoardError } from '../core/errors';
import type { Log } from '../core/log';
import { brokerFile, type BrokerTls } from './brokerTls';
import type { Credentials } from './brokerReach';
import type { Secrets } from './secrets';
import type { Settings } from './settings';
import { t } from '../core/words';

/** A broker that is up, and what a client of Parley's own needs to get in. */
export interface Running {
  readonly broker: Broker;
  /** Its own clients connect with this; `clientId` is given each time. */
  readonly access: Omit<ConnectOptions, 'clientId'>;
  /** An existing broker is listened to by the same connection that publishes. */
  readonly client?: MqttConnection;
}

export interface KindsOptions {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly log: Log;
  /** Path of dist/broker.js. */
  readonly program: string;
  /** Where Mosquitto's configuration is written. */
  readonly folder: string;
  /** What tells this workspace from others. */
  readonly workspace: string;
  readonly tls: BrokerTls;
}

export function ownClientId(role: string): string {
  return `parley-${role}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
}

export class BrokerKinds {
  constructor(private readonly options: KindsOptions) {}

  /** @throws BoardError broker-port-taken, broker-address, broker-program */
  async embedded(
    hosts: readonly string[],
    port: number,
    secure?: readonly string[],
  ): Promise<Running> {
    const { settings, secrets, log, program, workspace, tls } = this.options;
    const { users, own } = await this.users();
    const broker = await startHostedBroker({
      hosts,
      port,
      program: [program],
      outliveMs: settings.brokerOutliveMinutes * 60_000,
      log,
      ...(users ? { users } : {}),
      ...(secure ? { tls: await tls.listenerOn(secure) } : {}),
    });
    await secrets.keepBroker(workspace, { ...broker.handle, ...(own ? { user: own } : {}) });
    return { broker, access: accessTo(broker, own) };
  }

  /** Those of parley.broker.users with their passwords, and one for Parley's own clients. */
  private async users(): Promise<{ users?: readonly NamedUser[]; own?: Credentials }> {
    const { settings, secrets, log } = this.options;
    const rules = settings.brokerUsers;
    if (rules.length === 0) return {};
    const users: NamedUser[] = [];
    for (const rule of rules) {
      const password = await secrets.brokerPassword(rule.name, 'embedded');
      if (!password) log.warn(`broker: user "${rule.name}" has no password yet`);
      else users.push({ ...rule, password });
    }
    const own = { name: ownClientId('user'), password: randomBytes(18).toString('base64url') };
    return { users: [...users, own], own };
  }

  /** The embedded broker that this workspace's window left running before; undefined without one. */
  async left(): Promise<(Running & { readonly broker: HostedBroker }) | undefined> {
    const { secrets, log, workspace } = this.options;
    const kept = await secrets.keptBroker(workspace);
    if (!kept) return undefined;
    const broker = await findHostedBroker(kept, log);
    if (!broker) await secrets.keepBroker(workspace, undefined);
    return broker && { broker, access: accessTo(broker, kept.user) };
  }

  /** @throws BoardError as embedded */
  async mosquitto(
    hosts: readonly string[],
    port: number,
    secure?: readonly string[],
  ): Promise<Running & { readonly broker: MosquittoBroker }> {
    const { settings, folder, log, tls } = this.options;
    const { users, own } = await this.users();
    const login = own ? { username: own.name, password: own.password } : {};
    const broker = await startMosquitto({
      hosts,
      port,
      ...(users ? { users } : {}),
      ...(secure ? { tls: await tls.listenerOn(secure) } : {}),
      program: await findMosquitto(settings.mosquittoPath),
      folder,
      observe: (host, at, clientId) => connectClient({ host, port: at, clientId, ...login }),
      log,
    });
    return { broker, access: accessTo(broker, own) };
  }

  /**
   * @param address where the settings name another computer only by its host
   * @throws BoardError broker-unreachable, broker-refused, broker-certificate, file-missing
   */
  async existing(address?: { readonly host: string; readonly port: number }): Promise<Running> {
    const { settings, log } = this.options;
    const [url, ...others] = address ? [{ protocol: 'mqtt', ...address } as const] : this.urls();
    const access = await this.accessTo(url, others);
    const clientId = settings.brokerConnection.clientId || ownClientId('window');
    let client: MqttConnection | undefined;
    const broker = await useExistingBroker({
      host: url.host,
      port: url.port,
      filters: settings.brokerConnection.listen,
      observe: async () => (client = await connectClient({ ...access, clientId })),
      log,
    });
    return { broker, access, ...(client ? { client } : {}) };
  }

  /** The addresses of parley.broker.url. @throws BoardError broker-unreachable when they are none */
  private urls(): readonly [BrokerUrl, ...BrokerUrl[]] {
    const text = this.options.settings.brokerUrl;
    const urls = parseBrokerUrls(text);
    if (typeof urls !== 'string') return urls;
    throw new BoardError('broker-unreachable', urls, {
      details: { host: text || t('parley.broker.url (it is empty)'), port: '' },
    });
  }

  /** The password is kept for the first: nodes of a cluster share their users. */
  private async accessTo(
    url: BrokerUrl,
    others: readonly BrokerUrl[],
  ): Promise<Omit<ConnectOptions, 'clientId'>> {
    const { settings, secrets } = this.options;
    const { ca, cert, key, alpn, servername, ...rest } = settings.brokerConnection;
    const username = settings.brokerUsername;
    const password = username
      ? await secrets.brokerPassword(username, `${url.host}:${url.port}`)
      : undefined;
    const secure = url.protocol === 'mqtts' || url.protocol === 'wss';
    const file = (path: string): Promise<Uint8Array> => brokerFile(settings, path);
    return {
      ...url,
      others,
      protocolVersion: rest.protocolVersion,
      keepalive: rest.keepalive,
      clean: rest.clean,
      sessionExpiry: rest.sessionExpiry,
      ...(rest.will ? { will: rest.will } : {}),
      ...(username ? { username } : {}),
      ...(password === undefined ? {} : { password }),
      ...(secure
        ? {
            tls: {
              alpn,
              ...(servername ? { servername } : {}),
              ...(ca ? { ca: await file(ca) } : {}),
              ...(cert ? { cert: await file(cert) } : {}),
              ...(key ? { key: await file(key) } : {}),
            },
          }
        : {}),
    };
  }
}

function accessTo(broker: Broker, user: Credentials | undefined): Omit<ConnectOptions, 'clientId'> {
  return {
    host: loopback,
    port: broker.port,
    ...(user ? { username: user.name, password: user.password } : {}),
  };
}
