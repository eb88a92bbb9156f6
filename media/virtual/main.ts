/**
 * The world around one virtual board in its webview: what its program drives, what it feels, and
 * trouble to make. Below: pins.ts, sensorCards.ts. Above: vscode/virtualPanel.ts, over
 * board/virtualWorld.ts alone. The host has the truth; it is sent whole and drawn in place.
 */
import type { FromPanel, PanelState, Trouble } from '../../src/board/virtualWorld';
import { el, inNextFrame, setText } from '../conversation/dom';
import { drawPins } from './pins';
import { SensorCards } from './sensorCards';

declare function acquireVsCodeApi(): { postMessage(message: FromPanel): void };

const host = acquireVsCodeApi();
const post = (message: FromPanel): void => host.postMessage(message);

/** What each does, in the words of somebody who sees it happen to a real board. */
const troubleWords: Readonly<Record<Trouble, readonly [label: string, hint: string]>> = {
  unplug: ['Unplug', 'Pull the cable for 3 seconds'],
  brownOut: ['Brown-out', 'Let the supply break down for an instant'],
  wifi: ['No Wi-Fi', 'Take the network away for 10 seconds'],
  lose: ['Lose Bytes', 'Drop the next 3 bytes on the line'],
  flip: ['Flip Bits', 'Spoil the next 3 bytes on the line'],
  stall: ['Stall', 'Carry nothing on the line for 3 seconds'],
  slowFlash: ['Slow Flash', 'Make each sector of flash take 40 ms more'],
};

const lamp = el('span', { class: 'power', 'aria-hidden': 'true' });
const title = el('h1', {});
const about = el('p', { class: 'about' });
const pins = el('div', { class: 'pins' });
const sensors = new SensorCards((name, value) => post({ type: 'set', name, value }));
const told = el('p', { class: 'told', role: 'status' });

document.body.classList.add('virtual-view');
document.body.append(
  el('header', { class: 'virtual-head' }, lamp, el('div', {}, title, about)),
  el(
    'main',
    {},
    section('Pins', pins),
    section('Sensors', sensors.element),
    section('Make Trouble', troubleButtons(), told),
  ),
);

let state: PanelState | undefined;
const draw = inNextFrame(() => {
  if (!state) return;
  setText(title, state.name);
  setText(about, [`virtual ${state.chip}`, state.mac, state.status].filter(Boolean).join(' · '));
  document.body.classList.toggle('off', !state.alive);
  drawPins(pins, state, (name, value) => post({ type: 'set', name, value }));
  sensors.draw(state);
});

window.addEventListener('message', ({ data }: MessageEvent<PanelState>) => {
  if (data?.type !== 'state') return;
  state = data;
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
      setText(told, `${hint}: done.`);
    });
    all.append(button);
  }
  const peace = el('button', { class: 'trouble peace', type: 'button' }, 'End All Trouble');
  peace.addEventListener('click', () => {
    post({ type: 'peace' });
    setText(told, 'All trouble is over.');
  });
  all.append(peace);
  return all;
}
