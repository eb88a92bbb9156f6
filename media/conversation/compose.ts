/**
 * The form at the bottom: say something on a topic oneself.
 * Below: dom.ts. Above: main.ts posts what is submitted and tells how it ended.
 */
import type { Encoding } from '../../src/conversation/protocol';
import { el, icon, icons, setText } from './dom';

export interface Draft {
  readonly topic: string;
  readonly payload: string;
  readonly encoding: Encoding;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

const encodings: readonly (readonly [Encoding, string])[] = [
  ['text', 'Text'],
  ['json', 'JSON'],
  ['hex', 'Hex'],
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
    placeholder: 'topic',
    'aria-label': 'Topic',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  private readonly payload = el('input', {
    class: 'field payload-field',
    'aria-label': 'Message',
    autocomplete: 'off',
  });
  private readonly encoding = el(
    'select',
    { class: 'field kind-field', 'aria-label': 'Kind of message', title: 'What is typed is …' },
    ...encodings.map(([value, name]) => el('option', { value }, name)),
  );
  private readonly qos = el(
    'select',
    { class: 'field qos-field', 'aria-label': 'Quality of service', title: 'Quality of service' },
    ...['0', '1', '2'].map((value) => el('option', { value }, `QoS ${value}`)),
  );
  private readonly retain = el('input', { type: 'checkbox', id: 'retain' });
  private readonly send = el(
    'button',
    { class: 'button send', type: 'submit', title: 'Send (Enter)', 'aria-label': 'Send' },
    icon(icons.send),
  );
  private readonly problem = el('div', { class: 'problem', role: 'alert' });
  private number = 0;
  private readonly sent = new Map<number, Draft>();
  private knownTopics = '';

  constructor(
    private readonly submit: (number: number, draft: Draft) => void,
    changed: () => void,
  ) {
    const retain = el(
      'label',
      { class: 'retain', for: 'retain', title: 'Retain: whoever comes later gets it too' },
      this.retain,
      'Retain',
    );
    this.element = el(
      'form',
      { class: 'compose', 'aria-label': 'Say something' },
      this.problem,
      el('div', { class: 'where' }, this.topic, this.encoding, this.qos, retain),
      el('div', { class: 'what' }, this.payload, this.send),
      this.topics,
    );
    this.topic.value = FIRST_TOPIC;
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.say();
    });
    this.element.addEventListener('input', () => {
      setText(this.problem, '');
      this.refresh();
      changed();
    });
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
    };
  }

  set draft(draft: Draft) {
    this.topic.value = draft.topic;
    this.payload.value = draft.payload;
    this.encoding.value = draft.encoding;
    this.qos.value = String(draft.qos);
    this.retain.checked = draft.retain;
    this.refresh();
  }

  /** Puts a message into the box, to be changed and sent. */
  edit(draft: Draft): void {
    this.draft = draft;
    this.payload.focus();
  }

  setTopics(topics: readonly string[]): void {
    const all = [...new Set([...topics, FIRST_TOPIC])];
    const said = all.join('\n');
    if (said === this.knownTopics) return;
    this.knownTopics = said;
    this.topics.replaceChildren(...all.map((value) => el('option', { value })));
  }

  setEnabled(enabled: boolean): void {
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
    setText(this.problem, problem ?? '');
    if (problem) return this.topic.focus();
    this.number++;
    this.sent.set(this.number, draft);
    this.submit(this.number, draft);
    this.payload.value = '';
    this.payload.focus();
  }

  private refresh(): void {
    const topic = this.topic.value.trim();
    this.send.disabled = this.topic.disabled || topic === '';
    const on = topic === '' ? 'a topic' : topic;
    const what = { text: 'Say something', json: '{"t": 21}', hex: '0f a0', base64: 'D6A=' };
    const said = `${what[this.draft.encoding]} on ${on}`;
    this.payload.placeholder = this.topic.disabled ? 'The broker is off' : said;
  }
}

/** MQTT 3.1.1 section 4.7.1: wildcards are for subscribing. */
function topicProblem(topic: string): string | undefined {
  return /[#+]/.test(topic) ? 'A message goes to one topic: # and + are for listening.' : undefined;
}
