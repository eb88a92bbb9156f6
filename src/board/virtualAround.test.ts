import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAround, writeAround } from './virtualAround';

test('what is set around a board is kept, and what is no reading is left out', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'parley-around-'));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, 'one');
  assert.deepEqual(readAround(folder), {});
  writeAround(folder, { 'dht.4.temperature': 30.5, 'ds18x20.4.0': null });
  assert.deepEqual(readAround(folder), { 'dht.4.temperature': 30.5, 'ds18x20.4.0': null });
  assert.deepEqual(readdirSync(folder), ['around.json']);

  const odd = { readings: { 'adc.34': 5, 'adc.35': '5', '../x': 1, 'pin.5': {} } };
  writeFileSync(join(folder, 'around.json'), JSON.stringify(odd));
  assert.deepEqual(readAround(folder), { 'adc.34': 5 });
  for (const broken of ['', '{"rea', '[]', 'null', '{"readings": 5}']) {
    writeFileSync(join(folder, 'around.json'), broken);
    assert.deepEqual(readAround(folder), {}, broken);
  }
});
