/**
 * The Conversation view in its webview: puts the parts together and speaks with the host.
 * Below: log.ts, compose.ts, people.ts. Above: vscode/conversationView.ts, over protocol.ts alone.
 * What the host holds comes again after a reload; what the person typed is kept here.
 */
import type {
  BrokerView,
  Counters,
  Entry,
  FromView,
  SpeakerView,
  ToView,
  ViewCommand,
} from '../../src/conversation/protocol';
import { Compose, type Draft } from './compose';
import { el, icon, icons, setText } from './dom';
import { Lines } from './lines';
import { LogView, type Place } from './log';
import { People } from './people';
import { newLines, perSecond } from './words';

interface Kept {
  readonly filter?: string;
  readonly voice?: string;
  readonly draft?: Draft;
  readonly place?: Place;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromView): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

/** A screen reader is told at most this often, milliseconds. */
const ANNOUNCE_EVERY = 5000;
const REPORT_EVERY = 400;
const KEEP_AFTER = 300;

const host = acquireVsCodeApi();
const kept = host.getState() ?? {};
let voice = kept.voice;
let broker: BrokerView = { state: 'off', text: '' };
let speakers: readonly SpeakerView[] = [];
let counters: Counters = { total: 0, dropped: 0, perSecond: 0 };
let restored = false;

const lines = new Lines();
const dot = el('span', { class: 'lamp', 'aria-hidden': 'true' });
const brokerText = el('span', { class: 'broker-text' });
const rate = el('span', { class: 'rate', title: 'Messages a second' });
const clear = el('button', {
  class: 'tool',
  type: 'button',
  title: 'Clear',
  'aria-label': 'Clear',
});
clear.append(icon(icons.clear));
const find = el('input', {
  class: 'field find',
  type: 'search',
  placeholder: 'Filter by text, topic or board',
  'aria-label': 'Filter',
  spellcheck: 'false',
});
const people = new People((chosen) => {
  voice = chosen;
  applyFilter();
});
const box = el('div', {
  class: 'log',
  role: 'log',
  tabindex: '0',
  'aria-label': 'Conversation',
  // Read aloud line by line it would never end: the announcer below says it, seldom.
  'aria-live': 'off',
});
const announcer = el('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
const dropped = el('span', { class: 'dropped' });
const pillText = el('span');
const pill = el('button', { class: 'pill hidden', type: 'button' }, icon(icons.down), pillText);
const empty = el('div', { class: 'empty-state hidden' });
const header = el(
  'header',
  { class: 'head' },
  el('div', { class: 'bar' }, dot, brokerText, rate, clear),
  people.element,
  el('div', { class: 'finding' }, find, dropped),
);
const log = new LogView(box, lines, () => {
  drawPill();
  keepSoon();
});
const compose = new Compose(
  (number, draft) => host.postMessage({ type: 'publish', number, ...draft }),
  () => keepSoon(),
);
const middle = el('main', { class: 'middle' }, box, empty, pill);
document.body.append(header, middle, compose.element, announcer);

pill.addEventListener('click', () => {
  log.jumpToEnd();
  box.focus();
});
clear.addEventListener('click', () => host.postMessage({ type: 'clear' }));
find.addEventListener('input', () => applyFilter());
find.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || find.value === '') return;
  find.value = '';
  applyFilter();
});
box.addEventListener('keydown', (event) => {
  if (event.key !== 'End' || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  log.jumpToEnd();
});

/** What came since the last frame: the document is touched once for all of it. */
let gone = 0;
let added = 0;
let framed = false;
function drawSoon(): void {
  if (framed) return;
  framed = true;
  requestAnimationFrame(() => {
    framed = false;
    if (gone > 0 || added > 0) log.appended(gone, added);
    gone = added = 0;
    drawRest();
  });
}

window.addEventListener('message', (event: MessageEvent<ToView>) => {
  const message = event.data;
  switch (message.type) {
    case 'state':
      ({ broker, speakers, counters } = message);
      lines.setSpeakers(speakers);
      lines.reset(message.entries);
      compose.setTopics(message.topics);
      gone = added = 0;
      restore();
      break;
    case 'append': {
      ({ speakers, counters } = message);
      const renamed = lines.setSpeakers(speakers);
      const change = lines.append(message.entries, message.firstId);
      // Lines that came and went again between two frames were never drawn.
      gone += change.gone;
      added = Math.min(added + change.added, lines.shown.length);
      compose.setTopics(message.topics);
      announce(message.entries);
      if (renamed) redraw();
      break;
    }
    case 'status':
      ({ broker, counters } = message);
      break;
    case 'published':
      compose.ended(message.number, message.error);
      break;
  }
  drawSoon();
});

function redraw(place = log.place): void {
  gone = added = 0;
  log.redraw(place);
}

/** The first state after a reload puts the reader back; later ones go on from where the view is. */
function restore(): void {
  if (restored) return redraw();
  restored = true;
  find.value = kept.filter ?? '';
  if (kept.draft) compose.draft = kept.draft;
  lines.setFilter({ text: find.value.trim(), voice });
  redraw(kept.place);
}

function applyFilter(): void {
  lines.setFilter({ text: find.value.trim(), voice });
  redraw();
  drawRest();
  keepSoon();
}

function drawRest(): void {
  const on = broker.state === 'running' || broker.state === 'connected';
  dot.className = `lamp ${broker.state}`;
  setText(brokerText, broker.text);
  brokerText.title = broker.text;
  setText(rate, perSecond(counters.perSecond));
  people.show(speakers, voice);
  setText(dropped, counters.dropped > 0 ? `${counters.dropped.toLocaleString('en')} older` : '');
  dropped.title = 'Lines that were let go to keep the newest';
  header.classList.toggle('quiet', lines.count === 0 && !lines.filtered);
  compose.setEnabled(on);
  drawEmpty();
  drawPill();
  reportSoon();
}

function drawPill(): void {
  pill.classList.toggle('hidden', log.following || lines.shown.length === 0);
  setText(pillText, log.unread > 0 ? newLines(log.unread) : 'Newest');
}

let emptyShown = '';
function drawEmpty(): void {
  const on = broker.state === 'running' || broker.state === 'connected';
  const kind = lines.shown.length > 0 ? 'none' : lines.count > 0 ? 'filter' : on ? 'on' : 'off';
  const shown = `${kind} ${broker.state}`;
  if (shown === emptyShown) return;
  emptyShown = shown;
  empty.classList.toggle('hidden', kind === 'none');
  box.classList.toggle('hidden', kind !== 'none');
  empty.replaceChildren(...(kind === 'none' ? [] : emptyParts(kind)));
}

function emptyParts(kind: 'filter' | 'on' | 'off'): Node[] {
  const art = el(
    'div',
    { class: 'art', 'aria-hidden': 'true' },
    ...['left seat-0', 'right seat-1', 'left seat-0 short'].map((seat) =>
      el('span', { class: `ghost ${seat}` }),
    ),
  );
  if (kind === 'filter') {
    const all = el('button', { class: 'button', type: 'button' }, 'Show Everything');
    all.addEventListener('click', () => {
      find.value = '';
      voice = undefined;
      applyFilter();
    });
    return [el('p', { class: 'lead' }, 'No line matches the filter.'), all];
  }
  const start = commandButton('startConversation', 'Start the Conversation', 'button');
  if (kind === 'on') {
    const said = 'The broker is up. A board appears here as soon as it joins.';
    return [art, el('h2', {}, 'Nobody has spoken yet'), el('p', {}, said), start];
  }
  const said = 'Put the programs on two boards, start the broker, and read along as they talk.';
  const only = commandButton('startBroker', 'Start Broker only', 'link');
  if (broker.state === 'starting' || broker.state === 'connecting') {
    return [art, el('h2', {}, 'One moment'), el('p', {}, 'The broker is starting.')];
  }
  return [art, el('h2', {}, 'Two boards, one conversation'), el('p', {}, said), start, only];
}

function commandButton(command: ViewCommand, text: string, look: string): HTMLButtonElement {
  const button = el('button', { class: look, type: 'button' }, text);
  button.addEventListener('click', () => host.postMessage({ type: 'run', command }));
  return button;
}

let toAnnounce: { count: number; last?: Entry } = { count: 0 };
let announcing = false;
function announce(entries: readonly Entry[]): void {
  const said = entries.filter((entry) => entry.kind === 'message');
  toAnnounce = { count: toAnnounce.count + said.length, last: said.at(-1) ?? toAnnounce.last };
  if (announcing || toAnnounce.count === 0) return;
  announcing = true;
  setTimeout(() => {
    const { count, last } = toAnnounce;
    announcing = false;
    toAnnounce = { count: 0 };
    if (last?.kind !== 'message') return;
    const who = lines.speaker(last.speaker).name;
    const what = `${who} on ${last.topic}: ${last.text.slice(0, 100)}`;
    setText(announcer, count === 1 ? what : `${count} messages. Last: ${what}`);
  }, ANNOUNCE_EVERY);
}

let reporting = false;
function reportSoon(): void {
  if (reporting) return;
  reporting = true;
  setTimeout(() => {
    reporting = false;
    host.postMessage({ type: 'rendered', lines: lines.count, drawn: log.drawn });
  }, REPORT_EVERY);
}

let keeping = false;
function keepSoon(): void {
  if (keeping || !restored) return;
  keeping = true;
  setTimeout(() => {
    keeping = false;
    host.setState({ filter: find.value, voice, draft: compose.draft, place: log.place });
  }, KEEP_AFTER);
}

host.postMessage({ type: 'ready' });
