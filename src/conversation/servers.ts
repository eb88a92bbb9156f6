/**
 * The nodes of a cluster, any of which carries the conversation: which one is next, and what is said
 * when none answers. Pure. Below: core. Above: client.ts connects to them.
 *
 * The mqtt package can turn through servers too, but keeps the first one's name for the certificate
 * (SNI) and one path for all WebSockets.
 */
import type { IClientOptions } from 'mqtt';
import { BoardError, isBoardError } from '../core/errors';
import type { BrokerProtocol } from './client';

export interface Server {
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** `mqtt` where nothing is said. */
  readonly protocol?: BrokerProtocol;
  /** Path of a WebSocket; `/mqtt` where nothing is said (as Mosquitto, EMQX and HiveMQ have it). */
  readonly path?: string;
}

/** At least one. */
export type Servers = readonly [Server, ...Server[]];

/** What the mqtt package is told of one server; into its options at the start, and at each turn. */
export function optionsOf(
  { host, port, protocol = 'mqtt', path }: Server,
  servername: string | undefined,
): IClientOptions & { servername?: string | undefined } {
  const socket = protocol === 'ws' || protocol === 'wss';
  return {
    host,
    hostname: host,
    port,
    protocol,
    ...(socket ? { path: path ?? '/mqtt' } : {}),
    // Undefined: the package takes the host's name.
    servername,
  };
}

/** The one that is tried after the `turn`th. */
export function serverOf(servers: Servers, turn: number): Server {
  return servers[turn % servers.length] ?? servers[0];
}

export function addressOf({ host, port }: Server): string {
  return `${host}:${port}`;
}

/** One error for all: what a person can mend counts more than silence. */
export function noneAnswered(servers: Servers, errors: readonly unknown[]): unknown {
  const worst = errors.find((one) => !isBoardError(one, 'broker-unreachable')) ?? errors[0];
  if (errors.length < 2 || !isBoardError(worst)) return worst;
  const last = serverOf(servers, servers.length - 1);
  const reasons = errors.map((one, i) => {
    const reason = isBoardError(one) ? one.details['reason'] : String(one);
    return `${addressOf(serverOf(servers, i))}: ${reason}`;
  });
  return new BoardError(worst.code, `none of the brokers took it: ${reasons.join('; ')}`, {
    details: {
      host: [...servers.slice(0, -1).map(addressOf), last.host].join(', '),
      port: last.port,
      reason: reasons.join('; '),
    },
    cause: worst,
  });
}
