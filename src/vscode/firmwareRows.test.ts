import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardPageHtml } from '../esp/firmwareSite';
import { releasesIn } from '../esp/releases';
import { allRows, firstRows, newestReleases } from './firmwareRows';

const releases = releasesIn(
  boardPageHtml({
    '': [
      'ESP32_GENERIC-20251209-v1.27.0.bin',
      'ESP32_GENERIC-20250911-v1.26.1.bin',
      'ESP32_GENERIC-20251222-v1.28.0-preview.27.g2a6e64f7ab.bin',
    ],
    'Support for SPIRAM': [
      'ESP32_GENERIC-SPIRAM-20251209-v1.27.0.bin',
      'ESP32_GENERIC-SPIRAM-20251222-v1.28.0-preview.27.g2a6e64f7ab.bin',
    ],
    'ESP32 D2WD': ['ESP32_GENERIC-D2WD-20240602-v1.23.0.bin'],
  }),
  'https://micropython.org/download/ESP32_GENERIC/',
  'ESP32_GENERIC',
);
const none = { sizes: new Map<string, number>(), kept: new Set<string>() };

test('first the newest build, its variants and one preview; what is older is behind a row', () => {
  assert.deepEqual(
    newestReleases(releases).map(({ version, variant }) => `${version} ${variant}`.trim()),
    ['1.27.0', '1.27.0 SPIRAM', '1.28.0-preview.27'],
  );
  const url = newestReleases(releases)[0]!.url;
  const files = { sizes: new Map([[url, 1_783_000]]), kept: new Set([url]) };
  const rows = firstRows({ chip: 'ESP32', listing: { releases }, files });
  const row = rows.find(({ label }) => label === '$(package) MicroPython 1.27.0');
  assert.equal(row?.description, '2025-12-09 · 1.7 MB · on this computer');
  assert.deepEqual(row.choice, { kind: 'source', source: { from: url } });
  const spiram = rows.find(({ label }) => label.endsWith('1.27.0 SPIRAM'));
  assert.equal(spiram?.description, 'Support for SPIRAM · 2025-12-09');
  assert.equal(rows.find(({ choice }) => choice?.kind === 'older')?.description, '3 more');
});

test('used last comes first, a virtual board has its own image, a problem is said in a row', () => {
  const last = { from: '/home/me/fw/custom.bin', offset: 0x10000 };
  const rows = firstRows({
    chip: 'ESP32',
    virtualImage: '/dist/virtual.bin',
    last,
    listing: { releases: [], problem: 'No network.' },
    files: none,
  });
  assert.match(rows[0]?.label ?? '', /virtual boards/);
  assert.equal(rows[1]?.label, '$(history) custom.bin');
  assert.equal(rows[1]?.description, 'used last · at 0x10000');
  const problem = rows.find(({ choice }) => choice?.kind === 'reload');
  assert.equal(problem?.label, '$(warning) The list of builds cannot be read');
  assert.equal(problem.description, 'No network.');
  assert.match(problem.detail ?? '', /try again\. A \.bin file can be flashed without a list\.$/);
  const old = firstRows({ chip: 'ESP32', listing: { releases, problem: 'Old.' }, files: none });
  assert.ok(old.some(({ label }) => label === '$(warning) The list may be out of date'));
  const same = { chip: 'ESP32', virtualImage: 'x', last: { from: 'x' }, listing: undefined };
  assert.deepEqual(firstRows({ ...same, files: none })[1]?.choice, { kind: 'file' });
});

test('a file, an address and another board are offered before any page is read', () => {
  const rows = firstRows({ chip: 'ESP32-C3', listing: undefined, files: none });
  const kinds = rows.flatMap(({ choice }) => choice?.kind ?? []);
  assert.deepEqual(kinds, ['file', 'url', 'boards', 'wait']);
});

test('no row moves when the page arrives: what waits for it is the last', () => {
  const last = { from: '/home/me/fw/custom.bin' };
  for (const listing of [
    { releases },
    { releases, problem: 'Old.' },
    { releases: [], problem: 'x' },
  ]) {
    const before = firstRows({ chip: 'ESP32', last, listing: undefined, files: none });
    const after = firstRows({ chip: 'ESP32', last, listing, files: none });
    assert.equal(before.at(-1)?.choice?.kind, 'wait');
    assert.deepEqual(after.slice(0, before.length - 1), before.slice(0, -1));
  }
});

test('all builds stand below their years', () => {
  const labels = allRows(releases, none)
    .filter(({ choice }) => !choice)
    .map(({ label }) => label);
  assert.deepEqual(labels, ['2025', '2024']);
});
