/**
 * Who may reach a broker that Parley runs, and where it listens then: pure decisions.
 * Below: nothing of `vscode`. Above: brokerReach.ts asks and remembers, brokerControl.ts obeys.
 */
import { isLoopback, loopback } from '../broker/addresses';
import type { UserRules } from '../broker/access';

/** What a person may answer, the safest first. */
export const reaches = ['computer', 'password', 'tls', 'open'] as const;
export type Reach = (typeof reaches)[number];

export function parseReach(value: unknown): Reach | undefined {
  return reaches.find((reach) => reach === value);
}

export interface OpeningSituation {
  /** Where the boards need it to listen. */
  readonly hosts: readonly string[];
  /** The answer of this workspace; undefined where nobody has said. */
  readonly chosen: Reach | undefined;
  readonly trusted: boolean;
  /** False where nobody is to be asked now: when a window opens. */
  readonly mayAsk: boolean;
}

export type Opening =
  | {
      readonly is: 'start';
      readonly hosts: readonly string[];
      /** Where it listens with TLS too. */
      readonly secure?: readonly string[];
      /** Why it does not listen where the boards need it. */
      readonly closed?: 'chosen' | 'untrusted' | 'unanswered';
    }
  | { readonly is: 'ask'; readonly network: readonly string[] };

/** Nothing but loopback without an answer that says so, and never in a workspace nobody trusts. */
export function decideOpening({ hosts, chosen, trusted, mayAsk }: OpeningSituation): Opening {
  const network = hosts.filter((host) => !isLoopback(host));
  const tls = chosen === 'tls' && trusted;
  if (network.length === 0) return { is: 'start', hosts, ...(tls ? { secure: hosts } : {}) };
  const inside = hosts.filter(isLoopback);
  const own = inside.length > 0 ? inside : [loopback];
  const closed = (why: 'chosen' | 'untrusted' | 'unanswered'): Opening => {
    return { is: 'start', hosts: own, closed: why };
  };
  if (!trusted) return closed('untrusted');
  if (chosen === 'computer') return closed('chosen');
  // What is said in the clear stays on this computer then.
  if (tls) return { is: 'start', hosts: own, secure: hosts };
  if (chosen !== undefined) return { is: 'start', hosts };
  return mayAsk ? { is: 'ask', network } : closed('unanswered');
}

/** The user that Parley itself names where a password is wanted and nobody is named yet. */
export const BOARDS_USER = 'boards';

/** Whose name and password a board is given: its own, the one for all boards, or the first. */
export function userFor(users: readonly UserRules[], board: string): UserRules | undefined {
  const called = (name: string): UserRules | undefined => users.find((user) => user.name === name);
  return called(board) ?? called(BOARDS_USER) ?? users[0];
}

/**
 * The users after an answer: with a password there is one; without, none but those that somebody
 * wrote down. Undefined where nothing changes.
 */
export function usersAfter(reach: Reach, users: readonly UserRules[]): UserRules[] | undefined {
  if (reach === 'password' || reach === 'tls')
    return users.length === 0 ? [{ name: BOARDS_USER }] : undefined;
  if (reach !== 'open') return undefined;
  return users.some(isOurs) ? users.filter((user) => !isOurs(user)) : undefined;
}

/** Users that somebody wrote down are asked for a password, whatever else is chosen. */
export function mayBeOpen(users: readonly UserRules[]): boolean {
  return users.every(isOurs);
}

function isOurs({ name, publish, subscribe }: UserRules): boolean {
  return name === BOARDS_USER && !publish && !subscribe;
}
