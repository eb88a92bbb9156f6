/**
 * What a message can have besides its payload: said again every few seconds, properties of MQTT 5.
 * Below: dom.ts. Above: compose.ts opens and closes it.
 */
import type { DraftProperties } from '../../src/conversation/protocol';
import { el } from './dom';
import { t } from '../../src/core/words';

const field = (label: string, placeholder: string, title: string): HTMLInputElement =>
  el('input', {
    class: 'field',
    placeholder,
    title,
    'aria-label': label,
    autocomplete: 'off',
    spellcheck: 'false',
  });

const five = 'MQTT 5';

export class ComposeMore {
  readonly element: HTMLElement;
  private readonly every = el('input', {
    class: 'field every-field',
    type: 'number',
    min: '0.1',
    max: '86400',
    step: 'any',
    placeholder: t('once'),
    'aria-label': t('Repeat every so many seconds'),
  });
  private readonly user = field(
    t('User properties'),
    'name=value; name=value',
    t('{five}: user properties', { five }),
  );
  private readonly type = field(
    t('Content type'),
    'application/json',
    t('{five}: content type', { five }),
  );
  private readonly response = field(
    t('Response topic'),
    t('topic for the answer'),
    t('{five}: response topic', { five }),
  );
  private readonly expiry = el('input', {
    class: 'field every-field',
    type: 'number',
    min: '0',
    max: '4294967295',
    placeholder: t('never'),
    title: t('{five}: how long the broker may keep it', { five }),
    'aria-label': t('Expires after so many seconds'),
  });
  private readonly note = el('p', { class: 'five-note' });
  private readonly properties: HTMLElement;
  private on = true;

  constructor() {
    this.properties = el(
      'div',
      { class: 'five', role: 'group', 'aria-label': t('Properties of MQTT 5') },
      labelled(t('User properties'), this.user),
      labelled(t('Content type'), this.type),
      labelled(t('Response topic'), this.response),
      labelled(t('Expires after'), this.expiry, 's'),
      this.note,
    );
    this.element = el(
      'div',
      { class: 'compose-more hidden' },
      labelled(t('Repeat every'), this.every, 's'),
      this.properties,
    );
  }

  /** Seconds; undefined says it once. */
  get repeat(): number | undefined {
    const seconds = Number(this.every.value);
    return this.every.value.trim() !== '' && seconds > 0 ? seconds : undefined;
  }

  /** What is wrong with what stands here, as a sentence. */
  get problem(): string | undefined {
    const { repeat } = this;
    if (!this.every.validity.valid || (repeat !== undefined && (repeat < 0.1 || repeat > 86_400))) {
      return t('A message is repeated every 0.1 to 86,400 seconds.');
    }
    if (this.on && this.pairs() === undefined)
      return t('User properties are written name=value; name=value.');
    return undefined;
  }

  get values(): DraftProperties | undefined {
    if (!this.on) return undefined;
    const userProperties = this.pairs() ?? {};
    const [contentType, responseTopic] = [this.type.value.trim(), this.response.value.trim()];
    const expiry = this.expiry.value.trim();
    const values: DraftProperties = {
      ...(Object.keys(userProperties).length > 0 ? { userProperties } : {}),
      ...(contentType ? { contentType } : {}),
      ...(responseTopic ? { responseTopic } : {}),
      ...(expiry === '' ? {} : { messageExpiryInterval: Math.max(0, Math.round(Number(expiry))) }),
    };
    return Object.keys(values).length > 0 ? values : undefined;
  }

  set values(values: DraftProperties | undefined) {
    const pairs = Object.entries(values?.userProperties ?? {});
    this.user.value = pairs.map(([name, value]) => `${name}=${value}`).join('; ');
    this.type.value = values?.contentType ?? '';
    this.response.value = values?.responseTopic ?? '';
    this.expiry.value = values?.messageExpiryInterval?.toString() ?? '';
  }

  /** True when something here is not as it is at first: it is not to be hidden then. */
  get used(): boolean {
    return this.repeat !== undefined || this.values !== undefined;
  }

  /** After a message was sent it is not repeated again unasked. */
  sent(): void {
    this.every.value = '';
  }

  /** @param can the connection speaks MQTT 5 */
  setEnabled(enabled: boolean, can: boolean): void {
    this.on = can;
    this.every.disabled = !enabled;
    for (const one of [this.user, this.type, this.response, this.expiry]) {
      one.disabled = !enabled || !can;
    }
    this.properties.classList.toggle('off', !can);
    this.note.textContent = can
      ? ''
      : t(
          'Properties need MQTT 5: an existing broker with protocolVersion 5 in parley.broker.connection.',
        );
  }

  private pairs(): Record<string, string> | undefined {
    const all: Record<string, string> = {};
    for (const part of this.user.value.split(';')) {
      if (part.trim() === '') continue;
      const at = part.indexOf('=');
      if (at < 1) return undefined;
      all[part.slice(0, at).trim()] = part.slice(at + 1).trim();
    }
    return all;
  }
}

function labelled(text: string, input: HTMLElement, unit?: string): HTMLElement {
  return el('label', { class: 'more-label' }, el('span', {}, text), input, unit);
}
