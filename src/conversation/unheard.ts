/**
 * Why did nobody get that message? The commonest beginner's fault, said in sentences with the line
 * that mends it. Pure.
 * Below: core/topics. Above: viewTables.ts.
 */
import { topicMatches } from '../core/topics';
import type { Why } from './protocol';
import { visibleLine } from './payload';
import { t } from '../core/words';

/**
 * @param topic where it was said
 * @param from client id of who said it, where known
 * @param subscriptions filters by client id; undefined where the broker does not tell
 * @param nameOf who a client id is
 */
export function whyUnheard(
  topic: string,
  from: string | undefined,
  subscriptions: ReadonlyMap<string, readonly string[]> | undefined,
  nameOf: (clientId: string) => string,
): Omit<Why, 'id'> {
  const shown = visibleLine(topic);
  const code = `client.subscribe(${python(topic)})`;
  const fix = t("To hear it, a board's program says this once it is connected:");
  if (!subscriptions) {
    return {
      sentences: [t('This broker does not tell who listens on “{shown}”.', { shown }), fix],
      code,
    };
  }
  const listening = [...subscriptions].filter(([id]) => !id.startsWith('parley-'));
  const now = listening.filter(([, filters]) => filters.some((f) => topicMatches(f, topic)));
  if (now.length > 0) {
    const names = now.map(([id]) => nameOf(id)).join(', ');
    return {
      sentences: [
        t(
          'When it was said nobody listened on “{shown}”; now {names} does. Say it again, or let the publisher retain it (retain=True): then whoever comes later gets it too.',
          { shown, names },
        ),
      ],
    };
  }
  const others = listening.filter(([id]) => id !== from);
  const near = nearest(topic, listening);
  const sentences = [t('No connected client has subscribed to “{shown}”.', { shown })];
  if (near) {
    const [id, filter, how] = near;
    sentences.push(
      t('{name} listens on “{filter}”: {how}. One of the two has a slip of the pen.', {
        name: nameOf(id),
        filter: visibleLine(filter),
        how,
      }),
    );
  } else if (others.length === 0) {
    sentences.push(
      t(
        'Nobody else is connected: start the other board’s program, and look at its prompt if it does not come.',
      ),
    );
  } else {
    const all = others.slice(0, 4).map(([id, filters]) => {
      const what = filters
        .slice(0, 4)
        .map((f) => `“${visibleLine(f)}”`)
        .join(', ');
      return what
        ? t('{name} listens on {what}', { name: nameOf(id), what })
        : t('{name} listens on nothing', { name: nameOf(id) });
    });
    sentences.push(`${all.join('; ')}${others.length > 4 ? t('; and others elsewhere') : ''}.`);
  }
  sentences.push(fix);
  return { sentences, code };
}

/** A filter that means the same to a person: other case, a slash too many, a letter or two off. */
function nearest(
  topic: string,
  listening: readonly (readonly [string, readonly string[]])[],
): [clientId: string, filter: string, how: string] | undefined {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/^\/+|\/+$/g, '')
      .trim();
  for (const [id, filters] of listening) {
    for (const filter of filters) {
      if (plain(filter) === plain(topic)) {
        const how =
          filter.toLowerCase() === topic.toLowerCase()
            ? t('capital letters count')
            : t('a slash or a blank at an end counts');
        return [id, filter, how];
      }
    }
  }
  for (const [id, filters] of listening) {
    const filter = filters.find((one) => topic.length > 3 && distance(one, topic, 2) <= 2);
    if (filter !== undefined) return [id, filter, t('a letter or two are different')];
  }
  return undefined;
}

/** Levenshtein's distance, given up at more than `most`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most || a.length > 200) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** As a bytes literal where it is ASCII, because that is what umqtt takes; else as a text's bytes. */
function python(topic: string): string {
  const quoted = topic
    .replace(/\\/g, '\\\\')
    .replace(/'/g, "\\'")
    // eslint-disable-next-line no-control-regex -- control characters are the subject here
    .replace(/[\0-\x1f\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return /^[\x20-\x7e]*$/.test(quoted) ? `b'${quoted}'` : `'${quoted}'.encode()`;
}
