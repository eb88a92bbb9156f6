/**
 * What the view says in words: times, sizes, short names, the sentences of quiet lines. Pure.
 * Below: protocol's types. Above: line.ts and main.ts put it on the screen as text.
 */
import type { Counters, EventEntry, SpeakerView } from '../../src/conversation/protocol';

/** Local time of day, "09:04:31". @param at epoch milliseconds */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** "12 bytes", "1.2 KB", "3.4 MB" (1 KB is 1024 bytes). */
export function size(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
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
      return `${name} joined`;
    case 'back':
      return `${name} is back`;
    case 'left':
      return `${name} left`;
    case 'lost':
      return `${name} lost its connection`;
    case 'replaced':
      return `${name} was sent away: a second client came with its id`;
    case 'note':
      return entry.text ?? '';
  }
}

/** A word beside a name that no client id stands for; nothing where one does. */
export function howTag({ how, clientId }: SpeakerView): string {
  switch (how) {
    case 'property':
      return 'says so itself';
    case 'topic':
      return 'by its topic';
    case 'learned':
      return 'learned, not told';
    case 'unknown':
      return clientId === undefined ? 'not told who' : '';
    default:
      return '';
  }
}

/** How it is known that this one said it: a fact is told as one, a guess never. */
export function howSentence({ how, name, clientId = '' }: SpeakerView): string {
  switch (how) {
    case 'client id':
      return `${name}: the broker told the client id “${clientId}”, and that is this board’s own id.`;
    case 'log':
      return `${name}: Mosquitto’s log names the client id “${clientId}”, and that is this board’s own id.`;
    case 'property':
      return `The message itself says that ${name} said it, in a user property. Anybody can write that.`;
    case 'topic':
      return `In this workspace only ${name} speaks on that topic (its folder, or parley.conversation.topicRoles). The broker does not tell who said it.`;
    case 'learned':
      return `Probably ${name}: that board printed the same words just before, several times, and no other board did. The broker does not tell who said it.`;
    case 'self':
      return 'Said from this window.';
    case 'unknown':
      return clientId === ''
        ? 'It is not known who said it: this broker does not tell. Name the board’s topics in parley.conversation.topicRoles, or let its messages carry a user property.'
        : `The broker told the client id “${clientId}”. No board of this window has it.`;
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
    found === undefined ? `${count(total)} received` : `${count(found)} shown of ${count(total)}`,
  ];
  if (folded > 0) parts.push(`${count(folded)} only counted`);
  if (dropped > 0) parts.push(`${count(dropped)} gone`);
  return parts.join(' · ');
}

/** The same at length, for who wants to know what the words mean. */
export function countsTitle({ total, kept, dropped, folded }: Counters): string {
  const lines = [`${count(total)} messages were received since the conversation was cleared:`];
  lines.push(`${count(kept)} are kept and can be found`);
  if (folded > 0) lines.push(`${count(folded)} came too fast and were only counted`);
  if (dropped > 0)
    lines.push(
      `${count(dropped)} old ones are gone, to stay within parley.conversation.messages and .megabytes`,
    );
  return lines.join('\n');
}

/** At the top of what is kept. */
export function goneLine(dropped: number): string {
  return dropped === 1 ? '1 older message is gone' : `${count(dropped)} older messages are gone`;
}

export function newLines(lines: number): string {
  return `${lines.toLocaleString('en')} new`;
}
