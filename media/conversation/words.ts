/**
 * What the view says in words: times, sizes, short names, the sentences of quiet lines. Pure.
 * Below: protocol's types. Above: line.ts and main.ts put it on the screen as text.
 */
import type { Counters, EventEntry, SpeakerView } from '../../src/conversation/protocol';
import { t } from '../../src/core/words';

/** Local time of day, "09:04:31". @param at epoch milliseconds */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** "12 bytes", "1.2 KB", "3.4 MB" (1 KB is 1024 bytes). */
export function size(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? t('1 byte') : t('{bytes} bytes', { bytes });
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'KB'] : [bytes / 1024 / 1024, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/**
 * Two characters that tell speakers apart: the first letter and the last digit of a name that ends
 * in one ("machine2" is M2), else the first letters.
 */
export function initials(name: string): string {
  const letters = Array.from(name.replace(/[^\p{L}\p{N}]/gu, ''));
  const first = letters[0];
  const last = letters.at(-1);
  if (first === undefined || last === undefined) return '?';
  const second = letters.length > 1 && /\p{N}/u.test(last) ? last : (letters[1] ?? '');
  return first.toUpperCase() + second;
}

/** The sentence of a quiet line. @param name of the speaker, where it has one */
export function eventSentence(entry: EventEntry, name: string): string {
  switch (entry.what) {
    case 'joined':
      return t('{name} joined', { name });
    case 'back':
      return t('{name} is back', { name });
    case 'left':
      return t('{name} left', { name });
    case 'lost':
      return t('{name} lost its connection', { name });
    case 'replaced':
      return t('{name} was sent away: a second client came with its id', { name });
    case 'note':
      return entry.text ?? '';
  }
}

/** A word beside a name that no client id stands for; nothing where one does. */
export function howTag({ how, clientId }: SpeakerView): string {
  switch (how) {
    case 'property':
      return t('says so itself');
    case 'topic':
      return t('by its topic');
    case 'learned':
      return t('learned, not told');
    case 'unknown':
      return clientId === undefined ? t('not told who') : '';
    default:
      return '';
  }
}

/** How it is known that this one said it: a fact is told as one, a guess never. */
export function howSentence({ how, name, clientId = '' }: SpeakerView): string {
  switch (how) {
    case 'client id':
      return t(
        '{name}: the broker told the client id “{clientId}”, and that is this board’s own id.',
        { name, clientId },
      );
    case 'log':
      return t(
        '{name}: Mosquitto’s log names the client id “{clientId}”, and that is this board’s own id.',
        { name, clientId },
      );
    case 'property':
      return t(
        'The message itself says that {name} said it, in a user property. Anybody can write that.',
        { name },
      );
    case 'topic':
      return t(
        'In this workspace only {name} speaks on that topic (its folder, or parley.conversation.topicRoles). The broker does not tell who said it.',
        { name },
      );
    case 'learned':
      return t(
        'Probably {name}: that board printed the same words just before, several times, and no other board did. The broker does not tell who said it.',
        { name },
      );
    case 'self':
      return t('Said from this window.');
    case 'unknown':
      return clientId === ''
        ? t(
            'It is not known who said it: this broker does not tell. Name the board’s topics in parley.conversation.topicRoles, or let its messages carry a user property.',
          )
        : t('The broker told the client id “{clientId}”. No board of this window has it.', {
            clientId,
          });
  }
}

/** "2.4/s", "31/s", and nothing while it is silent. */
export function perSecond(rate: number): string {
  if (rate <= 0) return '';
  return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

/** "Wednesday, November 25", of this computer's time. @param at epoch milliseconds */
export function dayOf(at: number): string {
  return new Date(at).toLocaleDateString('en', { weekday: 'long', month: 'long', day: 'numeric' });
}

export const count = (value: number): string => value.toLocaleString('en');

/** What there was and what of it is here, in one short line. @param found with a filter: lines that pass */
export function countsLine(counters: Counters, found?: number): string {
  const { total, dropped, folded } = counters;
  if (total === 0 && found === undefined) return '';
  const parts = [
    found === undefined
      ? t('{total} received', { total: count(total) })
      : t('{found} shown of {total}', { found: count(found), total: count(total) }),
  ];
  if (folded > 0) parts.push(t('{folded} only counted', { folded: count(folded) }));
  if (dropped > 0) parts.push(t('{dropped} gone', { dropped: count(dropped) }));
  return parts.join(' · ');
}

/** The same at length, for who wants to know what the words mean. */
export function countsTitle({ total, kept, dropped, folded }: Counters): string {
  const lines = [
    t('{total} messages were received since the conversation was cleared:', {
      total: count(total),
    }),
  ];
  lines.push(t('{kept} are kept and can be found', { kept: count(kept) }));
  if (folded > 0)
    lines.push(t('{folded} came too fast and were only counted', { folded: count(folded) }));
  if (dropped > 0)
    lines.push(
      t('{dropped} old ones are gone, to stay within parley.conversation.messages and .megabytes', {
        dropped: count(dropped),
      }),
    );
  return lines.join('\n');
}

/** At the top of what is kept. */
export function goneLine(dropped: number): string {
  return dropped === 1
    ? t('1 older message is gone')
    : t('{dropped} older messages are gone', { dropped: count(dropped) });
}

export function newLines(lines: number): string {
  return t('{lines} new', { lines: lines.toLocaleString('en') });
}
