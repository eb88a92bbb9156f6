/** `mip` and `requests` on the board itself, from an index on loopback; and `_thread`, which is not there. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { TestBoard } from './runtimeTesting';

const JOIN =
  'import network\nw=network.WLAN(network.STA_IF)\nw.active(True)\nw.connect("Parley","secret")\nwhile not w.isconnected(): pass\n';

let board: TestBoard | undefined;
let close: () => void = () => undefined;
afterEach(async () => {
  await board?.stop();
  close();
});

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A site with `pages`; what was asked of it. */
async function site(pages: Readonly<Record<string, string>>) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, headers, body });
      const page = pages[url];
      if (page?.startsWith('->')) response.writeHead(302, { Location: page.slice(2) }).end();
      else response.writeHead(page === undefined ? 404 : 200).end(page);
    });
  }).listen(0, '127.0.0.1');
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
const file = (text: string): [string, string] => [
  `/file/${hash(text).slice(0, 2)}/${hash(text)}`,
  text,
];

describe('mip on the board', () => {
  test('installs a package and what it needs from the index of the user; again nothing is copied', async () => {
    const inner = 'def twice(x):\n    return 2 * x\n';
    const outer = `from inner import twice\n# ${'long '.repeat(400)}\ndef four(x):\n    return twice(twice(x))\n`;
    const { origin, asked } = await site(
      Object.fromEntries([
        file(inner),
        file(outer),
        [
          '/package/py/outer/latest.json',
          JSON.stringify({
            hashes: [['outer/__init__.py', hash(outer)]],
            deps: [['inner', '1.1']],
          }),
        ],
        ['/package/py/inner/1.1.json', JSON.stringify({ hashes: [['inner.py', hash(inner)]] })],
      ]),
    );
    board = await TestBoard.raw();
    const install = `import mip; mip.install('outer', index='${origin}/', mpy=False)`;
    const lines = (await board.run(`${JOIN}${install}`)).split('\r\n');
    assert.deepEqual(lines, [
      `Installing outer (latest) from ${origin} to /lib`,
      'Copying: /lib/outer/__init__.py',
      `Installing inner (1.1) from ${origin} to /lib`,
      'Copying: /lib/inner.py',
      'Done',
      '',
    ]);
    assert.equal(await board.run('import outer; print(outer.four(10))'), '40\r\n');
    const before = asked.length;
    assert.match(await board.run(install), /Exists: \/lib\/outer\/__init__\.py/);
    assert.ok(asked.slice(before).every(({ url }) => url.startsWith('/package/')));
  });

  test('takes a file and a list from an address, and says what is not there', async () => {
    const { origin } = await site({
      '/one.py': 'x = 1\n',
      '/two/package.json': JSON.stringify({ urls: [['two/__init__.py', 'two.py']] }),
      '/two/two.py': 'x = 2\n',
    });
    board = await TestBoard.raw();
    const out = await board.run(`${JOIN}
import mip
mip.install('${origin}/one.py', target='/')
mip.install('${origin}/two')
mip.install('nothing', index='${origin}')
import one, two; print(one.x, two.x)`);
    assert.match(out, /Package not found: .*\/package\/6\/nothing\/latest\.json\r\nPackage may be/);
    assert.match(out, /1 2\r\n$/);
  });

  test('goes where sockets may go and nowhere else', async () => {
    board = await TestBoard.raw();
    const error = await board.raises(`${JOIN}
import mip
mip.install('x', index='http://10.9.8.7')`);
    assert.match(error, /OSError: \[Errno 113\]/);
  });
});

describe('requests on the board', () => {
  test('gets, posts, follows, and tells a status', async () => {
    const { origin, asked } = await site({ '/moved': '->/here', '/here': '{"a": [1, 2]}' });
    board = await TestBoard.raw();
    const out = await board.run(`${JOIN}
import requests
r = requests.get('${origin}/moved'); print(r.status_code, r.reason, r.json()['a'], r.text)
r = requests.post('${origin}/none', json={'b': 1}, headers={'X': 'y'}, auth=('me', 'pw')); print(r.status_code, r.content); r.close()
try: requests.get('ftp://x/')
except ValueError as e: print(e)`);
    assert.equal(out, '200 OK [1, 2] {"a": [1, 2]}\r\n404 b\'\'\r\nUnsupported protocol: ftp\r\n');
    const posted = asked.at(-1)!;
    assert.deepEqual(
      [posted.method, posted.url, JSON.parse(posted.body), posted.headers['x']],
      ['POST', '/none', { b: 1 }, 'y'],
    );
    assert.equal(posted.headers.authorization, `Basic ${Buffer.from('me:pw').toString('base64')}`);
    assert.equal(posted.headers['content-type'], 'application/json');
  });
});

test('_thread says that it is not there, and what is', async () => {
  board = await TestBoard.raw();
  const said = await board.raises('import _thread');
  assert.match(said, /ImportError: no _thread on a virtual board: it has one thread; asyncio/);
  assert.equal(
    await board.run('try: import _thread\nexcept ImportError: print("without")'),
    'without\r\n',
  );
});
