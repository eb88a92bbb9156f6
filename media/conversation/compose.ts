/**
 * The form at the bottom: say something on a topic oneself.
 * Below: dom.ts, composeMore.ts. Above: talk.ts posts what is submitted and tells how it ended.
 */
import type { Draft, Encoding, RepeatView, Template } from '../../src/conversation/protocol';
import { ComposeMore } from './composeMore';
import { el, icon, icons, setText } from './dom';
import { openMenu, type MenuItem } from './menu';
import { t } from '../../src/core/words';

/** What the box asks of the host. */
export interface ComposeActions {
  /** @param every seconds, where it is to be said again and again */
  submit(number: number, draft: Draft, every: number | undefined): void;
  stopRepeat(id: number): void;
  saveTemplate(draft: Draft): void;
  deleteTemplate(name: string): void;
  /** Something is to be kept over a reload. */
  changed(): void;
}

const encodings: readonly (readonly [Encoding, string])[] = [
  ['text', t('Text')],
  ['json', 'JSON'],
  ['hex', t('Hex')],
  ['base64', 'Base64'],
];

/** What the tutorial publishes by hand. */
const FIRST_TOPIC = 'esp32/output';

export class Compose {
  readonly element: HTMLFormElement;
  private readonly topics = el('datalist', { id: 'topics' });
  private readonly topic = el('input', {
    class: 'field topic-field',
    list: 'topics',
    placeholder: t('topic'),
    'aria-label': t('Topic'),
    autocomplete: 'off',
    spellcheck: 'false',
  });
  private readonly payload = el('input', {
    class: 'field payload-field',
    'aria-label': t('Message'),
    autocomplete: 'off',
  });
  private readonly encoding = el(
    'select',
    {
      class: 'field kind-field',
      'aria-label': t('Kind of message'),
      title: t('What is typed is …'),
    },
    ...encodings.map(([value, name]) => el('option', { value }, name)),
  );
  private readonly qos = el(
    'select',
    {
      class: 'field qos-field',
      'aria-label': t('Quality of service'),
      title: t('Quality of service'),
    },
    ...['0', '1', '2'].map((value) => el('option', { value }, `QoS ${value}`)),
  );
  private readonly retain = el('input', { type: 'checkbox', id: 'retain' });
  private readonly send = el(
    'button',
    { class: 'button send', type: 'submit', title: t('Send (Enter)'), 'aria-label': t('Send') },
    icon(icons.send),
  );
  private readonly problem = el('div', { class: 'problem', role: 'alert' });
  private readonly more = new ComposeMore();
  private readonly moreButton = toolButton(t('More: repeat, properties'), icons.more);
  private readonly templateButton = toolButton(t('Templates'), icons.template);
  private readonly repeats = el('div', {
    class: 'repeats',
    role: 'group',
    'aria-label': t('Repeated'),
  });
  private templates: readonly Template[] = [];
  private number = 0;
  private readonly sent = new Map<number, Draft>();
  private known: readonly string[] = [];

  constructor(private readonly actions: ComposeActions) {
    const retain = el(
      'label',
      { class: 'retain', for: 'retain', title: t('Retain: whoever comes later gets it too') },
      this.retain,
      icon(icons.pin),
      el('span', {}, t('Retain')),
    );
    this.element = el(
      'form',
      { class: 'compose', 'aria-label': t('Say something'), novalidate: '' },
      this.problem,
      this.repeats,
      el('div', { class: 'where' }, this.topic, this.encoding, this.qos, retain),
      el('div', { class: 'what' }, this.payload, this.templateButton, this.moreButton, this.send),
      this.more.element,
      this.topics,
    );
    this.topic.value = FIRST_TOPIC;
    this.topic.addEventListener('focus', () => this.offerTopics());
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.say();
    });
    this.element.addEventListener('input', () => {
      setText(this.problem, '');
      this.refresh();
      actions.changed();
    });
    this.moreButton.setAttribute('aria-expanded', 'false');
    this.moreButton.addEventListener('click', () => this.open(!this.opened));
    this.templateButton.setAttribute('aria-haspopup', 'menu');
    this.templateButton.addEventListener('click', () => this.offerTemplates());
    this.refresh();
  }

  get draft(): Draft {
    const qos = Number(this.qos.value);
    return {
      topic: this.topic.value.trim(),
      payload: this.payload.value,
      encoding: encodings.find(([value]) => value === this.encoding.value)?.[0] ?? 'text',
      qos: qos === 1 || qos === 2 ? qos : 0,
      retain: this.retain.checked,
      ...(this.more.values ? { properties: this.more.values } : {}),
    };
  }

  set draft(draft: Draft) {
    this.topic.value = draft.topic;
    this.payload.value = draft.payload;
    this.encoding.value = draft.encoding;
    this.qos.value = String(draft.qos);
    this.retain.checked = draft.retain;
    this.more.values = draft.properties;
    if (this.more.used) this.open(true);
    this.refresh();
  }

  private get opened(): boolean {
    return this.moreButton.getAttribute('aria-expanded') === 'true';
  }

  private open(on: boolean): void {
    this.moreButton.setAttribute('aria-expanded', String(on));
    this.more.element.classList.toggle('hidden', !on);
    this.element.classList.toggle('open', on);
  }

  /** Puts a message into the box, to be changed and sent. */
  edit(draft: Draft): void {
    this.draft = draft;
    // Where a low view has no room for the topic, it is shown when it is another one.
    if (draft.payload !== '') this.showTopic();
    this.payload.focus();
  }

  setTopics(topics: readonly string[]): void {
    this.known = topics;
  }

  /** Made when the field is gone to: in a flood the topics are others twenty times a second. */
  private offerTopics(): void {
    const all = [...new Set([...this.known, FIRST_TOPIC])];
    this.topics.replaceChildren(...all.map((value) => el('option', { value })));
  }

  setTemplates(templates: readonly Template[]): void {
    this.templates = templates;
  }

  /** What is said again and again, each with a button that ends it. */
  setRepeats(repeats: readonly RepeatView[]): void {
    const known = new Map<string, HTMLElement>();
    for (const chip of this.repeats.children as Iterable<HTMLElement>) {
      known.set(chip.dataset['id'] ?? '', chip);
    }
    // One under the mouse stays itself.
    const chips = repeats.map((one) => known.get(String(one.id)) ?? this.repeatChip(one.id));
    repeats.forEach(({ topic, every, said, problem }, i) => {
      const words =
        problem ?? t('every {every} s on {topic} · {said} said', { every, topic, said });
      const text = chips[i]?.querySelector('span');
      if (text) setText(text, words);
      chips[i]?.classList.toggle('failed', problem !== undefined);
      if (chips[i]) chips[i].title = words;
    });
    const same =
      chips.length === this.repeats.childElementCount && chips.every((c) => c.isConnected);
    if (!same) this.repeats.replaceChildren(...chips);
  }

  private repeatChip(id: number): HTMLElement {
    const stop = toolButton(t('Stop Repeating'), icons.close);
    stop.addEventListener('click', () => this.actions.stopRepeat(id));
    return el('div', { class: 'repeat', 'data-id': String(id) }, el('span'), stop);
  }

  private offerTemplates(): void {
    const { draft } = this;
    const items: MenuItem[] = this.templates.map((template) => ({
      label: template.name,
      run: () => this.edit(template),
    }));
    if (draft.topic !== '') {
      items.push({ label: t('Save as a Template…'), run: () => this.actions.saveTemplate(draft) });
    }
    if (this.templates.length > 0) {
      items.push({ label: t('Delete a Template…'), run: () => this.offerDeletion() });
    }
    openMenu(items, above(this.templateButton), this.templateButton, t('Templates'));
  }

  private offerDeletion(): void {
    const items = this.templates.map(({ name }) => ({
      label: t('Delete “{name}”', { name }),
      run: () => this.actions.deleteTemplate(name),
    }));
    openMenu(items, above(this.templateButton), this.templateButton, t('Delete a Template'));
  }

  /** @param five the connection speaks MQTT 5 */
  setEnabled(enabled: boolean, five: boolean): void {
    this.more.setEnabled(enabled, five);
    for (const field of [this.topic, this.payload, this.encoding, this.qos, this.retain]) {
      field.disabled = !enabled;
    }
    this.element.classList.toggle('off', !enabled);
    this.refresh();
  }

  /** How a publishing ended; what was not sent comes back into the empty field. */
  ended(number: number, error: string | undefined): void {
    const draft = this.sent.get(number);
    this.sent.delete(number);
    setText(this.problem, error ?? '');
    if (error !== undefined && draft && this.payload.value === '') this.draft = draft;
  }

  private say(): void {
    const draft = this.draft;
    if (this.send.disabled) return;
    const problem = topicProblem(draft.topic);
    setText(this.problem, problem ?? this.more.problem ?? '');
    if (problem) {
      this.showTopic();
      return this.topic.focus();
    }
    if (this.more.problem) return;
    this.number++;
    this.sent.set(this.number, draft);
    this.actions.submit(this.number, draft, this.more.repeat);
    this.more.sent();
    this.payload.value = '';
    this.payload.focus();
  }

  private showTopic(): void {
    if (!this.topic.checkVisibility()) this.open(true);
  }

  private refresh(): void {
    const topic = this.topic.value.trim();
    this.send.disabled = this.topic.disabled || topic === '';
    const on = topic === '' ? t('a topic') : topic;
    const what = { text: t('Say something'), json: '{"t": 21}', hex: '0f a0', base64: 'D6A=' };
    const said = t('{what} on {topic}', { what: what[this.draft.encoding], topic: on });
    this.payload.placeholder = this.topic.disabled ? t('The broker is off') : said;
  }
}

function toolButton(name: string, path: string): HTMLButtonElement {
  const attributes = { class: 'tool', type: 'button', title: name, 'aria-label': name };
  return el('button', attributes, icon(path));
}

/** A menu of many lines is pushed up by itself as far as it must. */
function above(button: HTMLElement): { x: number; y: number } {
  const { left, top } = button.getBoundingClientRect();
  return { x: left, y: top - 8 };
}

/** MQTT 3.1.1 section 4.7.1: wildcards are for subscribing. */
function topicProblem(topic: string): string | undefined {
  return /[#+]/.test(topic)
    ? t('A message goes to one topic: # and + are for listening.')
    : undefined;
}
