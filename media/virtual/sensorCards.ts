/**
 * The sensors around a board: a slider for each value, a switch for "not wired", and a way to add one.
 * Below: sensors.ts. Above: main.ts.
 */
import type { PanelState } from '../../src/board/virtualWorld';
import { el, setText } from '../conversation/dom';
import {
  dialsOf,
  sensorKinds,
  sensorsOf,
  valueText,
  type Dial,
  type Sensor,
  type SensorKind,
} from './sensors';
import { t } from '../../src/core/words';

type Set = (name: string, value: number | null | undefined) => void;

interface Row {
  readonly dial: Dial;
  readonly element: HTMLElement;
  /** Sets the reading to what the row shows. */
  set(): void;
  update(reading: number | null | undefined, there: boolean): void;
}

interface Card {
  readonly element: HTMLElement;
  update(readings: PanelState['readings']): void;
}

export class SensorCards {
  readonly element: HTMLElement;
  private readonly cards = new Map<string, Card>();
  private readonly list = el('div', { class: 'sensors' });
  private readonly none = el(
    'p',
    { class: 'none' },
    t('The program has not looked at a sensor yet.'),
  );

  constructor(private readonly set: Set) {
    this.element = el('div', {}, this.none, this.list, this.adder());
  }

  draw({ world, readings }: PanelState): void {
    const sensors = sensorsOf([...world.asked, ...Object.keys(readings)]);
    const keys = new Set(sensors.map(keyOf));
    for (const [key, card] of this.cards) {
      if (keys.has(key)) continue;
      card.element.remove();
      this.cards.delete(key);
    }
    for (const sensor of sensors) {
      const key = keyOf(sensor);
      const card = this.cards.get(key) ?? makeCard(sensor, this.set);
      if (!this.cards.has(key)) this.list.append(card.element);
      this.cards.set(key, card);
      card.update(readings);
    }
    this.none.classList.toggle('hidden', sensors.length > 0);
  }

  /** For a program that is still to be written. */
  private adder(): HTMLElement {
    const kind = el('select', { class: 'field', 'aria-label': t('Kind of sensor') });
    for (const [value, text] of Object.entries(sensorKinds))
      kind.append(el('option', { value }, text));
    const pin = el('input', {
      ...{ class: 'field number', type: 'number', min: '0', max: '48', value: '4' },
      'aria-label': t('Its GPIO'),
    });
    const add = el('button', { class: 'quiet', type: 'button' }, t('Add a Sensor'));
    add.addEventListener('click', () => {
      const at = Number(pin.value);
      if (!Number.isInteger(at) || at < 0 || at > 48) return pin.focus();
      for (const dial of dialsOf(kind.value as SensorKind, at)) this.set(dial.name, dial.usual);
    });
    return el('div', { class: 'adder' }, kind, el('span', {}, t('on GPIO')), pin, add);
  }
}

const keyOf = ({ kind, pin }: Sensor): string => `${kind}.${pin}`;

function makeCard(sensor: Sensor, set: Set): Card {
  const wired = el('input', { type: 'checkbox' });
  const rows = sensor.dials.map((dial) => makeRow(dial, set));
  // Its values are set one after the other: until all are, the switch is what a person made it.
  let wish: boolean | undefined;
  wired.addEventListener('change', () => {
    wish = wired.checked;
    for (const row of rows) {
      if (wired.checked) row.set();
      else set(row.dial.name, null);
    }
  });
  const element = el(
    'div',
    { class: 'sensor', role: 'group', 'aria-label': sensor.title },
    el('h3', {}, sensor.title, el('label', { class: 'wired' }, wired, t('wired'))),
    ...rows.map((row) => row.element),
  );
  return {
    element,
    update: (readings) => {
      const { dials } = sensor;
      const gone = dials.filter(({ name }) => readings[name] === null).length;
      if (wish !== undefined && gone === (wish ? 0 : dials.length)) wish = undefined;
      const there = wish ?? gone < dials.length;
      wired.checked = there;
      element.classList.toggle('away', !there);
      for (const row of rows) row.update(readings[row.dial.name], there);
    },
  };
}

function makeRow(dial: Dial, set: Set): Row {
  const { min, max, step, usual, label } = dial;
  if (dial.choices) return makeChoice(dial, dial.choices, set);
  const slider = el('input', {
    ...{ type: 'range', min: `${min}`, max: `${max}`, step: `${step}`, value: `${usual}` },
    'aria-label': label,
  });
  const value = el('output', {}, valueText(dial, usual));
  const show = (): void => {
    const text = valueText(dial, Number(slider.value));
    setText(value, text);
    slider.setAttribute('aria-valuetext', text);
  };
  let held = false;
  for (const down of ['pointerdown', 'keydown']) slider.addEventListener(down, () => (held = true));
  for (const up of ['pointerup', 'pointercancel', 'keyup', 'blur'])
    slider.addEventListener(up, () => (held = false));
  slider.addEventListener('input', () => {
    show();
    set(dial.name, Number(slider.value));
  });
  return {
    dial,
    set: () => set(dial.name, Number(slider.value)),
    element: el('label', { class: 'dial' }, el('span', {}, label), slider, value),
    update(reading: number | null | undefined, there: boolean): void {
      slider.disabled = !there;
      // Not out from under a hand.
      if (!held && typeof reading === 'number') slider.value = String(reading);
      show();
    },
  };
}

/** A value that is one of a few: a card at a reader. */
function makeChoice(dial: Dial, choices: NonNullable<Dial['choices']>, set: Set): Row {
  const select = el('select', { class: 'field', 'aria-label': dial.label });
  const add = (value: number, text: string): void =>
    select.append(el('option', { value: `${value}` }, text));
  for (const [value, text] of choices) add(value, text);
  const own = (): void => set(dial.name, Number(select.value));
  select.addEventListener('change', own);
  return {
    dial,
    set: own,
    element: el('label', { class: 'dial' }, el('span', {}, dial.label), select),
    update(reading, there) {
      select.disabled = !there;
      if (typeof reading !== 'number') return;
      // Set from elsewhere, to a card that is none of these.
      if (![...select.options].some(({ value }) => Number(value) === reading)) {
        add(reading, valueText(dial, reading));
      }
      select.value = String(reading);
    },
  };
}
