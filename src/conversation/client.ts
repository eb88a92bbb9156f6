/**
 * An MQTT client of Parley's own: to publish by hand, for the self-check, and to listen to a broker
 * that is not ours. Below: the mqtt package, loaded when first needed. Above: vscode, terminal.
 */
import type { IClientOptions, MqttClient } from 'mqtt';
import { systemClock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { Emitter, type Event } from '../core/event';
import type { HeardMessage } from './model';
import { t } from '../core/words';
import { noneAnswered, optionsOf, serverOf, type Server, type Servers } from './servers';

export type ClientState = 'connecting' | 'connected' | 'lost';

export type BrokerProtocol = 'mqtt' | 'mqtts' | 'ws' | 'wss';

/** What a TLS connection needs beyond the address. PEM, as bytes. */
export interface TlsOptions {
  /** Certificates that are trusted instead of the system's. */
  readonly ca?: Uint8Array;
  /** The client's own certificate, with its key. */
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
  readonly passphrase?: string;
  /** Application protocols to offer (RFC 7301), such as `mqtt` or `x-amzn-mqtt-ca`. */
  readonly alpn?: readonly string[];
  /** The name the server must have a certificate for (SNI), where it is not the host. */
  readonly servername?: string;
}

export interface ConnectOptions extends Server {
  /** More nodes of the same cluster: tried in turn, at the start and whenever a connection is lost. */
  readonly others?: readonly Server[];
  /** 4 is MQTT 3.1.1, 5 is MQTT 5; 4 where nothing is said. */
  readonly protocolVersion?: 4 | 5;
  readonly tls?: TlsOptions;
  /** Seconds, 0 to 65535; 30 where nothing is said. */
  readonly keepalive?: number;
  /** False: the broker keeps the session, and what is missed comes later. True otherwise. */
  readonly clean?: boolean;
  /** MQTT 5: how long the broker keeps a session, seconds. */
  readonly sessionExpiry?: number;
  /** What the broker says for this client when it is lost. */
  readonly will?: {
    readonly topic: string;
    readonly payload: string;
    readonly qos?: 0 | 1 | 2;
    readonly retain?: boolean;
  };
  /** Start it with `parley-`, and make it unique: a broker throws the older of two twins out. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly signal?: AbortSignal;
  /** How long the first connection may take, milliseconds. */
  readonly timeoutMs?: number;
}

export interface PublishOptions {
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  /** Only over MQTT 5; left out over 3.1.1. */
  readonly properties?: {
    readonly userProperties?: Readonly<Record<string, string>>;
    readonly contentType?: string;
    readonly responseTopic?: string;
    /** Seconds. */
    readonly messageExpiryInterval?: number;
  };
}

/** A connected client; a connection lost later is sought again by itself until `end`. */
export interface MqttConnection {
  readonly clientId: string;
  /** The one it is connected to; while the connection is lost, the one it was. */
  readonly server: Server;
  readonly state: ClientState;
  readonly onState: Event<ClientState>;
  /**
   * What the subscriptions bring. A message published through this client carries its client id;
   * who said the others, MQTT does not tell.
   */
  readonly onMessage: Event<HeardMessage>;
  /** @throws BoardError 'broker-refused' when the broker does not grant it or does not answer. */
  subscribe(filter: string, qos?: 0 | 1 | 2): Promise<void>;
  /** Ends the subscription to `filter`. @throws BoardError 'broker-refused' without an answer. */
  unsubscribe(filter: string): Promise<void>;
  /**
   * Resolves when it is sent (QoS 0) or acknowledged (QoS 1 and 2).
   * @throws BoardError 'broker-refused' for a topic that is none (empty, `#`, `+`, NUL) or no
   *   acknowledgement; 'broker-unreachable' while the connection is lost
   */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): Promise<void>;
  /** Says DISCONNECT and closes. A second call does nothing. Never throws. */
  end(): Promise<void>;
}

const CONNECT_TIMEOUT = 5000;
const ANSWER_TIMEOUT = 5000;
const RECONNECT_EVERY = 2000;
/** With another node to try. */
const NEXT_AFTER = 500;
/** How long the echo of an own message is waited for. */
const ECHO_WITHIN = 10_000;

/**
 * Connects, to the first of its servers that takes it.
 * @throws BoardError 'broker-unreachable' with details { host, port, reason } when there is no
 *   answer within `timeoutMs`; 'broker-refused' with details { host, port, reason } when the broker
 *   says no; 'broker-certificate' with details { host, port, reason } when its certificate is not
 *   trusted, or it does not trust ours; 'cancelled'. Of several servers it names all
 */
export async function connectClient(options: ConnectOptions): Promise<MqttConnection> {
  const servers: Servers = [options, ...(options.others ?? [])];
  const errors: unknown[] = [];
  for (const turn of servers.keys()) {
    try {
      return new Client(await connectTo(serverOf(servers, turn), options), options, servers, turn);
    } catch (error) {
      if (isBoardError(error, 'cancelled')) throw error;
      errors.push(error);
    }
  }
  throw noneAnswered(servers, errors);
}

async function connectTo(server: Server, options: ConnectOptions): Promise<MqttClient> {
  const { host, port } = server;
  const { signal, timeoutMs = CONNECT_TIMEOUT } = options;
  if (signal?.aborted) throw new BoardError('cancelled', 'cancelled by the user');
  const { connect } = await import('mqtt');
  if (signal?.aborted) throw new BoardError('cancelled', 'cancelled by the user');
  const mqtt = connect({
    ...mqttOptions(server, options),
    connectTimeout: timeoutMs,
    // Until the first success nothing is tried twice: the person wants to know now.
    reconnectPeriod: 0,
    queueQoSZero: false,
  });
  // A message goes in two or three small writes, and the other end acknowledges late: with Nagle's
  // algorithm between, each would wait 40 ms. Also after each time it connects anew.
  mqtt.on('connect', () => {
    (mqtt.stream as { setNoDelay?(on: boolean): void }).setNoDelay?.(true);
  });
  await new Promise<void>((resolve, reject) => {
    let settled = false;
    const end = (error?: BoardError): void => {
      // A reset of a connection that stood comes here too: that one is sought again, not ended.
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      mqtt.removeListener('connect', onConnect);
      mqtt.removeListener('close', onClose);
      if (!error) return resolve();
      mqtt.end(true);
      reject(error);
    };
    const details = (reason: string): { details: Record<string, string | number> } => ({
      details: { host, port, reason },
    });
    const unreachable = (reason: string): BoardError =>
      new BoardError(
        'broker-unreachable',
        `no MQTT broker at ${host}:${port}: ${reason}`,
        details(reason),
      );
    const onConnect = (): void => end();
    // The package closes first and says why a moment later.
    const onClose = (): void =>
      void setImmediate(() => end(unreachable(t('the connection was closed'))));
    const onAbort = (): void => end(new BoardError('cancelled', 'cancelled by the user'));
    const timer = setTimeout(
      () => end(unreachable(t('no answer in {ms} ms', { ms: timeoutMs }))),
      timeoutMs,
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    mqtt.once('connect', onConnect);
    mqtt.once('close', onClose);
    // This listener stays: without one, a late error would be thrown into nowhere.
    mqtt.on('error', (error: Error & { code?: number | string }) => {
      // The mqtt package puts the CONNACK return code (MQTT 3.1.1 section 3.2.2.3) into `code`.
      if (typeof error.code !== 'number') {
        const reason = error.code ?? error.message;
        if (!CERTIFICATE.test(reason)) return end(unreachable(reason));
        const untrusted = `the certificate of ${host}:${port} is not accepted: ${error.message}`;
        return end(new BoardError('broker-certificate', untrusted, details(error.message)));
      }
      const said = `the broker at ${host}:${port} refused: ${error.message}`;
      end(new BoardError('broker-refused', said, details(refusal(error.code))));
    });
  });
  mqtt.options.reconnectPeriod = options.others?.length ? NEXT_AFTER : RECONNECT_EVERY;
  return mqtt;
}

/** What OpenSSL and Node call a certificate that is not accepted, here or there. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|SSL_ALERT|_SSL_|TLSV1_ALERT/;

function mqttOptions(server: Server, options: ConnectOptions): IClientOptions {
  const { protocol = 'mqtt' } = server;
  const { tls, will, protocolVersion = 4, sessionExpiry } = options;
  const secure = protocol === 'mqtts' || protocol === 'wss';
  const own: IClientOptions & TlsExtras = {
    rejectUnauthorized: true,
    ...(tls?.ca ? { ca: Buffer.from(tls.ca) } : {}),
    ...(tls?.cert ? { cert: Buffer.from(tls.cert) } : {}),
    ...(tls?.key ? { key: Buffer.from(tls.key) } : {}),
    ...(tls?.passphrase ? { passphrase: tls.passphrase } : {}),
    ...(tls?.alpn?.length ? { ALPNProtocols: [...tls.alpn] } : {}),
    ...(tls?.servername ? { servername: tls.servername } : {}),
  };
  return {
    ...optionsOf(server, tls?.servername),
    protocolVersion,
    clientId: options.clientId,
    username: options.username,
    password: options.password,
    clean: options.clean ?? true,
    keepalive: options.keepalive ?? 30,
    ...(protocolVersion === 5 && sessionExpiry !== undefined
      ? { properties: { sessionExpiryInterval: sessionExpiry } }
      : {}),
    ...(will
      ? {
          will: {
            ...will,
            payload: Buffer.from(will.payload),
            qos: will.qos ?? 0,
            retain: will.retain ?? false,
          },
        }
      : {}),
    ...(secure ? own : {}),
    ...(protocol === 'wss' ? { wsOptions: own as object } : {}),
  };
}

interface TlsExtras {
  ALPNProtocols?: string[];
  servername?: string;
}

/** MQTT 3.1.1, table 3.1, and those of MQTT 5, section 3.2.2.2, that a person meets. */
function refusal(code: number): string {
  const five: Readonly<Record<number, string>> = {
    0x84: t('unacceptable protocol version'),
    0x85: t('identifier rejected'),
    0x86: t('bad user name or password'),
    0x87: t('not authorized'),
    0x88: t('server unavailable'),
    0x8a: t('banned'),
    0x8c: t('bad authentication method'),
    0x97: t('quota exceeded'),
    0x9f: t('connection rate exceeded'),
  };
  if (five[code]) return five[code];
  return (
    [
      t('accepted'),
      t('unacceptable protocol version'),
      t('identifier rejected'),
      t('server unavailable'),
      t('bad user name or password'),
      t('not authorized'),
    ][code] ?? t('code {code}', { code })
  );
}

class Client implements MqttConnection {
  readonly clientId: string;
  state: ClientState = 'connected';
  private readonly states = new Emitter<ClientState>();
  private readonly messages = new Emitter<HeardMessage>();
  readonly onState = this.states.event;
  readonly onMessage = this.messages.event;
  /** Own messages whose echo has not come yet. */
  private echoes: { readonly topic: string; readonly payload: Buffer; readonly until: number }[] =
    [];
  private readonly filters = new Set<string>();
  private closing: Promise<void> | undefined;

  server: Server;

  /** @param turn which of `servers` it is connected to */
  constructor(
    private readonly mqtt: MqttClient,
    private readonly options: ConnectOptions,
    servers: Servers,
    private turn: number,
  ) {
    this.clientId = options.clientId;
    this.server = serverOf(servers, turn);
    mqtt.on('connect', () => {
      this.server = serverOf(servers, this.turn);
      this.become('connected');
    });
    mqtt.on('reconnect', () => this.become('connecting'));
    mqtt.on('close', () => {
      this.become('lost');
      // What the package reads when it connects the next time.
      if (servers.length < 2) return;
      Object.assign(
        mqtt.options,
        optionsOf(serverOf(servers, ++this.turn), options.tls?.servername),
      );
    });
    mqtt.on('message', (topic, payload, packet) => {
      const own = this.isEcho(topic, payload);
      const userProperties = packet.properties?.userProperties;
      this.messages.fire({
        topic,
        payload: new Uint8Array(payload),
        qos: packet.qos,
        retain: packet.retain,
        ...(packet.dup ? { dup: true } : {}),
        at: Date.now(),
        ...(own ? { clientId: this.clientId } : {}),
        ...(userProperties ? { userProperties: { ...userProperties } } : {}),
      });
    });
  }

  async subscribe(filter: string, qos: 0 | 1 | 2 = 0): Promise<void> {
    const asked = this.mqtt.subscribeAsync(filter, { qos });
    const granted = await this.answer(asked, t('subscribe to {topic}', { topic: filter }));
    // 0x80 is "failure" (MQTT 3.1.1 section 3.9.3); MQTT 5 has more from there on.
    if (granted.some((grant) => grant.qos >= 128))
      throw this.refused(t('no right to {topic}', { topic: filter }));
    this.filters.add(filter);
  }

  async unsubscribe(filter: string): Promise<void> {
    this.filters.delete(filter);
    await this.answer(
      this.mqtt.unsubscribeAsync(filter),
      t('unsubscribe from {topic}', { topic: filter }),
    );
  }

  async publish(
    topic: string,
    payload: string | Uint8Array,
    { qos = 0, retain = false, properties }: PublishOptions = {},
  ): Promise<void> {
    // MQTT 3.1.1 sections 4.7.1 and 4.7.3.
    if (topic === '' || /[#+\0]/.test(topic)) throw this.refused(t('not a topic to publish on'));
    if (this.state !== 'connected') throw this.unreachable(t('the connection is lost'));
    const bytes = Buffer.from(payload as Uint8Array);
    if (this.filters.size > 0) {
      this.echoes.push({ topic, payload: bytes, until: systemClock.now() + ECHO_WITHIN });
    }
    const five = this.options.protocolVersion === 5 && properties;
    const sent = this.mqtt.publishAsync(topic, bytes, {
      qos,
      retain,
      ...(five ? { properties: { ...five, userProperties: { ...five.userProperties } } } : {}),
    });
    await this.answer(sent, t('publish on {topic}', { topic }));
  }

  end(): Promise<void> {
    this.closing ??= this.close();
    return this.closing;
  }

  private async close(): Promise<void> {
    // `end` waits for acknowledgements that a dead peer never sends: bounded, then by force.
    const polite = this.mqtt.endAsync().catch(() => undefined);
    const timer = setTimeout(() => this.mqtt.end(true), 1000);
    await Promise.race([polite, new Promise<void>((resolve) => setTimeout(resolve, 1500).unref())]);
    clearTimeout(timer);
    this.states.dispose();
    this.messages.dispose();
  }

  private become(state: ClientState): void {
    if (this.closing || state === this.state) return;
    this.state = state;
    this.states.fire(state);
  }

  private isEcho(topic: string, payload: Buffer): boolean {
    const now = systemClock.now();
    this.echoes = this.echoes.filter((echo) => echo.until > now);
    const index = this.echoes.findIndex((e) => e.topic === topic && e.payload.equals(payload));
    if (index >= 0) this.echoes.splice(index, 1);
    return index >= 0;
  }

  /** `work`, bounded in time, its failure named. */
  private answer<T>(work: Promise<T>, what: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(this.refused(`${what}: ${t('no answer in {ms} ms', { ms: ANSWER_TIMEOUT })}`)),
        ANSWER_TIMEOUT,
      );
      work
        .then(resolve, (error: unknown) => reject(this.refused(`${what}: ${String(error)}`)))
        .finally(() => clearTimeout(timer));
    });
  }

  private refused(reason: string): BoardError {
    const { host, port } = this.server;
    return new BoardError('broker-refused', reason, { details: { host, port, reason } });
  }

  private unreachable(reason: string): BoardError {
    const { host, port } = this.server;
    return new BoardError('broker-unreachable', reason, { details: { host, port, reason } });
  }
}

export interface SelfCheckOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole check. */
  readonly timeoutMs?: number;
}

/**
 * The tutorial's check that a broker carries messages: subscribe `esp32/output`, publish `on` there,
 * see it come back. Boards that listen there switch their light on.
 * @returns milliseconds from publishing to seeing it
 * @throws BoardError 'broker-refused' when it does not come back in time; 'cancelled'
 */
export async function selfCheck(
  client: MqttConnection,
  { signal, timeoutMs = 5000 }: SelfCheckOptions = {},
): Promise<number> {
  if (signal?.aborted) throw new BoardError('cancelled', 'cancelled by the user');
  const [topic, payload] = ['esp32/output', 'on'];
  await client.subscribe(topic, 1);
  let began = 0;
  const seen = new Promise<number>((resolve, reject) => {
    const end = (action: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      subscription.dispose();
      action();
    };
    const fail = (error: unknown): void => end(() => reject(error as Error));
    const subscription = client.onMessage((message) => {
      // Retained: said long ago by somebody else. It proves nothing.
      if (message.topic !== topic || message.retain || began === 0) return;
      if (Buffer.from(message.payload).toString() !== payload) return;
      end(() => resolve(systemClock.now() - began));
    });
    const onAbort = (): void => fail(new BoardError('cancelled', 'cancelled by the user'));
    const timer = setTimeout(() => {
      const reason = t('what was published on {topic} did not come back in {ms} ms', {
        topic,
        ms: timeoutMs,
      });
      fail(new BoardError('broker-refused', reason, { details: { reason } }));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    began = systemClock.now();
    client.publish(topic, payload, { qos: 1 }).catch(fail);
  });
  // Left behind it would count as somebody who listens there.
  return seen.finally(() => client.unsubscribe(topic).catch(() => undefined));
}
