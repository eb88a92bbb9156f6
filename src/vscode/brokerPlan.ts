/**
 * Which addresses the broker listens on and which one a board is told: pure decisions.
 * Below: nothing of `vscode`. Above: brokerControl.ts.
 */
import { isLoopback, loopback } from '../broker/addresses';
import type { BrokerKind } from '../broker/broker';

export interface BrokerSituation {
  /** parley.broker.kind */
  readonly kind: BrokerKind;
  /** parley.broker.host; '' is automatic. */
  readonly host: string;
  /** Every IPv4 address of this computer but loopback, best first. */
  readonly own: readonly string[];
  /** The address boards on the network should use; undefined without a network. */
  readonly lan: string | undefined;
  /** True when a real board is known: it cannot reach loopback. */
  readonly realBoards: boolean;
}

export type BrokerPlan =
  | { readonly kind: 'embedded' | 'mosquitto'; readonly hosts: readonly string[] }
  /** The address of parley.broker.url. */
  | { readonly kind: 'existing' }
  /** The host belongs to another computer: there is a broker to be used, not one to be started. */
  | { readonly kind: 'existing'; readonly host: string };

/** Loopback always: virtual boards and Parley itself. The network only where a board needs it. */
export function planBroker(situation: BrokerSituation): BrokerPlan {
  const { kind, host, own, lan, realBoards } = situation;
  if (kind === 'existing') return { kind };
  if (host === '0.0.0.0') return { kind, hosts: ['0.0.0.0'] };
  if (isLoopback(host)) return { kind, hosts: [loopback] };
  if (host && own.includes(host)) return { kind, hosts: [loopback, host] };
  if (host) return { kind: 'existing', host };
  return { kind, hosts: realBoards && lan ? [loopback, lan] : [loopback] };
}

/** What a board must be told as `mqtt_server`; undefined when nothing it can reach is known. */
export function addressFor(
  board: { readonly virtual: boolean },
  situation: BrokerSituation,
  external: string | undefined,
): string | undefined {
  const { host, lan } = situation;
  if (external && !isLoopback(external)) return external;
  if (board.virtual) return loopback;
  if (host && host !== '0.0.0.0' && !isLoopback(host)) return host;
  return lan;
}

/**
 * An address that a broker of ours listens on and this computer has no more (the Wi-Fi is another
 * now): the socket stands, but no board finds it.
 * @param own every IPv4 address of this computer but loopback
 */
export function goneAddress(hosts: readonly string[], own: readonly string[]): string | undefined {
  return hosts.find((host) => host !== '0.0.0.0' && !isLoopback(host) && !own.includes(host));
}

/** True when anyone on the network can reach a broker that listens on `hosts`. */
export function isOpenToNetwork(hosts: readonly string[]): boolean {
  return hosts.some((host) => !isLoopback(host));
}
