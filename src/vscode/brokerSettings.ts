/**
 * What `parley.broker.connection`, `parley.broker.users` and `parley.conversation.topicRoles` hold, checked: anyone may type anything.
 * Pure. Below: broker/access' types. Above: settings.ts reads, brokerKinds.ts uses.
 */
import type { UserRules } from '../broker/access';
import type { BrokerKind } from '../broker/broker';
import { topicFilterProblem } from '../core/topics';

/** How to connect to an existing broker, beyond its address and user name. */
export interface ConnectionSettings {
  /** 4 is MQTT 3.1.1. */
  readonly protocolVersion: 4 | 5;
  /** '' makes one up each time. */
  readonly clientId: string;
  /** Paths of PEM files; '' for none. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly alpn: readonly string[];
  readonly servername: string;
  /** Seconds. */
  readonly keepalive: number;
  readonly clean: boolean;
  /** Seconds; MQTT 5. */
  readonly sessionExpiry: number;
  /** Topic filters that are listened to. */
  readonly listen: readonly string[];
  readonly will?: {
    readonly topic: string;
    readonly payload: string;
    readonly qos: 0 | 1 | 2;
    readonly retain: boolean;
  };
}

export const brokerKinds: readonly BrokerKind[] = ['embedded', 'mosquitto', 'existing'];

export function parseKind(value: unknown): BrokerKind {
  return brokerKinds.find((kind) => kind === value) ?? 'embedded';
}

export function parseConnection(value: unknown): ConnectionSettings {
  const given = record(value);
  const will = record(given['will']);
  const topic = text(will['topic']);
  const qos = will['qos'];
  return {
    protocolVersion: given['protocolVersion'] === 5 || given['protocolVersion'] === '5' ? 5 : 4,
    clientId: text(given['clientId']),
    ca: text(given['ca']),
    cert: text(given['cert']),
    key: text(given['key']),
    alpn: list(given['alpn']),
    servername: text(given['servername']),
    keepalive: whole(given['keepalive'], 0, 65_535, 30),
    clean: given['clean'] !== false,
    sessionExpiry: whole(given['sessionExpiry'], 0, 4_294_967_295, 0),
    listen: list(given['listen']).length > 0 ? list(given['listen']) : ['#'],
    ...(topic
      ? {
          will: {
            topic,
            payload: text(will['payload']),
            qos: qos === 1 || qos === 2 ? qos : 0,
            retain: will['retain'] === true,
          },
        }
      : {}),
  };
}

/** Where the broker of Parley's listens with TLS, and with whose certificate; '' for one made here. */
export interface TlsSettings {
  /** 1 to 65535. */
  readonly port: number;
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export function parseTls(value: unknown): TlsSettings {
  const { port, cert, key, ca } = record(value);
  return {
    port: whole(port, 1, 65_535, 8883),
    cert: text(cert),
    key: text(key),
    ca: text(ca),
  };
}

export function parseUsers(value: unknown): UserRules[] {
  return Object.entries(record(value)).flatMap(([name, rules]) => {
    if (!name) return [];
    const { publish, subscribe } = record(rules);
    return [
      {
        name,
        // A rule that is no list is no right: better too little than too much.
        ...(publish === undefined ? {} : { publish: list(publish) }),
        ...(subscribe === undefined ? {} : { subscribe: list(subscribe) }),
      },
    ];
  });
}

/** Topic filters by board; what is no filter is left out. */
export function parseRoles(value: unknown): Readonly<Record<string, readonly string[]>> {
  const roles = Object.entries(record(value)).map(([name, filters]) => {
    const valid = list(filters).filter((filter) => topicFilterProblem(filter) === undefined);
    return [name, valid] as const;
  });
  return Object.fromEntries(roles);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string' && item) : [];
}

function whole(value: unknown, least: number, most: number, otherwise: number): number {
  const fits = typeof value === 'number' && Number.isInteger(value);
  return fits && value >= least && value <= most ? value : otherwise;
}
