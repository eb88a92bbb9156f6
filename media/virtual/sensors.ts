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
}

export interface Sensor {
  readonly kind: SensorKind;
  readonly pin: number;
  readonly title: string;
  readonly dials: readonly Dial[];
}

export type SensorKind = 'dht' | 'adc' | 'ds18x20';

export const sensorKinds: Readonly<Record<SensorKind, string>> = {
  dht: t('Temperature and humidity (DHT11, DHT22)'),
  adc: t('Voltage (ADC)'),
  ds18x20: t('Thermometer (DS18B20)'),
};

type Range = Omit<Dial, 'name'>;

const ranges: Readonly<Record<string, Range>> = {
  temperature: { label: t('Temperature'), min: -40, max: 80, step: 0.5, unit: '°C', usual: 21.5 },
  humidity: { label: t('Humidity'), min: 0, max: 100, step: 1, unit: '%', usual: 48 },
  adc: { label: t('Voltage'), min: 0, max: 3300, step: 10, unit: 'mV', usual: 550 },
  ds18x20: { label: t('Temperature'), min: -55, max: 125, step: 0.5, unit: '°C', usual: 21 },
};

/** The sensors that `names` are readings of, in the order of their pins. */
export function sensorsOf(names: Iterable<string>): Sensor[] {
  const found = new Map<string, { kind: SensorKind; pin: number; readings: Set<string> }>();
  for (const name of names) {
    const [kind, pin, part] = name.split('.');
    if (kind !== 'dht' && kind !== 'adc' && kind !== 'ds18x20') continue;
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

/** The values of such a sensor on that pin. */
export function dialsOf(kind: SensorKind, pin: number): Dial[] {
  const dial = (name: string, range: string): Dial => ({ ...ranges[range]!, name });
  if (kind === 'adc') return [dial(`adc.${pin}`, 'adc')];
  if (kind === 'ds18x20') return [dial(`ds18x20.${pin}.0`, 'ds18x20')];
  return [dial(`dht.${pin}.temperature`, 'temperature'), dial(`dht.${pin}.humidity`, 'humidity')];
}

function title(kind: SensorKind, pin: number): string {
  const what = { dht: 'DHT', adc: 'ADC', ds18x20: 'DS18B20' }[kind];
  return t('{what} on GPIO {pin}', { what, pin });
}

/** "21.5 °C". */
export function valueText(dial: Dial, value: number): string {
  return `${Number(value.toFixed(1))} ${dial.unit}`;
}
