/**
 * The Conversation view in its webview: puts the parts together and speaks with the host.
 * Below: log.ts, compose.ts, people.ts, finding.ts. Above: vscode/conversationView.ts, over protocol.ts alone.
 * What the host holds comes again after a reload; what the person typed is kept here.
 */
import type {
  BrokerView,
  Counters,
  Entry,
  EntryAction,
  Filter,
  FromView,
  MessageEntry,
  SpeakerView,
  ToView,
  ViewCommand,
} from '../../src/conversation/protocol';
import { Compose, type Draft } from './compose';
import { el, icon, icons, setText } from './dom';
import { Finding } from './finding';
import { Lines, MOST_LINES } from './lines';
import { LogView, type Place } from './log';
import { openMenu, type MenuItem } from './menu';
import { People } from './people';
import { count, countsLine, countsTitle, goneLine, newLines, perSecond } from './words';

interface Kept {
  readonly filter?: Filter;
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
let broker: BrokerView = { state: 'off', text: '' };
let speakers: readonly SpeakerView[] = [];
let counters: Counters = { total: 0, kept: 0, dropped: 0, folded: 0, perSecond: 0 };
let restored = false;
/** Lines that pass the filter, all in all; and those that wait while the view is held. */
let found = 0;
let waiting = 0;
let paused = false;
let held = false;

const lines = new Lines();
const dot = el('span', { class: 'lamp', 'aria-hidden': 'true' });
const brokerText = el('span', { class: 'broker-text' });
const rate = el('span', { class: 'rate', title: 'Messages a second' });
const pause = tool('Pause', icons.pause);
const clear = tool('Clear', icons.clear);
const finding = new Finding(() => applyFilter());
const people = new People((voice) => finding.use({ voice }));
const box = el('div', {
  class: 'log',
  role: 'log',
  tabindex: '0',
  'aria-label': 'Conversation',
  // Read aloud line by line it would never end: the announcer below says it, seldom.
  'aria-live': 'off',
});
const announcer = el('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
const counts = el('div', { class: 'counts' });
const gone = el('div', { class: 'gone hidden' });
const pillText = el('span');
const pill = el('button', { class: 'pill hidden', type: 'button' }, icon(icons.down), pillText);
const empty = el('div', { class: 'empty-state hidden' });
const header = el(
  'header',
  { class: 'head' },
  el('div', { class: 'bar' }, dot, brokerText, rate, pause, clear),
  people.element,
  finding.element,
  counts,
);
const log = new LogView(
  box,
  lines,
  () => {
    drawPill();
    holdOrGo();
    keepSoon();
  },
  askOlder,
  openActions,
);
const compose = new Compose(
  (number, draft) => host.postMessage({ type: 'publish', number, ...draft }),
  () => keepSoon(),
);
const middle = el('main', { class: 'middle' }, gone, box, empty, pill);
document.body.append(header, middle, compose.element, announcer);

pill.addEventListener('click', () => {
  paused = false;
  drawPause();
  log.jumpToEnd();
  box.focus();
});
pause.addEventListener('click', () => {
  paused = !paused;
  drawPause();
  holdOrGo();
  drawPill();
});
clear.addEventListener('click', () => host.postMessage({ type: 'clear' }));

function tool(name: string, path: string): HTMLButtonElement {
  const attributes = { class: 'tool', type: 'button', title: name, 'aria-label': name };
  return el('button', attributes, icon(path));
}

function drawPause(): void {
  const name = paused ? 'Go on' : 'Pause';
  pause.replaceChildren(icon(paused ? icons.resume : icons.pause));
  pause.title = paused ? 'Go on showing what comes' : 'Pause: nothing moves until you go on';
  pause.setAttribute('aria-label', name);
  pause.setAttribute('aria-pressed', String(paused));
}

/** A reader further up, or a pause: what comes waits at the host and is only counted. */
function holdOrGo(): void {
  const on = restored && (paused || !log.following);
  if (on === held) return;
  held = on;
  if (!on) waiting = 0;
  host.postMessage({ type: 'hold', on });
}

let asking = false;
function askOlder(): void {
  const first = lines.shown[0];
  if (asking || !first) return;
  asking = true;
  host.postMessage({ type: 'older', before: first.id });
}

function openActions(entry: MessageEntry, place: { x: number; y: number }): void {
  const ask = (label: string, action: EntryAction): MenuItem => ({
    label,
    run: () => host.postMessage({ type: 'do', action, id: entry.id }),
  });
  const { topic, text, qos, retain, payload } = entry;
  const plain = (payload === 'text' || payload === 'json') && !entry.cut;
  const items: MenuItem[] = [
    ask('Copy Message', 'copyText'),
    ask('Copy Topic', 'copyTopic'),
    ask('Copy as mosquitto_pub', 'copyCommand'),
    ask('Send Again', 'sendAgain'),
  ];
  if (plain || payload === 'empty') {
    const draft: Draft = { topic, payload: text, encoding: 'text', qos, retain };
    items.push({ label: 'Change and Send…', run: () => compose.edit(draft) });
  }
  items.push(ask('Open in an Editor', 'open'));
  items.push({ label: 'Show only this Topic', run: () => finding.use({ topic }) });
  if (retain) items.push(ask('Clear what is Retained', 'clearRetained'));
  openMenu(items, place, box);
}

/** What came since the last frame: the document is touched once for all of it. */
let went = 0;
let added = 0;
let framed = false;
function drawSoon(): void {
  if (framed) return;
  framed = true;
  requestAnimationFrame(() => {
    framed = false;
    flush();
    drawRest();
  });
}

function flush(): void {
  if (went > 0 || added > 0) log.appended(went, added);
  went = added = 0;
}

function setTopics(topics: readonly string[]): void {
  compose.setTopics(topics);
  finding.setTopics(topics);
}

window.addEventListener('message', (event: MessageEvent<ToView>) => {
  const message = event.data;
  switch (message.type) {
    case 'state':
      ({ broker, speakers, counters } = message);
      lines.setSpeakers(speakers);
      lines.reset(message.entries, message.more);
      found = message.found;
      waiting = 0;
      asking = false;
      finding.setProblem(message.problem);
      setTopics(message.topics);
      redraw(restored ? undefined : kept.place);
      restored = true;
      break;
    case 'append': {
      ({ speakers, counters } = message);
      const renamed = lines.setSpeakers(speakers);
      const most = log.following ? MOST_LINES : Infinity;
      const change = lines.append(message.entries, message.firstId, most);
      found += change.added;
      // Lines that came and went again between two frames were never drawn.
      went += change.gone;
      added = Math.min(added + change.added, lines.shown.length);
      setTopics(message.topics);
      announce(message.entries);
      if (renamed) redraw();
      break;
    }
    case 'older':
      asking = false;
      flush();
      log.prepended(lines.prepend(message.entries, message.more));
      break;
    case 'changed':
      flush();
      log.replaced(lines.change(message.entries));
      break;
    case 'status':
      ({ broker, counters, waiting } = message);
      break;
    case 'published':
      compose.ended(message.number, message.error);
      break;
  }
  drawSoon();
});

function redraw(place = log.place): void {
  went = added = 0;
  log.redraw(place);
}

function applyFilter(): void {
  held = false;
  host.postMessage({ type: 'filter', filter: finding.filter });
  log.following = true;
  holdOrGo();
  keepSoon();
}

function drawRest(): void {
  const on = broker.state === 'running' || broker.state === 'connected';
  dot.className = `lamp ${broker.state}`;
  setText(brokerText, broker.text);
  brokerText.title = broker.text;
  setText(rate, perSecond(counters.perSecond));
  people.show(speakers, finding.filter.voice);
  setText(counts, countsLine(counters, finding.active ? found : undefined));
  counts.title = countsTitle(counters);
  setText(gone, goneLine(counters.dropped));
  gone.title = 'How many are kept: the settings parley.conversation.messages and .megabytes';
  const nothing = lines.shown.length === 0 && counters.total === 0;
  header.classList.toggle('quiet', nothing && !finding.active);
  compose.setEnabled(on);
  drawEmpty();
  drawPill();
  reportSoon();
}

function drawPill(): void {
  const more = log.unread + waiting;
  const reading = !log.following || paused;
  pill.classList.toggle('hidden', !reading || lines.shown.length === 0);
  const said = more > 0 ? newLines(more) : paused ? '' : 'Newest';
  setText(pillText, paused ? ['Paused', said].filter(Boolean).join(' · ') : said);
  gone.classList.toggle('hidden', counters.dropped === 0 || lines.more || !log.atTop);
}

let emptyShown = '';
function drawEmpty(): void {
  const on = broker.state === 'running' || broker.state === 'connected';
  const kind = lines.shown.length > 0 ? 'none' : finding.active ? 'filter' : on ? 'on' : 'off';
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
    all.addEventListener('click', () => finding.clear());
    const among = counters.kept > 0 ? ` among ${count(counters.kept)} messages` : '';
    return [el('p', { class: 'lead' }, `No line matches the filter${among}.`), all];
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
    host.postMessage({ type: 'rendered', lines: lines.shown.length, drawn: log.drawn });
  }, REPORT_EVERY);
}

let keeping = false;
function keepSoon(): void {
  if (keeping || !restored) return;
  keeping = true;
  setTimeout(() => {
    keeping = false;
    host.setState({ filter: finding.filter, draft: compose.draft, place: log.place });
  }, KEEP_AFTER);
}

if (typeof kept.filter === 'object') finding.filter = kept.filter;
if (kept.draft) compose.draft = kept.draft;
drawPause();
host.postMessage({ type: 'ready', filter: finding.filter });
