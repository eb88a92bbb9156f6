/**
 * The scrolling part: of thousands of lines only a window stands in the document, and it moves with
 * the reader. At the end it follows what comes; further up it stays where the reader is.
 * Below: lines.ts, line.ts. Above: main.ts.
 */
import type { MessageEntry } from '../../src/conversation/protocol';
import { bubble, quietLine } from './line';
import type { Lines } from './lines';
import { dayOf } from './words';

/** Lines drawn at the end, lines added or taken per step, and the most there ever are. */
const WINDOW = 200;
const STEP = 100;
const MOST = 500;
/** Closer to an end than this, in pixels, counts as being there or brings more lines. */
const AT_END = 24;
const NEAR = 400;

export interface Place {
  /** The first line in sight. */
  readonly id: number;
  /** How far its top is above the log's, pixels. */
  readonly offset: number;
}

export interface LogActions {
  /** Where the reader is changed. */
  changed(): void;
  /** The reader is near the oldest line that is held. */
  wantsOlder(): void;
  /** What can be done with `entry` is asked for, at a place of the page. */
  menu(entry: MessageEntry, place: { x: number; y: number }): void;
  /** Why did nobody get it? */
  why(entry: MessageEntry, place: { x: number; y: number }): void;
  /** Where the picture of a message is drawn. */
  picture(entry: MessageEntry): HTMLElement;
}

export class LogView {
  private from = 0;
  private to = 0;
  /** True while the reader is at the end. */
  following = true;
  /** Messages that came since the reader left the end. */
  unread = 0;
  /** Where the end was when we last went there ourselves. */
  private ended = 0;
  private readonly unfolded = new Set<number>();
  /** The line the keyboard is on. */
  private active: number | undefined;

  constructor(
    private readonly box: HTMLElement,
    private readonly lines: Lines,
    private readonly actions: LogActions,
  ) {
    box.addEventListener('keydown', (event) => this.pressed(event));
    box.addEventListener('contextmenu', (event) => {
      if (getSelection()?.isCollapsed !== false) this.menuAt(event);
    });
    box.addEventListener('click', (event) => {
      const target = event.target as Element;
      if (target.closest('.more-button')) this.menuAt(event);
      const quote = target.closest<HTMLElement>('.quote');
      if (quote) this.goTo(Number(quote.dataset['question']));
      if (!target.closest('.why')) return;
      const entry = this.entryOf(target.closest<HTMLElement>('.said'));
      if (entry) this.actions.why(entry, { x: event.clientX, y: event.clientY + 10 });
    });
    box.addEventListener('scroll', () => this.scrolled(), { passive: true });
    // What has come in does not come in again when the tab is shown anew.
    box.addEventListener('animationend', ({ target }) => {
      if (target instanceof Element) target.classList.remove('fresh');
    });
    new ResizeObserver(() => {
      if (this.following) this.toBottom();
    }).observe(box);
  }

  /** How many lines are in the document. */
  get drawn(): number {
    return this.to - this.from;
  }

  /** Where the reader is; undefined at the end. */
  get place(): Place | undefined {
    if (this.following) return undefined;
    const top = this.box.getBoundingClientRect().top;
    for (const child of this.box.children) {
      const rect = child.getBoundingClientRect();
      if (rect.bottom <= top) continue;
      return { id: Number((child as HTMLElement).dataset['id']), offset: top - rect.top };
    }
    return undefined;
  }

  /** Draws anew: at `place` where that line is still there, else at the end. */
  redraw(place?: Place): void {
    const { shown } = this.lines;
    const index = place ? shown.findIndex((entry) => entry.id >= place.id) : -1;
    this.box.replaceChildren();
    if (place && index >= 0) {
      this.from = Math.max(0, index - STEP);
      this.to = Math.min(shown.length, index + WINDOW);
      this.box.append(this.draw(this.from, this.to));
      this.following = false;
      const row = this.box.children[index - this.from];
      if (row) {
        const top = this.box.getBoundingClientRect().top;
        this.box.scrollTop += row.getBoundingClientRect().top - top + place.offset;
      }
      this.scrolled();
    } else {
      this.jumpToEnd();
    }
  }

  jumpToEnd(): void {
    const { length } = this.lines.shown;
    this.from = Math.max(0, length - WINDOW);
    this.to = length;
    this.box.replaceChildren(this.draw(this.from, this.to));
    this.following = true;
    this.unread = 0;
    this.toBottom();
    this.actions.changed();
  }

  /** After {@link Lines.append}: `gone` lines went at the front, `added` came at the end. */
  appended(gone: number, added: number): void {
    const missed = this.dropFront(gone);
    const { length } = this.lines.shown;
    if (!this.following) {
      this.unread += added;
      // Everything the reader was looking at is gone: show what is oldest now.
      if (this.drawn === 0) this.scrolled();
    } else if (missed || added > WINDOW) {
      this.jumpToEnd();
    } else {
      const rows = this.draw(this.to, length);
      // A few arrive softly; a flood just arrives.
      if (added <= 3) for (const row of rows.children) row.classList.add('fresh');
      this.box.append(rows);
      this.to = length;
      if (this.drawn > WINDOW + STEP) this.takeFront(this.drawn - WINDOW);
      this.toBottom();
    }
    this.actions.changed();
  }

  /** True while the oldest line that is held is in sight. */
  get atTop(): boolean {
    return this.from === 0 && this.box.scrollTop < NEAR;
  }

  /** Stays at the end although a line grew. */
  stay(): void {
    this.toBottom();
  }

  /** After {@link Lines.prepend}: so many lines came in front. */
  prepended(count: number): void {
    this.from += count;
    this.to += count;
    this.redrawFirst();
    this.scrolled();
  }

  /** After {@link Lines.change}. */
  replaced(places: readonly number[]): void {
    for (const place of places) {
      const row = this.box.children[place - this.from];
      if (place >= this.from && place < this.to) row?.replaceWith(this.draw(place, place + 1));
    }
    if (this.following) this.toBottom();
  }

  /** @returns true if all that was drawn is gone */
  private dropFront(gone: number): boolean {
    const overlap = Math.max(0, Math.min(gone - this.from, this.drawn));
    const missed = gone > this.to;
    if (overlap > 0) this.keepPlace(() => this.takeFront(overlap));
    this.from = Math.max(0, this.from - gone);
    this.to = Math.max(0, this.to - gone);
    if (overlap > 0) this.redrawFirst();
    return missed;
  }

  /** The first line there is begins a run even where it continued one that is gone. */
  private redrawFirst(): void {
    const first = this.box.firstElementChild;
    if (first?.classList.contains('more')) first.replaceWith(this.draw(this.from, this.from + 1));
  }

  private draw(from: number, to: number): DocumentFragment {
    const rows = document.createDocumentFragment();
    for (let index = from; index < to; index++) {
      const entry = this.lines.shown[index];
      if (!entry) continue;
      const speaker = this.lines.speaker(entry.speaker);
      const row = entry.kind === 'event' ? quietLine(entry, speaker) : this.bubbleOf(entry, index);
      if (this.lines.startsDay(index)) {
        row.classList.add('day');
        row.dataset['day'] = dayOf(entry.at);
      }
      row.classList.toggle('active', entry.id === this.active);
      rows.append(row);
    }
    return rows;
  }

  private bubbleOf(entry: MessageEntry, index: number): HTMLElement {
    return bubble(entry, this.lines.speaker(entry.speaker), {
      start: this.lines.startsRun(index),
      repeatsUnheard: this.lines.repeatsUnheard(index),
      unfolded: this.unfolded.has(entry.id),
      onFold: (unfolded) => {
        if (unfolded) this.unfolded.add(entry.id);
        else this.unfolded.delete(entry.id);
      },
      question: this.lines.question(index),
      name: (key) => this.lines.speaker(key).name,
      picture: (one) => this.actions.picture(one),
    });
  }

  /** Arrows go from line to line, Enter and the menu key ask what can be done with one. */
  private pressed(event: KeyboardEvent): void {
    if (event.target !== this.box || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step !== 0) {
      event.preventDefault();
      this.activate(step);
    } else if (event.key === 'Enter' || event.key === 'ContextMenu') {
      const row = this.rowOf(this.active);
      if (!row) return;
      event.preventDefault();
      const { left, top } = (row.querySelector('.bubble') ?? row).getBoundingClientRect();
      this.openMenu(row, { x: left + 12, y: top + 12 });
    } else if (event.key === 'End') {
      event.preventDefault();
      this.jumpToEnd();
    }
  }

  private activate(step: number): void {
    const { children } = this.box;
    const before = this.rowOf(this.active);
    const rows = [...children] as HTMLElement[];
    const row = before ? rows[rows.indexOf(before) + step] : rows.at(step < 0 ? -1 : 0);
    if (!row) return;
    before?.classList.remove('active');
    row.classList.add('active');
    this.active = Number(row.dataset['id']);
    this.box.setAttribute('aria-activedescendant', row.id);
    row.scrollIntoView({ block: 'nearest' });
  }

  /** To the line with that id, where it stands in the document. */
  private goTo(id: number): void {
    const row = this.rowOf(id);
    if (!row) return;
    row.scrollIntoView({ block: 'center' });
    row.classList.remove('fresh');
    // Asked for its size, so that the sign begins anew.
    void row.offsetWidth;
    row.classList.add('fresh');
  }

  private rowOf(id: number | undefined): HTMLElement | undefined {
    const row = id === undefined ? null : document.getElementById(`line-${id}`);
    return row && this.box.contains(row) ? row : undefined;
  }

  private menuAt(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('.said');
    if (!row) return;
    event.preventDefault();
    this.openMenu(row, { x: event.clientX, y: event.clientY });
  }

  private openMenu(row: HTMLElement, place: { x: number; y: number }): void {
    const entry = this.entryOf(row);
    if (entry) this.actions.menu(entry, place);
  }

  private entryOf(row: HTMLElement | null): MessageEntry | undefined {
    const id = Number(row?.dataset['id']);
    const entry = this.lines.shown.find((one) => one.id === id);
    return entry?.kind === 'message' ? entry : undefined;
  }

  private scrolled(): void {
    const { box } = this;
    // The browser tells of our own scroll a frame late: where nothing moved since, lines grew or the
    // box shrank meanwhile, and that is not a reader who went up.
    if (this.following && box.scrollTop === this.ended) this.toBottom();
    // Lines that came since are drawn in the next frame, or right here: the reader is at the end still.
    const stays = this.following && this.below() <= AT_END;
    const { length } = this.lines.shown;
    if (box.scrollTop < NEAR && this.from > 0) {
      const from = Math.max(0, this.from - STEP);
      this.keepPlace(() => box.prepend(this.draw(from, this.from)));
      this.from = from;
      this.takeBack(this.drawn - MOST);
    }
    if (this.below() < NEAR && this.to < length) {
      const to = Math.min(length, this.to + STEP);
      box.append(this.draw(this.to, to));
      this.to = to;
      const surplus = this.drawn - MOST;
      if (surplus > 0) this.keepPlace(() => this.takeFront(surplus));
    }
    if (box.scrollTop < NEAR && this.from === 0 && this.lines.more) this.actions.wantsOlder();
    if (stays) this.toBottom();
    this.following = stays || (this.to === length && this.below() <= AT_END);
    if (this.following) this.unread = 0;
    this.actions.changed();
  }

  private takeFront(count: number): void {
    for (let i = 0; i < count; i++) this.box.firstElementChild?.remove();
    this.from += count;
  }

  private takeBack(count: number): void {
    for (let i = 0; i < count; i++) this.box.lastElementChild?.remove();
    if (count > 0) this.to -= count;
  }

  /** Changes lines above the reader without moving what is in sight. */
  private keepPlace(change: () => void): void {
    const before = this.box.scrollHeight - this.box.scrollTop;
    change();
    this.box.scrollTop = this.box.scrollHeight - before;
  }

  private below(): number {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
  }

  private toBottom(): void {
    this.box.scrollTop = this.box.scrollHeight;
    this.ended = this.box.scrollTop;
  }
}
