/**
 * What can be set around a board, worked out from what its program has looked at and what a person
 * added: one sensor for each pin and kind, its values with their range and unit.
 * Below: nothing but names. Above: main.ts draws it.
 */
import { t } from '../../src/core/words';

/** One value of a sensor. */
export interface Dial {
  /** Name of the reading: "dht.4.temperature". */
  readonly name: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly unit: string;
  /** What a program reads before anybody has set it (firmware/virtual). */
  readonly usual: number;
  /** The values there are, where they are no range: a number and its name. */
  readonly choices?: readonly (readonly [number, string])[];
}

export interface Sensor {
  readonly kind: SensorKind;
  readonly pin: number;
  readonly title: string;
  readonly dials: readonly Dial[];
}

export type SensorKind = 'dht' | 'adc' | 'ds18x20' | 'rfid';

export const sensorKinds: Readonly<Record<SensorKind, string>> = {
  dht: t('Temperature and humidity (DHT11, DHT22)'),
  adc: t('Voltage (ADC)'),
  ds18x20: t('Thermometer (DS18B20)'),
  rfid: t('RFID reader (MFRC522)'),
};

type Range = Omit<Dial, 'name'>;

const ranges: Readonly<Record<string, Range>> = {
  temperature: { label: t('Temperature'), min: -40, max: 80, step: 0.5, unit: '°C', usual: 21.5 },
  humidity: { label: t('Humidity'), min: 0, max: 100, step: 1, unit: '%', usual: 48 },
  adc: { label: t('Voltage'), min: 0, max: 3300, step: 10, unit: 'mV', usual: 550 },
  ds18x20: { label: t('Temperature'), min: -55, max: 125, step: 0.5, unit: '°C', usual: 21 },
  rfid: {
    ...{ label: t('Card'), min: 0, max: 0xffff_ffff, step: 1, unit: '', usual: 0 },
    choices: [
      [0, t('no card')],
      ...[0x11223344, 0xc0ffee01, 0xdeadbeef].map((uid): [number, string] => [uid, uidText(uid)]),
    ],
  },
};

/** The four bytes of a card as programs write them: "11:22:33:44". */
function uidText(uid: number): string {
  return uid
    .toString(16)
    .padStart(8, '0')
    .replace(/(..)(?=.)/g, '$1:');
}

/** The sensors that `names` are readings of, in the order of their pins. */
export function sensorsOf(names: Iterable<string>): Sensor[] {
  const found = new Map<string, { kind: SensorKind; pin: number; readings: Set<string> }>();
  for (const name of names) {
    const [kind, pin, part] = name.split('.');
    if (!isKind(kind)) continue;
    const key = `${kind}.${pin}`;
    const sensor = found.get(key) ?? { kind, pin: Number(pin), readings: new Set() };
    // A probe that is only asked for may not be there; the first one is.
    if (kind !== 'ds18x20' || part === '0') sensor.readings.add(name);
    found.set(key, sensor);
  }
  return [...found.values()]
    .map(({ kind, pin }) => ({ kind, pin, title: title(kind, pin), dials: dialsOf(kind, pin) }))
    .sort((a, b) => a.pin - b.pin || a.kind.localeCompare(b.kind));
}

const isKind = (kind: string | undefined): kind is SensorKind =>
  kind !== undefined && Object.hasOwn(sensorKinds, kind);

/** The values of such a sensor on that pin. */
export function dialsOf(kind: SensorKind, pin: number): Dial[] {
  const dial = (name: string, range: string): Dial => ({ ...ranges[range]!, name });
  if (kind === 'rfid') return [dial(`rfid.${pin}`, 'rfid')];
  if (kind === 'adc') return [dial(`adc.${pin}`, 'adc')];
  if (kind === 'ds18x20') return [dial(`ds18x20.${pin}.0`, 'ds18x20')];
  return [dial(`dht.${pin}.temperature`, 'temperature'), dial(`dht.${pin}.humidity`, 'humidity')];
}

function title(kind: SensorKind, pin: number): string {
  const what = { dht: 'DHT', adc: 'ADC', ds18x20: 'DS18B20', rfid: 'RFID' }[kind];
  return t('{what} on GPIO {pin}', { what, pin });
}

/** "21.5 °C". */
export function valueText(dial: Dial, value: number): string {
  const choice = dial.choices?.find(([one]) => one === value);
  if (choice) return choice[1];
  if (dial.choices) return uidText(value);
  return `${Number(value.toFixed(1))} ${dial.unit}`;
}
