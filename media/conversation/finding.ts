/**
 * What to look for: words or a pattern, and a topic with wildcards.
 * Below: dom.ts. Above: main.ts asks the host for what passes.
 */
import type { Filter } from '../../src/conversation/protocol';
import { el, icon, icons, setText } from './dom';
import { t } from '../../src/core/words';

/** Typing is over when nothing was typed for so long, milliseconds. */
const SETTLED = 120;

export class Finding {
  readonly element: HTMLElement;
  private readonly text = el('input', {
    class: 'field find',
    type: 'search',
    placeholder: t('Filter'),
    title: t('Filter by text, topic or board'),
    'aria-label': t('Filter'),
    spellcheck: 'false',
  });
  private readonly regex = el(
    'button',
    {
      class: 'toggle',
      type: 'button',
      title: t('Regular expression'),
      'aria-label': t('Regular expression'),
      'aria-pressed': 'false',
    },
    '.*',
  );
  private readonly marks = el('button', {
    class: 'tool marks',
    type: 'button',
    title: t('Only what is bookmarked'),
    'aria-label': t('Only bookmarks'),
    'aria-pressed': 'false',
  });
  private readonly topic = el('input', {
    class: 'field topic-find',
    type: 'search',
    list: 'filters',
    placeholder: 'topic/#',
    title: t('Only topics that match: + is one level, # all that follow'),
    'aria-label': t('Topic filter'),
    autocomplete: 'off',
    spellcheck: 'false',
  });
  private readonly filters = el('datalist', { id: 'filters' });
  private readonly problem = el('div', { class: 'problem', role: 'alert' });
  private voice: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private topics: readonly string[] = [];

  constructor(private readonly changed: () => void) {
    this.element = el(
      'div',
      { class: 'finding', role: 'search' },
      el('div', { class: 'find-box' }, this.text, this.regex),
      this.topic,
      this.marks,
      this.filters,
      this.problem,
    );
    for (const field of [this.text, this.topic]) {
      field.addEventListener('input', () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.changed(), SETTLED);
      });
      field.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') this.now();
        if (event.key !== 'Escape' || field.value === '') return;
        field.value = '';
        this.now();
      });
    }
    this.topic.addEventListener('focus', () => this.offer());
    this.marks.append(icon(icons.star));
    this.marks.addEventListener('click', () => {
      this.marked = !this.marked;
      this.now();
    });
    this.regex.addEventListener('click', () => {
      this.pressed = !this.pressed;
      this.now();
    });
  }

  get filter(): Filter {
    const voice = this.voice === undefined ? {} : { voice: this.voice };
    const text = this.text.value.trim();
    const marks = this.marked ? { bookmarked: true } : {};
    return { text, regex: this.pressed, topic: this.topic.value.trim(), ...voice, ...marks };
  }

  set filter({ text, regex, topic, voice, bookmarked = false }: Filter) {
    this.marked = bookmarked;
    this.text.value = text;
    this.topic.value = topic;
    this.voice = voice;
    this.pressed = regex;
  }

  get active(): boolean {
    const { text, topic, voice, bookmarked } = this.filter;
    return text !== '' || topic !== '' || voice !== undefined || bookmarked === true;
  }

  /** Changes part of the filter, and asks for what passes. */
  use(part: Partial<Filter>): void {
    this.filter = { ...this.filter, ...part };
    this.now();
  }

  clear(): void {
    this.filter = { text: '', regex: this.pressed, topic: '' };
    this.now();
  }

  setProblem(problem: string | undefined): void {
    setText(this.problem, problem ?? '');
    for (const field of [this.text, this.topic])
      field.classList.toggle('bad', problem !== undefined);
  }

  /** Each topic, and each of its branches as a filter. */
  setTopics(topics: readonly string[]): void {
    this.topics = topics;
  }

  /** Made when the field is gone to: in a flood the topics are others twenty times a second. */
  private offer(): void {
    const { topics } = this;
    const branches = topics.flatMap((topic) => {
      const slash = topic.lastIndexOf('/');
      return slash > 0 ? [`${topic.slice(0, slash)}/#`] : [];
    });
    const all = [...new Set([...topics, ...branches])].slice(0, 200);
    this.filters.replaceChildren(...all.map((value) => el('option', { value })));
  }

  private get marked(): boolean {
    return this.marks.getAttribute('aria-pressed') === 'true';
  }

  private set marked(on: boolean) {
    this.marks.setAttribute('aria-pressed', String(on));
  }

  private get pressed(): boolean {
    return this.regex.getAttribute('aria-pressed') === 'true';
  }

  private set pressed(on: boolean) {
    this.regex.setAttribute('aria-pressed', String(on));
  }

  private now(): void {
    clearTimeout(this.timer);
    this.changed();
  }
}
