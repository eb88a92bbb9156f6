import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isBoardError } from '../core/errors';
import { quietJob } from '../core/job';
import { sha256 } from '../micropython/contentHash';
import { resolvePackages, type PackageOptions } from './packages';

const index = 'https://index.example/pi/v2';
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('packages', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-mip-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  let rooms = 0;

  /** A network of these pages; what was asked of it. */
  function network(pages: Record<string, unknown>, more: Partial<PackageOptions> = {}) {
    const asked: string[] = [];
    const state = { offline: false };
    const fetcher = (async (url: string | URL) => {
      const address = String(url);
      asked.push(address);
      if (state.offline) throw new TypeError('fetch failed');
      const page = pages[address];
      if (page === undefined) return new Response('', { status: 404 });
      return new Response(typeof page === 'string' ? page : JSON.stringify(page));
    }) as typeof fetch;
    const cacheFolder = join(folder, String(rooms++));
    const options = { index, mpyVersion: 0, cacheFolder, fetch: fetcher, ...more };
    const get = (...specs: string[]) => resolvePackages(specs, options, quietJob());
    return { asked, state, get };
  }

  async function refusal(work: Promise<unknown>): Promise<string> {
    try {
      await work;
    } catch (error) {
      assert.ok(isBoardError(error, 'package-failed'), String(error));
      return `${String(error.details['package'])}: ${String(error.details['reason'])}`;
    }
    throw new Error('it was taken');
  }

  const hashOf = (content: string): string => sha256(Buffer.from(content)).slice(0, 8);
  const hashed = (content: string): [string, string] => [
    `${index}/file/${hashOf(content).slice(0, 2)}/${hashOf(content)}`,
    content,
  ];
  const library = Object.fromEntries([
    [
      `${index}/package/py/umqtt.robust/latest.json`,
      {
        v: 1,
        version: '1.0.2',
        hashes: [['umqtt/robust.py', hashOf('robust')]],
        deps: [['umqtt.simple', 'latest']],
      },
    ],
    [
      `${index}/package/py/umqtt.simple/latest.json`,
      { version: '1.5.0', hashes: [['umqtt/simple.py', hashOf('simple')]] },
    ],
    hashed('robust'),
    hashed('simple'),
  ]);

  test('of the index, with what they need and their versions', async () => {
    const { get } = network(library);
    const { packages, files } = await get('umqtt.robust');
    assert.deepEqual(packages, [
      { name: 'umqtt.robust', version: '1.0.2', dependency: false },
      { name: 'umqtt.simple', version: '1.5.0', dependency: true },
    ]);
    assert.deepEqual(
      files.map(({ path, bytes }) => [path, text(bytes)]),
      [
        ['umqtt/robust.py', 'robust'],
        ['umqtt/simple.py', 'simple'],
      ],
    );
  });

  test('what was seen is there without a network', async () => {
    const { get, state, asked } = network(library);
    const before = await get('umqtt.robust');
    state.offline = true;
    asked.length = 0;
    assert.deepEqual(await get('umqtt.robust'), before);
    assert.ok(asked.every((url) => url.endsWith('.json')));
    assert.match(await refusal(get('other')), /^other: /);
  });

  test('a file without an end is refused, not kept in memory', async () => {
    let sent = 0;
    const fetch = (async (url: string | URL) => {
      if (String(url).endsWith('.json')) {
        return Response.json({ urls: [['a.py', 'https://e.com/a.py']] });
      }
      const pull = (controller: ReadableStreamDefaultController): void => {
        sent += 1 << 16;
        controller.enqueue(new Uint8Array(1 << 16));
      };
      return new Response(new ReadableStream({ pull }));
    }) as typeof globalThis.fetch;
    const { get } = network({}, { fetch });
    assert.equal(await refusal(get('x')), 'https://e.com/a.py: it is too large');
    assert.ok(sent < 3 << 20, `${sent} bytes were taken`);
  });

  test('compiled for the board’s format, and in the version asked for', async () => {
    const { get, asked } = network(
      { [`${index}/package/6/x/1.2.json`]: { hashes: [] } },
      { mpyVersion: 6 },
    );
    assert.deepEqual((await get('x@1.2')).packages[0]?.version, '1.2');
    assert.deepEqual(asked, [`${index}/package/6/x/1.2.json`]);
  });

  test('of GitHub, GitLab and an address: a folder, a package.json, one file', async () => {
    const raw = 'https://raw.githubusercontent.com/org/repo';
    const { get } = network({
      [`${raw}/v2/sub/package.json`]: { urls: [['a/b.py', 'github:org/repo/sub/b.py']] },
      [`${raw}/v2/sub/b.py`]: 'b',
      [`${raw}/HEAD/one.py`]: 'one',
      'https://gitlab.com/o/r/-/raw/HEAD/package.json': { urls: [['c.py', 'https://e.com/c.py']] },
      'https://e.com/c.py': 'c',
    });
    const { files } = await get('github:org/repo/sub@v2', 'github:org/repo/one.py', 'gitlab:o/r');
    assert.deepEqual(
      files.map(({ path, bytes }) => `${path}=${text(bytes)}`),
      ['a/b.py=b', 'one.py=one', 'c.py=c'],
    );
  });

  test('what is damaged, unsafe or not there is refused by its name, before a board is touched', async () => {
    const url = `${index}/package/py`;
    const { get } = network({
      [`${url}/damaged/latest.json`]: { hashes: [['x.py', '00000000']] },
      [`${index}/file/00/00000000`]: 'something else',
      [`${url}/climbs/latest.json`]: { urls: [['../../boot.py', 'https://e.com/c.py']] },
      [`${url}/roots/latest.json`]: { urls: [['/boot.py', 'https://e.com/c.py']] },
      [`${url}/plain/latest.json`]: { urls: [['x.py', 'http://e.com/c.py']] },
      [`${url}/nohash/latest.json`]: { hashes: [['x.py', '../../secret']] },
      [`${url}/page/latest.json`]: '<html>',
      [`${url}/odd/latest.json`]: { hashes: 'no', urls: [[1, 2], 'x'], deps: {} },
    });
    assert.match(await refusal(get('damaged')), /SHA-256/);
    assert.match(await refusal(get('climbs')), /outside/);
    assert.match(await refusal(get('roots')), /outside/);
    assert.match(await refusal(get('plain')), /https/);
    assert.match(await refusal(get('nohash')), /no hash/);
    assert.match(await refusal(get('page')), /no package\.json/);
    assert.match(await refusal(get('missing')), /^missing: /);
    assert.match(await refusal(get('../x')), /letters, digits/);
    assert.deepEqual((await get('odd')).files, []);
  });

  test('packages that need each other end', async () => {
    const url = `${index}/package/py`;
    const { get } = network({
      [`${url}/a/latest.json`]: { deps: [['b', 'latest']] },
      [`${url}/b/latest.json`]: { deps: [['a', 'latest']] },
    });
    assert.equal((await get('a')).packages.length, 2);
  });

  test('a cancelled job asks nobody any more', async () => {
    const abort = new AbortController();
    abort.abort();
    const asked: unknown[] = [];
    const options = {
      index,
      mpyVersion: 0,
      cacheFolder: join(folder, 'cancelled'),
      fetch: ((url: unknown) => {
        asked.push(url);
        return Promise.reject(new Error('asked'));
      }) as typeof fetch,
    };
    await assert.rejects(resolvePackages(['x'], options, quietJob(abort.signal)), (error) =>
      isBoardError(error, 'cancelled'),
    );
    assert.deepEqual(asked, []);
  });
});
