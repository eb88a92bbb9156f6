/**
 * The pins that a program uses: a lamp for what it drives, a button for what it reads, a bar for PWM,
 * and its strips of lights. Below: sensors.ts. Above: main.ts.
 */
import type { PanelState, PinState } from '../../src/board/virtualWorld';
import { el, setText } from '../conversation/dom';
import { sensorsOf } from './sensors';
import { t } from '../../src/core/words';

type Set = (name: string, value: number | null | undefined) => void;

/** Draws into `into`; cards whose pin is used as before are changed in place. */
export function drawPins(into: HTMLElement, state: PanelState, set: Set): void {
  const { pins, strips, asked } = state.world;
  const sensors = new Set(sensorsOf(asked).map((sensor) => sensor.pin));
  const wanted = new Map<string, () => HTMLElement>();
  for (const pin of pins) {
    // A strip's output is of no interest by itself, and a sensor has a card of its own.
    if (strips.some((strip) => strip.pin === pin.pin) || sensors.has(pin.pin)) continue;
    wanted.set(`${pin.mode}.${pin.pin}`, () => (pin.mode === 'in' ? input(pin, set) : output(pin)));
  }
  for (const { pin, colours } of strips) {
    wanted.set(`strip.${pin}.${colours.length}`, () => strip(pin, colours.length));
  }
  const have = new Map<string, HTMLElement>();
  for (const card of [...into.children] as HTMLElement[]) {
    const key = card.dataset['key'] ?? '';
    if (wanted.has(key)) have.set(key, card);
    else card.remove();
  }
  // A card that is in its place stays there: one that is moved loses the focus and the click in it.
  let place = into.firstElementChild;
  for (const [key, make] of wanted) {
    const card = have.get(key) ?? make();
    card.dataset['key'] = key;
    if (card === place) place = place.nextElementSibling;
    else into.insertBefore(card, place);
    have.set(key, card);
  }
  for (const pin of pins) update(have.get(`${pin.mode}.${pin.pin}`), pin, state);
  for (const { pin, colours } of strips) {
    const card = have.get(`strip.${pin}.${colours.length}`);
    const lights = card?.querySelectorAll<HTMLElement>('.light');
    lights?.forEach((light, i) => light.style.setProperty('--glow', colours[i] ?? '#000000'));
    card?.querySelector('.lights')?.setAttribute('aria-label', lightsText(colours));
  }
  if (wanted.size === 0 && state.alive) {
    into.append(el('p', { class: 'none' }, t('The program has not used a pin yet.')));
  }
}

function name(pin: number): HTMLElement {
  return el('span', { class: 'pin-name' }, `GPIO ${pin}`);
}

function output({ pin }: PinState): HTMLElement {
  const bar = el('span', { class: 'duty', 'aria-hidden': 'true' }, el('span', {}));
  const lamp = el('span', { class: 'lamp', 'aria-hidden': 'true' });
  return el('div', { class: 'pin' }, lamp, name(pin), el('span', { class: 'pin-state' }), bar);
}

function input({ pin }: PinState, set: Set): HTMLElement {
  const reading = `pin.${pin}`;
  const group = el('div', {
    class: 'hold',
    role: 'group',
    'aria-label': t('Hold GPIO {pin}', { pin }),
  });
  for (const [label, value, hint] of [
    [t('Low'), 0, t('Hold it at 0 V, as a pressed button does that is wired to ground')],
    [t('Free'), undefined, t('Let go: the pin is what its pull resistor makes it')],
    [t('High'), 1, t('Hold it at 3.3 V')],
  ] as const) {
    const button = el('button', { type: 'button', title: hint }, label);
    button.dataset['value'] = String(value);
    button.addEventListener('click', () => set(reading, value));
    group.append(button);
  }
  const lamp = el('span', { class: 'lamp in', 'aria-hidden': 'true' });
  return el('div', { class: 'pin' }, lamp, name(pin), el('span', { class: 'pin-state' }), group);
}

/** What an eye sees of a strip, for whoever hears it: "8 lights, 3 of them on: #ff0000, …". */
function lightsText(colours: readonly string[]): string {
  const lit = colours.filter((colour) => colour !== '#000000');
  const count = colours.length;
  if (lit.length === 0) return t('{count} lights, all off', { count });
  const shown = lit.slice(0, 8).join(', ') + (lit.length > 8 ? ', …' : '');
  return t('{count} lights, {on} of them on: {colours}', { count, on: lit.length, colours: shown });
}

function strip(pin: number, count: number): HTMLElement {
  const lights = Array.from({ length: count }, () => el('span', { class: 'light' }));
  const label = count === 1 ? t('1 light') : t('{count} lights', { count });
  return el(
    'div',
    { class: 'pin strip' },
    name(pin),
    el('span', { class: 'pin-state' }, label),
    el('div', { class: 'lights', role: 'img' }, ...lights),
  );
}

function update(card: HTMLElement | undefined, pin: PinState, state: PanelState): void {
  if (!card) return;
  const held = state.readings[`pin.${pin.pin}`];
  const level = pin.mode === 'in' ? (held ?? pin.level) : pin.level;
  const share = pin.mode === 'pwm' ? pin.duty / 65_535 : level;
  card.style.setProperty('--share', String(share));
  card.classList.toggle('on', share > 0);
  card.classList.toggle('pwm', pin.mode === 'pwm');
  const text = card.querySelector('.pin-state');
  if (text)
    setText(
      text,
      pin.mode === 'pwm' ? pwmText(pin) : `${words[pin.mode]}, ${level ? t('high') : t('low')}`,
    );
  for (const button of card.querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.dataset['value'] === String(held)));
  }
}

const words = { in: t('in'), out: t('out'), 'open-drain': t('open drain'), pwm: 'PWM' } as const;

function pwmText({ duty, frequency }: PinState): string {
  return `${frequency} Hz, ${Math.round((duty / 65_535) * 1000) / 10} %`;
}
