/**
 * The Conversation view in its webview: broker, tabs, and who gets what the host says.
 * Below: talk.ts, topicsTab.ts, chartsTab.ts. Above: vscode/conversationView.ts, over protocol.ts
 * alone. What the host holds comes again after a reload; what the person did is kept here.
 */
import '../boot';
import type {
  BrokerView,
  Counters,
  FromView,
  SeriesKey,
  ToView,
} from '../../src/conversation/protocol';
import { ChartsTab } from './chartsTab';
import { hear } from '../hear';
import { el, icon, icons, inNextFrame, setText } from './dom';
import { toView } from './schema';
import { Talk, type KeptTalk } from './talk';
import { TopicsTab } from './topicsTab';
import { perSecond } from './words';
import { t } from '../../src/core/words';

type TabName = 'talk' | 'topics' | 'charts';

interface Kept extends KeptTalk {
  readonly tab?: TabName;
  readonly series?: readonly SeriesKey[];
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromView): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

const REPORT_EVERY = 400;
const KEEP_AFTER = 300;

const host = acquireVsCodeApi();
const kept = host.getState() ?? {};
const post = (message: FromView): void => host.postMessage(message);
let broker: BrokerView = { state: 'off', text: '' };
let counters: Counters = { total: 0, kept: 0, dropped: 0, folded: 0, perSecond: 0 };
let tab: TabName = 'talk';

const talk = new Talk(post, keepSoon, kept);
const charts = new ChartsTab((series) => {
  post({ type: 'chart', series: tab === 'charts' ? series : [] });
  keepSoon();
});
const topics = new TopicsTab({
  showLines: (topic) => {
    show('talk');
    talk.showTopic(topic);
  },
  publishOn: (topic) => {
    show('talk');
    talk.compose.edit({ ...talk.compose.draft, topic });
  },
  chart: (row) => {
    charts.add(row);
    show('charts');
  },
  copy: (text) => post({ type: 'copy', text }),
  clearRetained: (topic) => post({ type: 'clearRetained', topic }),
});

const dot = el('span', { class: 'lamp', 'aria-hidden': 'true' });
const brokerText = el('span', { class: 'broker-text' });
const rate = el('span', { class: 'rate', title: t('Messages a second') });
const pause = tool(t('Pause'), icons.pause);
const clear = tool(t('Clear'), icons.clear);
/** In a low view the head is one line, and this opens the rest of it. */
const unfold = tool(t('Broker, Speakers and Filter'), icons.filter);
unfold.classList.add('unfold');
unfold.setAttribute('aria-expanded', 'false');
const tabs: Record<TabName, HTMLButtonElement> = {
  talk: tabButton('talk', t('Conversation')),
  topics: tabButton('topics', t('Topics')),
  charts: tabButton('charts', t('Charts')),
};
const tabBar = el('div', { class: 'tabs', role: 'tablist' }, ...Object.values(tabs));
const header = el(
  'header',
  { class: 'head' },
  el(
    'div',
    { class: 'top' },
    el('div', { class: 'bar' }, dot, brokerText, rate, pause, clear),
    tabBar,
    unfold,
  ),
  talk.head,
);
document.body.append(header, talk.element, topics.element, charts.element);

pause.addEventListener('click', () => {
  talk.pause(!talk.paused);
  drawSoon();
});
unfold.addEventListener('click', () => {
  const on = header.classList.toggle('unfolded');
  unfold.setAttribute('aria-expanded', String(on));
});
clear.addEventListener('click', () => post({ type: 'clear' }));

function tool(name: string, path: string): HTMLButtonElement {
  const attributes = { class: 'tool', type: 'button', title: name, 'aria-label': name };
  return el('button', attributes, icon(path));
}

function tabButton(name: TabName, text: string): HTMLButtonElement {
  const button = el('button', { class: 'tab-button', type: 'button', role: 'tab' }, text);
  button.addEventListener('click', () => show(name));
  button.addEventListener('keydown', (event) => {
    const names = Object.keys(tabs) as TabName[];
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = names[(names.indexOf(name) + step + names.length) % names.length];
    if (step === 0 || !next) return;
    show(next);
    tabs[next].focus();
  });
  return button;
}

/** Only what is looked at is asked for. */
function show(name: TabName): void {
  tab = name;
  for (const [one, button] of Object.entries(tabs)) {
    button.setAttribute('aria-selected', String(one === name));
    button.tabIndex = one === name ? 0 : -1;
  }
  talk.element.classList.toggle('hidden', name !== 'talk');
  topics.element.classList.toggle('hidden', name !== 'topics');
  charts.element.classList.toggle('hidden', name !== 'charts');
  post({ type: 'watchTopics', on: name !== 'talk' });
  post({ type: 'chart', series: name === 'charts' ? charts.series : [] });
  topics.drawSoon();
  charts.drawSoon();
  keepSoon();
  drawSoon();
}

hear(toView, (message: ToView) => {
  let waiting: number | undefined;
  switch (message.type) {
    case 'state':
      ({ broker, counters } = message);
      talk.state(message);
      break;
    case 'append':
      ({ counters } = message);
      talk.append(message);
      break;
    case 'older':
      talk.older(message);
      break;
    case 'changed':
      talk.replaced(message);
      break;
    case 'status':
      ({ broker, counters, waiting } = message);
      break;
    case 'topics':
      topics.take(message.rows, message.all, message.size, message.forgotten);
      if (tab === 'charts') charts.setTopics([...topics.tree.all()]);
      break;
    case 'points':
      return charts.take(message);
    case 'picture':
      return talk.picture(message);
    case 'why':
      return talk.why(message);
    case 'repeats':
      return talk.compose.setRepeats(message.repeats);
    case 'templates':
      return talk.compose.setTemplates(message.templates);
    case 'published':
      talk.compose.ended(message.number, message.error);
      break;
  }
  drawSoon(waiting);
});

let waitingNow: number | undefined;
function drawSoon(waiting?: number): void {
  waitingNow = waiting ?? waitingNow;
  drawInFrame();
}

const drawInFrame = inNextFrame(() => {
  talk.flush();
  dot.className = `lamp ${broker.state}`;
  dot.title = broker.text;
  setText(brokerText, broker.text);
  brokerText.title = broker.text;
  setText(rate, perSecond(counters.perSecond));
  talk.draw(broker, counters, waitingNow);
  waitingNow = undefined;
  const nothing = talk.head.classList.contains('hidden') && tab === 'talk';
  header.classList.toggle('quiet', nothing);
  talk.head.classList.toggle('hidden', nothing || tab !== 'talk');
  drawPause();
  reportSoon();
});

function drawPause(): void {
  const { paused } = talk;
  if (pause.getAttribute('aria-pressed') === String(paused)) return;
  pause.replaceChildren(icon(paused ? icons.resume : icons.pause));
  pause.title = paused ? t('Go on showing what comes') : t('Pause: nothing moves until you go on');
  pause.setAttribute('aria-label', paused ? t('Go On') : t('Pause'));
  pause.setAttribute('aria-pressed', String(paused));
}

let reporting = false;
function reportSoon(): void {
  if (reporting) return;
  reporting = true;
  setTimeout(() => {
    reporting = false;
    post({ type: 'rendered', ...talk.rendered });
  }, REPORT_EVERY);
}

let keeping = false;
function keepSoon(): void {
  if (keeping || !talk?.ready) return;
  keeping = true;
  setTimeout(() => {
    keeping = false;
    host.setState({ ...talk.keep, tab, series: charts.series });
  }, KEEP_AFTER);
}

// The theme's colours are copied into the charts: drawn anew when it changes.
new MutationObserver(() => charts.themeChanged()).observe(document.body, {
  attributeFilter: ['class', 'data-vscode-theme-id'],
});

post({ type: 'ready', filter: talk.filter });
if (kept.series) charts.series = kept.series;
show(kept.tab ?? 'talk');
