/**
 * The schemas by which the views hold their host to its types: the compiler sees that they are the
 * same, and here what fits and what does not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { is, type InferOutput } from 'valibot';
import type { PanelState } from '../src/board/virtualWorld';
import type { ToView } from '../src/conversation/protocol';
import type { ToPlot } from '../src/plot/protocol';
import { toView } from './conversation/schema';
import { toPlot } from './plot/schema';
import { panelState } from './virtual/schema';

/** Nothing optional: a field that only one of two types has makes them unequal. */
type Every<T> = T extends readonly (infer E)[]
  ? readonly Every<E>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Every<T[K]> }
    : T;
type Same<A, B> = [Every<A>] extends [Every<B>]
  ? [Every<B>] extends [Every<A>]
    ? true
    : 'the schema misses something'
  : 'the schema has too much';

test('a schema knows what its type knows, and nothing else', () => {
  const view: Same<InferOutput<typeof toView>, ToView> = true;
  const plot: Same<InferOutput<typeof toPlot>, ToPlot> = true;
  const panel: Same<InferOutput<typeof panelState>, PanelState> = true;
  assert.ok(view && plot && panel);
});

const counters = { total: 1, kept: 1, dropped: 0, folded: 0, perSecond: 0.2 };
const entry = {
  ...{ id: 1, kind: 'message', at: 1, topic: 'a', text: '1', payload: 'text', bytes: 1 },
  ...{ cut: false, qos: 0, retain: false, speaker: '?a' },
};
const append = {
  type: 'append',
  speakers: [],
  topics: ['a'],
  counters,
  entries: [entry],
  firstId: 1,
};

test('the conversation takes what its host says and nothing like it', () => {
  assert.ok(is(toView, append));
  assert.ok(is(toView, { ...append, entries: [{ ...entry, receivers: undefined }] }));
  assert.ok(is(toView, { type: 'picture', id: 1, mime: 'image/png', base64: 'AAEC' }));
  for (const wrong of [
    ...[undefined, null, 'append', [], {}, { type: 'eval', code: '1' }],
    { ...append, counters: undefined },
    { ...append, entries: [{ ...entry, text: { toString: 1 } }] },
    { ...append, entries: [{ ...entry, kind: 'script' }] },
    { ...append, entries: [{ ...entry, id: -1 }] },
    { type: 'picture', id: 1, mime: 'image/svg+xml', base64: 'AAEC' },
    { type: 'picture', id: 1, mime: 'image/png', base64: '"><script>' },
  ]) {
    assert.ok(!is(toView, wrong), JSON.stringify(wrong));
  }
});

test('the plot takes numbers and gaps', () => {
  assert.ok(is(toPlot, { type: 'more', names: ['t'], at: [1, 2], columns: [[1.5, null]] }));
  assert.ok(!is(toPlot, { type: 'more', names: ['t'], at: [1], columns: [['1']] }));
  assert.ok(!is(toPlot, { type: 'note' }));
});

test('the panel of a virtual board takes colours that are colours', () => {
  const world = { pins: [], strips: [{ pin: 4, colours: ['#ff0000'] }], asked: [] };
  const state = {
    ...{ type: 'state', name: 'a', chip: 'ESP32', mac: '', status: '', alive: true },
    ...{ air: { ssid: 'x', secured: false }, world, readings: { 'adc.34': null } },
  };
  assert.ok(is(panelState, state));
  const strips = [{ pin: 4, colours: ['url(https://x)'] }];
  assert.ok(!is(panelState, { ...state, world: { ...world, strips } }));
});
