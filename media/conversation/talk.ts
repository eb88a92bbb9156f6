/**
 * The Conversation tab: who is here, what to look for, the lines, and the form to say something.
 * Below: log.ts, finding.ts, people.ts, compose.ts. Above: main.ts hands it what the host says.
 */
import type {
  BrokerView,
  Counters,
  Draft,
  EntryAction,
  Filter,
  FromView,
  MessageEntry,
  SpeakerView,
  ToView,
} from '../../src/conversation/protocol';
import { Announcer } from './announce';
import { Compose } from './compose';
import { el, icon, icons, setText } from './dom';
import { EmptyState } from './emptyState';
import { Finding } from './finding';
import { Lines, MOST_LINES } from './lines';
import { LogView, type Place } from './log';
import { openCard, openMenu, type MenuItem } from './menu';
import { People } from './people';
import { Pictures } from './pictures';
import { countsLine, countsTitle, goneLine, howSentence, newLines } from './words';
import { t } from '../../src/core/words';

type Message<T extends ToView['type']> = Extract<ToView, { type: T }>;
type Spot = { x: number; y: number };

export interface KeptTalk {
  readonly filter?: Filter;
  readonly draft?: Draft;
  readonly place?: Place;
}

export class Talk {
  private readonly lines = new Lines();
  private readonly finding = new Finding(() => this.applyFilter());
  private readonly people = new People((voice) => this.finding.use({ voice }));
  private readonly counts = el('div', { class: 'counts' });
  private readonly gone = el('div', { class: 'gone hidden' });
  private readonly box = el('div', {
    class: 'log',
    role: 'log',
    tabindex: '0',
    'aria-label': t('Conversation'),
    // Read aloud line by line it would never end: the announcer says it, seldom.
    'aria-live': 'off',
  });
  private readonly pillText = el('span');
  private readonly pill = el(
    'button',
    { class: 'pill hidden', type: 'button' },
    icon(icons.down),
    this.pillText,
  );
  private readonly announcer = new Announcer((key) => this.lines.speaker(key).name);
  private readonly pictures = new Pictures((id) => this.post({ type: 'picture', id }));
  private readonly empty = new EmptyState({
    run: (command) => this.post({ type: 'run', command }),
    showEverything: () => this.finding.clear(),
  });
  private readonly log: LogView;
  readonly compose: Compose;
  readonly head: HTMLElement;
  readonly element: HTMLElement;
  private speakers: readonly SpeakerView[] = [];
  /** Lines that pass the filter, all in all; and those that wait while the view is held. */
  private found = 0;
  private waiting = 0;
  private counters: Counters = { total: 0, kept: 0, dropped: 0, folded: 0, perSecond: 0 };
  paused = false;
  private held = false;
  private restored = false;
  private asking = false;
  /** What came and went since the last frame: the document is touched once for all of it. */
  private went = 0;
  private added = 0;
  /** Where the answer to "why?" is to stand. */
  private whyAt: Spot = { x: 0, y: 0 };

  /** @param changed something is to be kept over a reload */
  constructor(
    private readonly post: (message: FromView) => void,
    private readonly changed: () => void,
    private readonly kept: KeptTalk,
  ) {
    this.log = new LogView(this.box, this.lines, {
      changed: () => this.moved(),
      wantsOlder: () => this.askOlder(),
      menu: (entry, place) => this.openActions(entry, place),
      why: (entry, place) => {
        this.whyAt = place;
        this.post({ type: 'why', id: entry.id });
      },
      picture: (entry) => this.pictures.box(entry.id, entry.text),
    });
    this.compose = new Compose({
      submit: (number, draft, every) =>
        this.post({ type: 'publish', number, ...draft, ...(every === undefined ? {} : { every }) }),
      stopRepeat: (id) => this.post({ type: 'stopRepeat', id }),
      saveTemplate: (draft) => this.post({ type: 'saveTemplate', ...draft }),
      deleteTemplate: (name) => this.post({ type: 'deleteTemplate', name }),
      changed,
    });
    this.head = el(
      'div',
      { class: 'talk-head' },
      el('div', { class: 'who' }, this.people.element, this.counts),
      this.finding.element,
    );
    this.element = el(
      'section',
      { class: 'tab talk', 'aria-label': t('Conversation') },
      el('main', { class: 'middle' }, this.gone, this.box, this.empty.element, this.pill),
      this.compose.element,
      this.announcer.element,
    );
    this.pill.addEventListener('click', () => {
      this.paused = false;
      this.log.jumpToEnd();
      this.box.focus();
    });
    if (typeof kept.filter === 'object') this.finding.filter = kept.filter;
    if (kept.draft) this.compose.draft = { ...kept.draft, encoding: kept.draft.encoding ?? 'text' };
  }

  get filter(): Filter {
    return this.finding.filter;
  }

  get keep(): KeptTalk {
    const { place } = this.log;
    return { filter: this.filter, draft: this.compose.draft, ...(place ? { place } : {}) };
  }

  /** True once the host has told what there is. */
  get ready(): boolean {
    return this.restored;
  }

  get rendered(): { lines: number; drawn: number } {
    return { lines: this.lines.shown.length, drawn: this.log.drawn };
  }

  pause(on: boolean): void {
    this.paused = on;
    this.moved();
  }

  /** Shows only what is said on a topic. */
  showTopic(topic: string): void {
    this.finding.use({ topic, text: '' });
  }

  state(message: Message<'state'>): void {
    this.speakers = message.speakers;
    this.lines.setSpeakers(message.speakers);
    this.lines.replies = message.replies ?? {};
    this.lines.reset(message.entries, message.more);
    this.found = message.found;
    this.waiting = 0;
    this.asking = false;
    this.finding.setProblem(message.problem);
    this.setTopics(message.topics);
    // What is hidden has no place to scroll to.
    this.box.classList.toggle('hidden', message.entries.length === 0);
    this.redraw(this.restored ? this.log.place : this.kept.place);
    this.restored = true;
  }

  append(message: Message<'append'>): void {
    this.speakers = message.speakers;
    const renamed = this.lines.setSpeakers(message.speakers);
    const most = this.log.following ? MOST_LINES : Infinity;
    const { gone, added } = this.lines.append(message.entries, message.firstId, most);
    this.found += added;
    // Lines that came and went again between two frames were never drawn.
    this.went += gone;
    this.added = Math.min(this.added + added, this.lines.shown.length);
    this.setTopics(message.topics);
    this.announcer.heard(message.entries);
    if (renamed) this.redraw(this.log.place);
  }

  older({ entries, more }: Message<'older'>): void {
    this.asking = false;
    this.flush();
    this.log.prepended(this.lines.prepend(entries, more));
  }

  replaced({ entries }: Message<'changed'>): void {
    this.flush();
    this.log.replaced(this.lines.change(entries));
  }

  picture(message: Message<'picture'>): void {
    void this.pictures.show(message).then(() => this.log.following && this.log.stay());
  }

  why({ sentences, code }: Message<'why'>): void {
    const items: MenuItem[] = [];
    if (code !== undefined) {
      items.push({ label: t('Copy the Line'), run: () => this.post({ type: 'copy', text: code }) });
    }
    openCard(sentences, code, items, this.whyAt, this.box);
  }

  /** Draws what came since the last time. */
  flush(): void {
    if (this.went > 0 || this.added > 0) this.log.appended(this.went, this.added);
    this.went = this.added = 0;
  }

  draw(broker: BrokerView, counters: Counters, waiting: number | undefined): void {
    this.counters = counters;
    if (waiting !== undefined && this.held) this.waiting = waiting;
    const { finding, counts, lines } = this;
    this.showFiltering();
    this.people.show(this.speakers, finding.filter.voice);
    setText(counts, countsLine(counters, finding.active ? this.found : undefined));
    counts.title = countsTitle(counters);
    setText(this.gone, goneLine(counters.dropped));
    this.gone.title = t(
      'How many are kept: the settings parley.conversation.messages and .megabytes',
    );
    const nothing = lines.shown.length === 0 && counters.total === 0 && !finding.active;
    this.head.classList.toggle('hidden', nothing);
    const on = broker.state === 'running' || broker.state === 'connected';
    this.compose.setEnabled(on, broker.five === true);
    this.empty.draw(lines.shown.length, finding.active, broker, counters.kept);
    this.box.classList.toggle('hidden', lines.shown.length === 0);
    this.drawPill();
  }

  private setTopics(topics: readonly string[]): void {
    this.compose.setTopics(topics);
    this.finding.setTopics(topics);
  }

  private redraw(place: Place | undefined): void {
    this.went = this.added = 0;
    this.log.redraw(place);
  }

  private applyFilter(): void {
    this.held = false;
    this.showFiltering();
    this.post({ type: 'filter', filter: this.filter });
    this.log.following = true;
    this.moved();
  }

  /** Also where a low view has no room for the head: what is filtered by has to be seen. */
  private showFiltering(): void {
    this.head.classList.toggle('filtering', this.finding.active);
  }

  private moved(): void {
    this.holdOrGo();
    this.drawPill();
    this.changed();
  }

  /** A reader further up, or a pause: what comes waits at the host and is only counted. */
  private holdOrGo(): void {
    const on = this.restored && (this.paused || !this.log.following);
    if (on === this.held) return;
    this.held = on;
    if (!on) this.waiting = 0;
    this.post({ type: 'hold', on });
  }

  private drawPill(): void {
    const { log, lines, paused } = this;
    const more = log.unread + this.waiting;
    const reading = !log.following || paused;
    this.pill.classList.toggle('hidden', !reading || lines.shown.length === 0);
    const said = more > 0 ? newLines(more) : paused ? '' : t('Newest');
    setText(this.pillText, paused ? [t('Paused'), said].filter(Boolean).join(' · ') : said);
    const atOldest = this.counters.dropped > 0 && !lines.more && log.atTop;
    this.gone.classList.toggle('hidden', !atOldest);
  }

  private askOlder(): void {
    const [first] = this.lines.shown;
    if (this.asking || !first) return;
    this.asking = true;
    this.post({ type: 'older', before: first.id });
  }

  private openActions(entry: MessageEntry, place: Spot): void {
    const ask = (label: string, action: EntryAction): MenuItem => ({
      label,
      run: () => this.post({ type: 'do', action, id: entry.id }),
    });
    const { topic, text, qos, retain, payload } = entry;
    const items: MenuItem[] = [
      ask(t('Copy Message'), 'copyText'),
      ask(t('Copy Topic'), 'copyTopic'),
      ask(t('Copy as mosquitto_pub'), 'copyCommand'),
      ask(t('Send Again'), 'sendAgain'),
    ];
    if (!entry.cut && payload !== 'binary' && payload !== 'image') {
      const draft: Draft = { topic, payload: text, encoding: 'text', qos, retain };
      items.push({ label: t('Change and Send…'), run: () => this.compose.edit(draft) });
    }
    const on = entry.bookmarked !== true;
    items.push({
      label: on ? t('Bookmark') : t('Remove the Bookmark'),
      run: () => this.post({ type: 'bookmark', id: entry.id, on }),
    });
    items.push(ask(t('Open in an Editor'), 'open'));
    const how = howSentence(this.lines.speaker(entry.speaker));
    items.push({
      label: t('Who Said That?'),
      run: () => openCard([how], undefined, [], place, this.box),
    });
    items.push({ label: t('Show only this Topic'), run: () => this.finding.use({ topic }) });
    if (retain) items.push(ask(t('Clear what is Retained'), 'clearRetained'));
    openMenu(items, place, this.box);
  }
}
