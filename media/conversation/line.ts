/**
 * One line of the conversation as an element: a bubble, or a quiet line in the middle.
 * Below: dom.ts, words.ts. Above: log.ts decides which lines there are.
 */
import type { EventEntry, MessageEntry, SpeakerView } from '../../src/conversation/protocol';
import { el, icon, icons, type Child } from './dom';
import { jsonView } from './json';
import { eventSentence, howSentence, howTag, initials, size, timeOfDay } from './words';
import { t } from '../../src/core/words';

/** Longer than this, in characters or lines, is folded. */
const FOLD_CHARACTERS = 420;
const FOLD_LINES = 8;
/** How many colours style sheet has for seats. */
const COLOURS = 6;

export interface BubbleOptions {
  readonly start: boolean;
  /** The line before said already that nobody listens there. */
  readonly repeatsUnheard: boolean;
  readonly unfolded: boolean;
  onFold(unfolded: boolean): void;
  /** What it answers. */
  readonly question: MessageEntry | undefined;
  /** Who a speaker's key is. */
  name(key: string): string;
  /** Where the picture of a message is drawn. */
  picture(entry: MessageEntry): HTMLElement;
}

/** The classes that give a speaker its colour and side. */
export function seatClass(speaker: SpeakerView): string {
  if (speaker.how === 'self') return 'you';
  const side = speaker.seat % 2 === 0 ? 'left' : 'right';
  // The host knows the names of colours; anything else is no class.
  const { colour } = speaker;
  if (colour && /^[a-z]+$/.test(colour)) return `${side} hue-${colour}`;
  return `${side} seat-${Math.max(0, speaker.seat) % COLOURS}`;
}

export function bubble(entry: MessageEntry, speaker: SpeakerView, o: BubbleOptions): HTMLElement {
  const time = el('time', { title: new Date(entry.at).toLocaleString() }, timeOfDay(entry.at));
  const nobody = entry.receivers === 0;
  const meta = el(
    'span',
    { class: 'meta' },
    el('span', { class: 'topic', title: t('Topic: {topic}', { topic: entry.topic }) }, entry.topic),
    entry.qos > 0 ? el('span', { class: 'flag', title: `QoS ${entry.qos}` }, `q${entry.qos}`) : '',
    entry.retain ? retained() : '',
    entry.bookmarked ? bookmark() : '',
    entry.dup ? badge('again', t('DUP: sent again, because no acknowledgement came')) : '',
    entry.will
      ? badge('will', t('The last will: the broker said it when the client was lost'))
      : '',
    receipt(entry, o),
    nobody && o.repeatsUnheard ? unheardSign(entry.topic) : '',
    time,
  );
  return el(
    'div',
    {
      class: `line said ${seatClass(speaker)} ${o.start ? 'start' : 'more'}`,
      'data-id': String(entry.id),
      id: `line-${entry.id}`,
    },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, o.start ? initials(speaker.name) : ''),
    el(
      'div',
      { class: 'body' },
      // Within a run the name is there for a screen reader alone.
      nameOf(speaker, o.start),
      el('div', { class: 'bubble' }, quote(o), ...content(entry, o), meta, moreButton()),
      nobody && !o.repeatsUnheard ? unheardMark(entry.topic) : undefined,
    ),
  );
}

function nameOf(speaker: SpeakerView, start: boolean): HTMLElement {
  const name = el('div', { class: start ? 'name' : 'unseen', title: howSentence(speaker) });
  const tag = howTag(speaker);
  name.append(speaker.name, ...(tag === '' ? [] : [' ', el('span', { class: 'how' }, tag)]));
  return name;
}

/** What it answers, in one line; a click goes there. */
function quote({ question, name }: BubbleOptions): Child {
  if (!question) return undefined;
  const said = `${name(question.speaker)}: ${question.text.split('\n')[0]?.slice(0, 80) ?? ''}`;
  const button = el('button', {
    class: 'quote',
    type: 'button',
    tabindex: '-1',
    title: t('Answers {said}', { said }),
    'data-question': String(question.id),
  });
  button.append(icon(icons.reply), el('span', {}, said));
  return button;
}

function content(entry: MessageEntry, o: BubbleOptions): HTMLElement[] {
  if (entry.payload === 'empty') return [el('span', { class: 'text empty' }, t('empty message'))];
  if (entry.payload === 'image') return [o.picture(entry)];
  if (entry.payload === 'json') return [jsonView(entry.text)];
  const text = el('span', { class: `text ${entry.payload}` }, entry.text);
  const note = cutNote(entry);
  const lines = entry.text.length > FOLD_CHARACTERS ? Infinity : entry.text.split('\n').length;
  if (lines <= FOLD_LINES) return note ? [text, note] : [text];
  const button = el('button', { class: 'link', type: 'button' });
  const show = (unfolded: boolean): void => {
    text.classList.toggle('folded', !unfolded);
    button.textContent = unfolded ? t('Show less') : t('Show more');
    button.setAttribute('aria-expanded', String(unfolded));
    note?.classList.toggle('hidden', !unfolded);
  };
  let unfolded = o.unfolded;
  show(unfolded);
  button.addEventListener('click', () => {
    unfolded = !unfolded;
    show(unfolded);
    o.onFold(unfolded);
  });
  return note ? [text, note, button] : [text, button];
}

function cutNote(entry: MessageEntry): HTMLElement | undefined {
  const kind = entry.payload === 'binary' ? t('not text, ') : '';
  if (entry.cut)
    return el(
      'span',
      { class: 'cut-note' },
      t('the beginning of {bytes}', { bytes: size(entry.bytes) }),
    );
  return kind ? el('span', { class: 'cut-note' }, `${kind}${size(entry.bytes)}`) : undefined;
}

/** For the mouse; the keyboard opens the same menu on the line itself. */
function moreButton(): HTMLElement {
  const button = el('button', {
    class: 'more-button',
    type: 'button',
    tabindex: '-1',
    title: t('Copy, send again, …'),
    'aria-label': t('What can be done with this message'),
  });
  button.append(icon(icons.more));
  return button;
}

function badge(text: string, title: string): HTMLElement {
  return el('span', { class: 'flag badge', title }, text);
}

/** Who got it: one tick; and acknowledged it: two. */
function receipt({ receivers, to = [], acked = [] }: MessageEntry, o: BubbleOptions): Child {
  if (receivers === undefined || receivers === 0) return undefined;
  const all = acked.length > 0 && acked.length >= receivers;
  const named = to.map((key) => o.name(key) + (acked.includes(key) ? t(' (acknowledged)') : ''));
  const others = receivers - named.length;
  if (others > 0)
    named.push(
      named.length > 0 ? t('{others} others', { others }) : t('{receivers} clients', { receivers }),
    );
  const said = t('Delivered to {named}', { named: named.join(', ') });
  const mark = el('span', { class: 'flag receipt', title: said });
  mark.append(icon(all ? icons.checks : icons.check), el('span', { class: 'unseen' }, said));
  return mark;
}

function retained(): HTMLElement {
  const mark = el('span', { class: 'flag', title: t('Retained: whoever comes later gets it too') });
  mark.append(icon(icons.pin), el('span', { class: 'unseen' }, 'retained'));
  return mark;
}

function bookmark(): HTMLElement {
  const mark = el('span', { class: 'flag bookmark', title: t('Bookmarked') });
  mark.append(icon(icons.star), el('span', { class: 'unseen' }, 'bookmarked'));
  return mark;
}

function unheardMark(topic: string): HTMLElement {
  const why = el('button', { class: 'link why', type: 'button' }, t('Why?'));
  const said = el('span', {}, t('nobody listens on '), el('code', {}, topic));
  return el('div', { class: 'unheard' }, icon(icons.unheard), said, why);
}

/** Later in a run a small sign is enough. */
function unheardSign(topic: string): HTMLElement {
  const said = t('nobody listens on {topic}', { topic });
  const sign = el('span', { class: 'unheard', title: said });
  sign.append(icon(icons.unheard), el('span', { class: 'unseen' }, said));
  return sign;
}

export function quietLine(entry: EventEntry, speaker: SpeakerView): HTMLElement {
  const seat = entry.speaker === undefined ? '' : seatClass(speaker);
  const sentence = eventSentence(entry, speaker.name);
  return el(
    'div',
    {
      class: `line quiet ${entry.what} ${seat}`,
      'data-id': String(entry.id),
      id: `line-${entry.id}`,
    },
    entry.speaker === undefined ? undefined : el('span', { class: 'dot', 'aria-hidden': 'true' }),
    el('span', { class: 'sentence' }, sentence),
    el('time', { title: new Date(entry.at).toLocaleString() }, timeOfDay(entry.at)),
  );
}
