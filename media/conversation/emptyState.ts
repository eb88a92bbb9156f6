/**
 * What stands there while there is nothing to show: the next step.
 * Below: dom.ts. Above: talk.ts.
 */
import type { BrokerView, ViewCommand } from '../../src/conversation/protocol';
import { el } from './dom';
import { count } from './words';
import { t } from '../../src/core/words';

export interface EmptyActions {
  run(command: ViewCommand): void;
  showEverything(): void;
}

export class EmptyState {
  readonly element = el('div', { class: 'empty-state hidden' });
  private shown = '';

  constructor(private readonly actions: EmptyActions) {}

  /** @param kept how many messages there are that the filter lets not through */
  draw(lines: number, filtered: boolean, broker: BrokerView, kept: number): void {
    const on = broker.state === 'running' || broker.state === 'connected';
    const kind = lines > 0 ? 'none' : filtered ? 'filter' : on ? 'on' : 'off';
    const shown = `${kind} ${broker.state} ${kind === 'filter' ? kept : ''}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.element.classList.toggle('hidden', kind === 'none');
    this.element.replaceChildren(...(kind === 'none' ? [] : this.parts(kind, broker, kept)));
  }

  private parts(kind: 'filter' | 'on' | 'off', broker: BrokerView, kept: number): Node[] {
    if (kind === 'filter') {
      const all = el('button', { class: 'button', type: 'button' }, t('Show Everything'));
      all.addEventListener('click', () => this.actions.showEverything());
      const among = kept > 0 ? t(' among {kept} messages', { kept: count(kept) }) : '';
      return [el('p', { class: 'lead' }, t('No line matches the filter{among}.', { among })), all];
    }
    const start = this.button('startConversation', t('Start the Conversation'), 'button');
    if (kind === 'on') {
      const said = t('The broker is up. A board appears here as soon as it joins.');
      const why = this.button('doctor', t('Why Do They Not Talk?'), 'link');
      return [art(), el('h2', {}, t('Nobody has spoken yet')), el('p', {}, said), start, why];
    }
    if (broker.state === 'starting' || broker.state === 'connecting') {
      return [art(), el('h2', {}, t('One moment')), el('p', {}, t('The broker is starting.'))];
    }
    const said = t(
      'Put the programs on two boards, start the broker, and read along as they talk.',
    );
    const only = this.button('startBroker', t('Start Broker only'), 'link');
    return [art(), el('h2', {}, t('Two boards, one conversation')), el('p', {}, said), start, only];
  }

  private button(command: ViewCommand, text: string, look: string): HTMLButtonElement {
    const button = el('button', { class: look, type: 'button' }, text);
    button.addEventListener('click', () => this.actions.run(command));
    return button;
  }
}

function art(): HTMLElement {
  return el(
    'div',
    { class: 'art', 'aria-hidden': 'true' },
    ...['left seat-0', 'right seat-1', 'left seat-0 short'].map((seat) =>
      el('span', { class: `ghost ${seat}` }),
    ),
  );
}
