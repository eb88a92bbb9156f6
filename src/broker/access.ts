/**
 * Who may come into the embedded broker, and what they may do there. Pure.
 * Below: topics.ts, node:crypto. Above: embedded.ts asks; passwords come from SecretStorage.
 */
import { timingSafeEqual, createHash } from 'node:crypto';
import { topicMatches } from '../core/topics';

/** One who may come in. */
export interface BrokerUser {
  readonly name: string;
  /** Topic filters this user may publish on; undefined is everything, an empty list nothing. */
  readonly publish?: readonly string[];
  /** Topic filters this user may listen to; undefined is everything, an empty list nothing. */
  readonly subscribe?: readonly string[];
  accepts(name: string, password: Uint8Array): boolean;
}

export interface UserRules {
  readonly name: string;
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

/** A user with a password; of the password only a hash is kept, compared in constant time. */
export function userWith(rules: UserRules, password: string): BrokerUser {
  const wanted = hash(Buffer.from(password));
  return {
    ...rules,
    accepts: (name, given) => {
      const same = timingSafeEqual(hash(given), wanted);
      return same && name === rules.name;
    },
  };
}

function hash(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/**
 * True if `user` may publish on the topic, or listen to the filter, `topic`. To listen to a filter
 * with wildcards a rule must cover all of it: `a/+` is covered by `a/#` and by itself.
 */
export function mayDo(
  user: BrokerUser | undefined,
  what: 'publish' | 'subscribe',
  topic: string,
): boolean {
  if (!user) return false;
  const rules = user[what];
  return rules === undefined || rules.some((rule) => covers(rule, topic));
}

/** True if every topic that `filter` matches is matched by `rule` too. */
export function covers(rule: string, filter: string): boolean {
  if (!/[#+]/.test(filter)) return topicMatches(rule, filter);
  if (filter.startsWith('$') && /^[#+]/.test(rule)) return false;
  const wanted = rule.split('/');
  const levels = filter.split('/');
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true;
    if (i >= levels.length || levels[i] === '#') return false;
    if (wanted[i] !== '+' && wanted[i] !== levels[i]) return false;
  }
  return wanted.length === levels.length;
}
