import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boardPageHtml } from './firmwareSite';
import {
  boardsIn,
  compareVersions,
  latestPreview,
  latestStable,
  releaseOf,
  releasesIn,
} from './releases';

const PAGE = 'https://micropython.org/download/ESP32_GENERIC/';

const page = boardPageHtml({
  '': [
    'ESP32_GENERIC-20251209-v1.27.0.bin',
    'ESP32_GENERIC-20250911-v1.26.1.bin',
    'ESP32_GENERIC-20251222-v1.28.0-preview.27.g2a6e64f7ab.bin',
    'ESP32_GENERIC-20251215-v1.28.0-preview.9.gf6a9b7ac5e.bin',
  ],
  'Support for SPIRAM / WROVER': ['ESP32_GENERIC-SPIRAM-20251209-v1.27.0.bin'],
  'OTA &amp; more': ['esp32-ota-20220618-v1.19.1.bin', 'esp32-idf3-20200902-v1.13.bin'],
});

describe('the page of a board', () => {
  const releases = releasesIn(page, PAGE, 'ESP32_GENERIC');

  test('its images, newest first, with what the page says of each variant', () => {
    assert.deepEqual(
      releases.map(({ version, variant, date, kind }) => `${version} ${variant} ${date} ${kind}`),
      [
        '1.28.0-preview.27  2025-12-22 preview',
        '1.28.0-preview.9  2025-12-15 preview',
        '1.27.0  2025-12-09 stable',
        '1.27.0 SPIRAM 2025-12-09 stable',
        '1.26.1  2025-09-11 stable',
        '1.19.1 OTA 2022-06-18 stable',
        '1.13 IDF3 2020-09-02 stable',
      ],
    );
    assert.equal(releases[3]?.about, 'Support for SPIRAM / WROVER');
    assert.equal(releases[5]?.about, 'OTA & more');
    assert.equal(
      releases[2]?.url,
      'https://micropython.org/resources/firmware/ESP32_GENERIC-20251209-v1.27.0.bin',
    );
  });

  test('the latest of each variant; a preview only where it is newer than the release', () => {
    const names = (list: typeof releases): string[] => list.map((r) => r.fileName);
    assert.deepEqual(names(latestStable(releases)), [
      'ESP32_GENERIC-20251209-v1.27.0.bin',
      'esp32-idf3-20200902-v1.13.bin',
      'esp32-ota-20220618-v1.19.1.bin',
      'ESP32_GENERIC-SPIRAM-20251209-v1.27.0.bin',
    ]);
    assert.deepEqual(names(latestPreview(releases)), [
      'ESP32_GENERIC-20251222-v1.28.0-preview.27.g2a6e64f7ab.bin',
    ]);
    const old = releasesIn(page, PAGE, 'ESP32_GENERIC').filter((r) => r.date < '2025-12-16');
    const after = { ...old.find((r) => r.version === '1.27.0')!, date: '2026-01-01' };
    assert.deepEqual(latestPreview([...old, after]), []);
  });

  test('updates for OTA, symbols and other links are no images', () => {
    assert.ok(releases.every(({ fileName }) => /[^-]\.bin$|\d\.bin$/.test(fileName)));
    assert.equal(releaseOf('https://x/ESP32_GENERIC-20251209-v1.27.0.app-bin', 'E'), undefined);
    assert.equal(releaseOf('https://x/something.bin', 'E'), undefined);
  });

  test('builds of the time before 1.22 that called themselves unstable', () => {
    const url =
      'https://x/resources/firmware/ESP32_GENERIC-20231005-unstable-v1.21.0-1-gabc123.bin';
    const release = releaseOf(url, 'ESP32_GENERIC');
    assert.equal(release?.kind, 'preview');
    assert.equal(release.version, '1.21.0-1 commits');
  });
});

test('versions are compared by number, a preview is older than its release', () => {
  assert.ok(compareVersions('1.9.4', '1.27.0') < 0);
  assert.ok(compareVersions('1.28.0-preview.27', '1.28.0-preview.9') > 0);
  assert.ok(compareVersions('1.28.0-preview.27', '1.28.0') < 0);
  assert.equal(compareVersions('1.13', '1.13.0'), 0);
});

test('the cards of a list page, with vendor and product', () => {
  const html = `
    <a class="board-card" href="ESP32_GENERIC_S3"><div class="board-thumb"><img></div>
      <div class="board-product">ESP32-S3</div><div class="board-vendor">Espressif</div></a>
    <a href="/download/?vendor=X">X</a>
    <a href='/download/UM_TINYS3/' class='wide board-card'><p>TinyS3</p></a>`;
  assert.deepEqual(boardsIn(html, 'https://micropython.org/download/?mcu=esp32s3'), [
    {
      id: 'ESP32_GENERIC_S3',
      name: 'Espressif ESP32-S3',
      url: 'https://micropython.org/download/ESP32_GENERIC_S3/',
    },
    { id: 'UM_TINYS3', name: 'TinyS3', url: 'https://micropython.org/download/UM_TINYS3/' },
  ]);
});

test('a page that was made to take for ever is read in one go', () => {
  const pieces = [
    '<h1>',
    '<a ',
    '<a href="',
    '<a class="board-card">',
    '<a class="',
    '<div board-product ',
  ];
  for (const piece of pieces) {
    const page = piece.repeat(20_000);
    const began = process.cpuUsage().user;
    assert.deepEqual(releasesIn(page, 'https://x/', 'E'), []);
    assert.deepEqual(boardsIn(page, 'https://x/').length <= 1, true);
    // It took minutes.
    assert.ok(process.cpuUsage().user - began < 5_000_000, piece);
  }
  assert.equal(releaseOf('no address', 'E'), undefined);
});
