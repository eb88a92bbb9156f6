import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LineReader } from './numbersOfLine';

const read = (...lines: string[]): Record<string, number> => {
  const reader = new LineReader();
  let last: Record<string, number> = {};
  for (const line of lines) {
    last = Object.fromEntries(reader.read(line).map(({ name, value }) => [name, value]));
  }
  return last;
};

describe('numbers of a line', () => {
  test('names with a colon or an equals sign, however they are set apart', () => {
    const both = { temp: 21.5, hum: 40 };
    for (const line of [
      'temp:21.5 hum:40',
      'temp=21.5 hum=40',
      'temp: 21.5, hum: 40',
      'temp = 21.5; hum = 40',
      'temp:21.5\thum:40\r',
      'temp: 21.5 °C, hum: 40 %',
      'temp:21.5C hum:40%',
      "{'temp': 21.5, 'hum': 40}",
      '{"temp": 21.5, "hum": 40}',
      '\x1b[32mtemp:21.5 hum:40\x1b[0m',
      '  temp:21.5   hum:40  ',
    ]) {
      assert.deepEqual(read(line), both, line);
    }
  });

  test('names of several words, in other alphabets, with signs', () => {
    assert.deepEqual(read('free heap: 120384 bytes'), { 'free heap': 120384 });
    assert.deepEqual(read('free heap: 120384'), { 'free heap': 120384 });
    assert.deepEqual(read('teplota: -3.5 °C vlhkosť: +40'), { teplota: -3.5, vlhkosť: 40 });
    assert.deepEqual(read('温度=21'), { 温度: 21 });
    assert.deepEqual(read('accel.x:1e-3 accel.y:-.5'), { 'accel.x': 0.001, 'accel.y': -0.5 });
    assert.deepEqual(read('speed: 3 m/s wind: 2 m/s'), { speed: 3, wind: 2 });
  });

  test('true and false are one and nought; what is no number is left out', () => {
    assert.deepEqual(read('door:True light:False'), { door: 1, light: 0 });
    assert.deepEqual(read('temp:nan hum:40'), { hum: 40 });
    assert.deepEqual(read('inf'), {});
  });

  test('numbers alone, as print and CSV set them', () => {
    const three = { 'value 1': 1, 'value 2': -2.5, 'value 3': 300 };
    for (const line of [
      '1 -2.5 300',
      '1,-2.5,300',
      '1, -2.5, 300',
      '1;-2.5;300',
      '1\t-2.5\t300',
      '(1, -2.5, 300)',
      '[1, -2.5, 300]',
      '1,-2.5,300,',
    ]) {
      assert.deepEqual(read(line), three, line);
    }
    assert.deepEqual(read('21.5'), { value: 21.5 });
    assert.deepEqual(read('21.5 °C'), { value: 21.5 });
    assert.deepEqual(read('(21.5,)'), { value: 21.5 });
  });

  test('a head of names is taken until the number of columns is another', () => {
    assert.deepEqual(read('t,temp,hum', '1,21.5,40'), { t: 1, temp: 21.5, hum: 40 });
    assert.deepEqual(read('"time", "temp (C)"', '1, 20', 'hello', '2, 21'), {
      time: 2,
      'temp (C)': 21,
    });
    assert.deepEqual(read('a,b', '1,2,3'), { 'value 1': 1, 'value 2': 2, 'value 3': 3 });
    assert.deepEqual(read('a,b', '1,2', 'c,d', '3,4'), { c: 3, d: 4 });
  });

  test('sentences, boot logs, tracebacks and what is typed are not drawn', () => {
    for (const line of [
      '',
      'hello',
      'hello #1',
      'Connected at 12:30',
      'It is 21.5 degrees',
      'ets Jul 29 2019 12:21:46',
      'rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)',
      'configsip: 0, SPIWP:0xee',
      'mode:DIO, clock div:2',
      'load:0x3fff0030,len:4728',
      'ho 0 tail 12 room 4',
      'I (29) boot: chip revision: v3.0',
      '  File "main.py", line 12, in <module>',
      'OSError: [Errno 2] ENOENT',
      "ValueError: 3 isn't",
      '>>> 1 + 1',
      ">>> print('a:1')",
      '... 3',
      'MPY: soft reboot',
      'MicroPython v1.27.0 on 2025-12-09; Parley with ESP32',
      '192.168.1.20',
      '24:6f:28:00:00:01',
      'a:1 b c',
      'a:1 b:x',
    ]) {
      assert.deepEqual(read(line), {}, line);
    }
  });

  test('no line is too strange or takes long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1200 }), (line) => {
        for (const { name, value } of new LineReader().read(line)) {
          assert.ok(name !== '' && Number.isFinite(value));
        }
      }),
    );
    // What makes a pattern with choices try them all.
    for (const line of ['a '.repeat(499), 'a.'.repeat(499), `${'a b c d '.repeat(120)}:`]) {
      assert.deepEqual(new LineReader().read(line), []);
    }
  });
});
