/**
 * A broker's address as a person writes it: `mqtts://broker.example.org:8883`. Pure.
 * Below: core. Above: vscode asks for one, client.ts connects to it.
 */
import type { BrokerProtocol } from './client';
import { t } from '../core/words';

export interface BrokerUrl {
  readonly protocol: BrokerProtocol;
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Only for WebSockets, and only where the URL has one. */
  readonly path?: string;
}

/** The ports registered with IANA for MQTT; for WebSockets those of HTTP. */
const usualPort: Readonly<Record<BrokerProtocol, number>> = {
  mqtt: 1883,
  mqtts: 8883,
  ws: 80,
  wss: 443,
};

/** @returns the parts, or a sentence that says what is wrong */
export function parseBrokerUrl(text: string): BrokerUrl | string {
  const match = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(text.trim());
  const named = (match?.[1] ?? 'mqtt').toLowerCase();
  const protocol =
    ({ tcp: 'mqtt', ssl: 'mqtts', tls: 'mqtts' } as Record<string, string>)[named] ?? named;
  if (!isProtocol(protocol)) {
    return t('A broker’s address begins with mqtt://, mqtts://, ws:// or wss://.');
  }
  let url: URL;
  try {
    // Only for http does URL read a host as one.
    url = new URL(`http://${match?.[2] ?? ''}`);
  } catch {
    return t('That is no address: write it as mqtt://host:1883.');
  }
  if (url.username || url.password) {
    return t(
      'Leave the user name and password out of the address: they are asked for next, and kept in VS Code’s secret storage.',
    );
  }
  // An http URL hides port 80, its own default.
  const said = /:(\d+)(?:[/?#]|$)/.exec(match?.[2] ?? '')?.[1];
  const port = said === undefined ? usualPort[protocol] : Number(said);
  if (port < 1 || port > 65535) return t('A port is a number from 1 to 65535.');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const path = `${url.pathname}${url.search}`;
  const socket = protocol === 'ws' || protocol === 'wss';
  if (!socket && path !== '/') return t('Only ws:// and wss:// have a path.');
  return { protocol, host, port, ...(socket && path !== '/' ? { path } : {}) };
}

/**
 * One address or several, with commas or spaces between: nodes of one cluster.
 * @returns at least one, or a sentence that says what is wrong
 */
export function parseBrokerUrls(text: string): readonly [BrokerUrl, ...BrokerUrl[]] | string {
  const [first = '', ...rest] = text.split(/[\s,]+/).filter(Boolean);
  const one = parseBrokerUrl(first);
  if (typeof one === 'string') return one;
  const others: BrokerUrl[] = [];
  for (const part of rest) {
    const url = parseBrokerUrl(part);
    if (typeof url === 'string') return url;
    // A node that is away must not lead to one that anybody can listen in on.
    if (isSecure(url) !== isSecure(one)) {
      return t('Of several addresses either all are encrypted (mqtts, wss) or none is.');
    }
    others.push(url);
  }
  return [one, ...others];
}

function isSecure({ protocol }: BrokerUrl): boolean {
  return protocol === 'mqtts' || protocol === 'wss';
}

function isProtocol(text: string): text is BrokerProtocol {
  return text in usualPort;
}
