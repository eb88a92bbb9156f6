/**
 * The Topics tab: of thousands of rows only those in sight stand in the document.
 * Below: topicTree.ts, menu.ts. Above: main.ts.
 */
import type { TopicRow } from '../../src/conversation/protocol';
import { el, icon, icons, inNextFrame, setText } from './dom';
import { openMenu, type MenuItem } from './menu';
import { TopicTree, type Node } from './topicTree';
import { count, perSecond, timeOfDay } from './words';
import { t } from '../../src/core/words';

/** Height of a row, pixels; the style sheet says the same. */
const ROW = 24;
const SPARE = 6;

export interface TopicActions {
  showLines(topic: string): void;
  publishOn(topic: string): void;
  chart(row: TopicRow): void;
  copy(text: string): void;
  clearRetained(topic: string): void;
}

export class TopicsTab {
  readonly element: HTMLElement;
  readonly tree = new TopicTree();
  private readonly find = el('input', {
    class: 'field',
    type: 'search',
    placeholder: t('Filter topics and values'),
    'aria-label': t('Filter topics'),
    spellcheck: 'false',
  });
  private readonly about = el('div', { class: 'counts' });
  private readonly box = el('div', {
    class: 'rows',
    role: 'tree',
    tabindex: '0',
    'aria-label': t('Topics'),
  });
  private readonly sheet = el('div', { class: 'sheet' });
  private readonly empty = el('p', { class: 'lead hidden' }, '');
  private at = 0;
  private size = 0;
  private forgotten = 0;

  constructor(private readonly actions: TopicActions) {
    this.box.append(this.sheet);
    this.element = el(
      'section',
      { class: 'tab topics', 'aria-label': t('Topics') },
      el('div', { class: 'tab-head' }, this.find, this.about),
      this.box,
      this.empty,
    );
    this.find.addEventListener('input', () => {
      this.tree.setFilter(this.find.value.trim());
      this.at = 0;
      this.drawSoon();
    });
    this.box.addEventListener('scroll', () => this.drawSoon(), { passive: true });
    this.box.addEventListener('keydown', (event) => this.pressed(event));
    this.box.addEventListener('click', (event) => this.clicked(event));
    this.box.addEventListener('contextmenu', (event) => this.menuAt(event));
    new ResizeObserver(() => this.drawSoon()).observe(this.box);
  }

  take(rows: readonly TopicRow[], all: boolean, size: number, forgotten: number): void {
    this.tree.take(rows, all);
    this.size = size;
    this.forgotten = forgotten;
    this.drawSoon();
  }

  readonly drawSoon = inNextFrame(() => this.draw());

  private draw(): void {
    const { rows } = this.tree;
    const { scrollTop, clientHeight } = this.box;
    const from = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const to = Math.min(rows.length, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
    this.at = Math.min(this.at, Math.max(0, rows.length - 1));
    this.sheet.style.height = `${rows.length * ROW}px`;
    const drawn = rows.slice(from, to).map((node, i) => this.row(node, from + i));
    this.sheet.replaceChildren(...drawn);
    const active = rows[this.at] ? `topic-${this.at}` : '';
    this.box.setAttribute('aria-activedescendant', active);
    const parts = [
      this.size === 1 ? t('1 topic') : t('{topics} topics', { topics: count(this.size) }),
    ];
    if (this.tree.filtered) parts.unshift(t('{rows} shown of', { rows: count(rows.length) }));
    if (this.forgotten > 0)
      parts.push(t('· {forgotten} forgotten to make room', { forgotten: count(this.forgotten) }));
    setText(this.about, this.size > 0 ? parts.join(' ') : '');
    const nothing =
      this.size === 0 ? t('No topic yet: nobody has spoken.') : t('No topic matches.');
    setText(this.empty, nothing);
    this.empty.classList.toggle('hidden', rows.length > 0);
    this.box.classList.toggle('hidden', rows.length === 0);
  }

  private row(node: Node, index: number): HTMLElement {
    const { row } = node;
    const leads = node.children.size > 0 && !this.tree.filtered;
    const name = this.tree.filtered ? (row?.name ?? '') : node.name || t('(empty level)');
    const indent = this.tree.filtered ? 0 : node.depth;
    const element = el(
      'div',
      {
        class: `topic-row${index === this.at ? ' active' : ''}`,
        role: 'treeitem',
        id: `topic-${index}`,
        'data-index': String(index),
        'aria-level': String(indent + 1),
        'aria-expanded': leads ? String(node.open) : undefined,
        'aria-selected': String(index === this.at),
        title: row
          ? t('{name}\n{text}\nlast at {time}', {
              name: row.name,
              text: row.text,
              time: timeOfDay(row.at),
            })
          : node.path,
      },
      el('span', { class: `twisty${leads ? (node.open ? ' open' : ' closed') : ''}` }),
      el('span', { class: 'level' }, name),
      row?.retain ? mark() : undefined,
      row
        ? el('span', { class: 'last' }, row.text)
        : el(
            'span',
            { class: 'last' },
            node.topics === 1 ? t('1 topic') : t('{topics} topics', { topics: count(node.topics) }),
          ),
      el('span', { class: 'rate' }, row ? perSecond(row.perSecond) : ''),
      el('span', { class: 'sum' }, count(node.count)),
    );
    element.style.top = `${index * ROW}px`;
    element.style.paddingLeft = `${6 + indent * 12}px`;
    return element;
  }

  private clicked(event: MouseEvent): void {
    const node = this.nodeAt(event);
    if (!node) return;
    if (node.children.size > 0 && !this.tree.filtered) this.tree.toggle(node);
    this.drawSoon();
  }

  private nodeAt(event: Event): Node | undefined {
    const element = (event.target as Element).closest<HTMLElement>('.topic-row');
    if (!element) return undefined;
    this.at = Number(element.dataset['index']);
    return this.tree.rows[this.at];
  }

  private menuAt(event: MouseEvent): void {
    event.preventDefault();
    const node = this.nodeAt(event);
    this.drawSoon();
    if (node) this.menu(node, { x: event.clientX, y: event.clientY });
  }

  private menu(node: Node, place: { x: number; y: number }): void {
    const { row } = node;
    const { actions } = this;
    const topic = row?.topic ?? `${node.path}/#`;
    const items: MenuItem[] = [
      { label: t('Show what is Said There'), run: () => actions.showLines(topic) },
      { label: t('Copy Topic'), run: () => actions.copy(topic) },
    ];
    if (row) items.push({ label: t('Publish There…'), run: () => actions.publishOn(topic) });
    if (row && row.fields.length > 0)
      items.push({ label: t('Chart'), run: () => actions.chart(row) });
    if (row?.retain) {
      items.push({
        label: t('Clear what is Retained'),
        run: () => actions.clearRetained(topic),
      });
    }
    openMenu(items, place, this.box);
  }

  /** Keys as in every tree (WAI-ARIA tree view). */
  private pressed(event: KeyboardEvent): void {
    const { rows } = this.tree;
    const node = rows[this.at];
    if (!node || event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 1);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    if (steps[event.key] !== undefined) this.go(this.at + (steps[event.key] ?? 0));
    else if (event.key === 'ArrowRight') {
      if (node.open) this.go(this.at + 1);
      else this.tree.toggle(node, true);
    } else if (event.key === 'ArrowLeft') {
      if (node.open) this.tree.toggle(node, false);
      else if (node.parent) this.go(rows.indexOf(node.parent));
    } else if (event.key === ' ') this.tree.toggle(node);
    else if (event.key === 'Enter' || event.key === 'ContextMenu') {
      const top = this.box.getBoundingClientRect().top + this.at * ROW - this.box.scrollTop;
      this.menu(node, { x: this.box.getBoundingClientRect().left + 40, y: top + ROW });
    } else return;
    event.preventDefault();
    this.drawSoon();
  }

  private go(index: number): void {
    this.at = Math.max(0, Math.min(index, this.tree.rows.length - 1));
    const { box } = this;
    const top = this.at * ROW;
    if (top < box.scrollTop) box.scrollTop = top;
    if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
  }
}

function mark(): HTMLElement {
  const sign = el('span', { class: 'flag', title: t('Retained') });
  sign.append(icon(icons.pin), el('span', { class: 'unseen' }, 'retained'));
  return sign;
}
