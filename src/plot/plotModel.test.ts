import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { createPlotFeed } from './plotFeed';
import { MOST_NAMES, MOST_ROWS, PlotModel } from './plotModel';
import type { ToPlot } from './protocol';

function board(): { model: PlotModel; print: (text: string) => void; time: (ms: number) => void } {
  let now = Date.UTC(2026, 0, 1);
  const model = new PlotModel(() => now);
  return {
    model,
    print: (text) => model.print(new TextEncoder().encode(text)),
    time: (ms) => (now += ms),
  };
}

describe('the numbers of a board', () => {
  test('a line in pieces, also within a letter, is one row', () => {
    const { model } = board();
    const bytes = new TextEncoder().encode('vlhkosť:40 t:21\r\nhello\r\nt:22\r\n');
    for (const byte of bytes) model.print(Uint8Array.of(byte));
    assert.deepEqual(model.names, ['vlhkosť', 't']);
    assert.deepEqual(model.rows().columns, [
      [40, null],
      [21, 22],
    ]);
  });

  test('holds the newest rows, and so many names', () => {
    const { model, print } = board();
    const rows = MOST_ROWS * 2;
    for (let i = 0; i < rows; i++) print(`x:${i}\n`);
    const { at, columns } = model.rows();
    assert.ok(at.length >= MOST_ROWS && at.length < MOST_ROWS * 1.1);
    assert.equal(columns[0]?.at(-1), rows - 1);
    assert.equal(model.total, rows);
    assert.deepEqual(model.rows(rows - 2).columns, [[rows - 2, rows - 1]]);
    for (let i = 0; i < 30; i++) print(`new${i}:1\n`);
    assert.equal(model.names.length, MOST_NAMES);
  });

  test('exports what was chosen, with times, and no formula', () => {
    const { model, print, time } = board();
    print('temp:21.5 hum:40\n');
    time(1500);
    print('hum:41\n');
    print('"@SUM(A1)",x\n');
    assert.equal(
      model.csv(),
      'time,temp,hum\r\n2026-01-01T00:00:00.000Z,21.5,40\r\n2026-01-01T00:00:01.500Z,,41\r\n',
    );
    assert.equal(model.csv(['temp']), 'time,temp\r\n2026-01-01T00:00:00.000Z,21.5\r\n');
  });

  test('a view gets all, then what comes; hidden, nothing; cleared, all anew', async () => {
    const { model, print } = board();
    const clock = new ManualClock();
    const posted: ToPlot[] = [];
    const saved: (readonly string[])[] = [];
    const feed = createPlotFeed({
      model,
      clock,
      post: (message) => posted.push(message),
      save: (names) => saved.push(names),
    });
    const taken = (): (string | number)[] =>
      posted.splice(0).map((m) => (m.type === 'note' ? m.text : `${m.type} ${m.at.length}`));
    print('x:1\n');
    await clock.advance(1000);
    assert.deepEqual(taken(), []);
    feed.note('away');
    feed.receive({ type: 'ready' });
    assert.deepEqual(taken(), ['all 1', 'away']);
    print('x:2\nx:3\n');
    print('x:4\ny:1\n');
    assert.deepEqual(taken(), []);
    await clock.advance(100);
    assert.deepEqual(taken(), ['more 4']);
    feed.note('away');
    feed.note('');
    assert.deepEqual(taken(), ['']);
    feed.pause();
    print('x:5\n');
    await clock.advance(100);
    assert.deepEqual(taken(), []);
    feed.receive({ type: 'ready' });
    assert.deepEqual(taken(), ['all 6', '']);
    feed.receive({ type: 'clear' });
    assert.deepEqual(taken(), ['all 0']);
    assert.deepEqual(model.names, []);
    feed.receive({ type: 'export', names: ['x', 3] });
    for (const strange of [null, 'ready', { type: 'export' }, { type: 'eval' }]) {
      feed.receive(strange);
    }
    assert.deepEqual(saved, [['x']]);
    feed.dispose();
    print('x:6\n');
    await clock.advance(100);
    assert.deepEqual(taken(), []);
  });
});
