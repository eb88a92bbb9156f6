/**
 * The world around one virtual board in its webview: what its program drives, what it feels, and
 * trouble to make. Below: pins.ts, sensorCards.ts. Above: vscode/virtualPanel.ts, over
 * board/virtualWorld.ts alone. The host has the truth; it is sent whole and drawn in place.
 */
import '../boot';
import type { FromPanel, PanelState, Trouble } from '../../src/board/virtualWorld';
import { el, inNextFrame, setText } from '../conversation/dom';
import { hear } from '../hear';
import { drawPins } from './pins';
import { panelState } from './schema';
import { SensorCards } from './sensorCards';
import { t } from '../../src/core/words';

declare function acquireVsCodeApi(): { postMessage(message: FromPanel): void };

const host = acquireVsCodeApi();
const post = (message: FromPanel): void => host.postMessage(message);

/** What each does, in the words of somebody who sees it happen to a real board. */
const troubleWords: Readonly<Record<Trouble, readonly [label: string, hint: string]>> = {
  unplug: [t('Unplug'), t('Pull the cable for 3 seconds')],
  brownOut: [t('Brown-out'), t('Let the supply break down for an instant')],
  wifi: [t('No Wi-Fi'), t('Take the network away for 10 seconds')],
  lose: [t('Lose Bytes'), t('Drop the next 3 bytes on the line')],
  flip: [t('Flip Bits'), t('Spoil the next 3 bytes on the line')],
  stall: [t('Stall'), t('Carry nothing on the line for 3 seconds')],
  slowFlash: [t('Slow Flash'), t('Make each sector of flash take 40 ms more')],
};

const lamp = el('span', { class: 'power', 'aria-hidden': 'true' });
const title = el('h1', {});
const about = el('p', { class: 'about' });
const pins = el('div', { class: 'pins' });
const air = el('p', { class: 'air' });
const airButton = el('button', { class: 'trouble', type: 'button' }, t('Change…'));
airButton.addEventListener('click', () => post({ type: 'air' }));
const down = el('p', { class: 'down', role: 'status' });
const startButton = el('button', { class: 'trouble', type: 'button' }, t('Start It'));
startButton.addEventListener('click', () => post({ type: 'start' }));
const downRow = el('div', { class: 'down-row', hidden: '' }, down, startButton);
const sensors = new SensorCards((name, value) => post({ type: 'set', name, value }));
const told = el('p', { class: 'told', role: 'status' });

document.body.classList.add('virtual-view');
document.body.append(
  el('header', { class: 'virtual-head' }, lamp, el('div', {}, title, about)),
  el(
    'main',
    {},
    downRow,
    section(t('Pins'), pins),
    section(t('Sensors'), sensors.element),
    section(t('Wi-Fi'), el('div', { class: 'air-row' }, air, airButton)),
    section(t('Make Trouble'), troubleButtons(), told),
  ),
);

let state: PanelState | undefined;
const draw = inNextFrame(() => {
  if (!state) return;
  setText(title, state.name);
  setText(
    about,
    [t('virtual {chip}', { chip: state.chip }), state.mac, state.status]
      .filter(Boolean)
      .join(' · '),
  );
  document.body.classList.toggle('off', !state.alive);
  downRow.hidden = state.alive;
  setText(
    down,
    state.alive
      ? ''
      : t(
          'Its process is not running: there are no pins to see. What you set holds when it starts.',
        ),
  );
  const { ssid, secured } = state.air;
  setText(
    air,
    secured
      ? t('It sees “{ssid}”, which asks for a password.', { ssid })
      : t('It sees “{ssid}”, an open network.', { ssid }),
  );
  drawPins(pins, state, (name, value) => post({ type: 'set', name, value }));
  sensors.draw(state);
});

hear(panelState, (told: PanelState) => {
  state = told;
  draw();
});
post({ type: 'ready' });

function section(name: string, ...content: HTMLElement[]): HTMLElement {
  return el('section', { 'aria-label': name }, el('h2', {}, name), ...content);
}

function troubleButtons(): HTMLElement {
  const all = el('div', { class: 'troubles' });
  for (const [trouble, [label, hint]] of Object.entries(troubleWords) as [
    Trouble,
    (typeof troubleWords)[Trouble],
  ][]) {
    const button = el('button', { class: 'trouble', type: 'button', title: hint }, label);
    button.addEventListener('click', () => {
      post({ type: 'trouble', trouble });
      tell(t('{what}: done.', { what: hint }));
    });
    all.append(button);
  }
  const peace = el('button', { class: 'trouble peace', type: 'button' }, t('End All Trouble'));
  peace.addEventListener('click', () => {
    post({ type: 'peace' });
    tell(t('All trouble is over.'));
  });
  all.append(peace);
  return all;
}

/** Says it again where it was said before: a reader of the screen hears only what changes. */
function tell(text: string): void {
  told.replaceChildren();
  requestAnimationFrame(() => setText(told, text));
}
