import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialsOf, sensorsOf, valueText } from './sensors';

test('each sensor a program looks at is there once, in the order of the pins', () => {
  const sensors = sensorsOf([
    'adc.34',
    'dht.4.humidity',
    'dht.4.temperature',
    'pin.5',
    'ds18x20.13.0',
    'ds18x20.13.1',
  ]);
  assert.deepEqual(
    sensors.map(({ title, dials }) => [title, ...dials.map(({ name }) => name)]),
    [
      ['DHT on GPIO 4', 'dht.4.temperature', 'dht.4.humidity'],
      ['DS18B20 on GPIO 13', 'ds18x20.13.0'],
      ['ADC on GPIO 34', 'adc.34'],
    ],
  );
});

test('a value is told with its unit', () => {
  const [warmth] = dialsOf('dht', 4);
  assert.equal(valueText(warmth!, -7.25), '-7.3 °C');
  assert.equal(valueText(dialsOf('adc', 34)[0]!, 1100), '1100 mV');
});

test('a card is one of a few, told by its bytes, and so is one that was set from elsewhere', () => {
  const [card] = dialsOf('rfid', 5);
  assert.equal(card!.name, 'rfid.5');
  assert.equal(valueText(card!, 0), 'no card');
  assert.equal(valueText(card!, 0xdeadbeef), 'de:ad:be:ef');
  assert.equal(valueText(card!, 0x01020304), '01:02:03:04');
  assert.deepEqual(
    sensorsOf(['rfid.5']).map(({ title }) => title),
    ['RFID on GPIO 5'],
  );
});
