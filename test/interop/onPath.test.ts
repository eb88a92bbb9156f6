/**
 * esptool and mpremote against a virtual board, where whoever runs this suite has them on PATH. Where
 * the project is made neither can be had (they are in PyPI alone), so this has never run there: it is
 * written after their documentation. What has run is in loaderScript, webSerialLoader and terminal.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startFirmwareSite } from '../../src/esp/firmwareSite';
import { MAIN, run, withBoard } from './support';

/** Its text that says the version, or undefined where it is not on PATH. */
function version(program: string, argument: string): string | undefined {
  const { error, status, stdout } = spawnSync(program, [argument], { encoding: 'utf8' });
  return error || status !== 0 ? undefined : stdout.trim();
}

function missing(program: string, found: string | undefined): string | false {
  if (found === undefined) return `${program} is not on PATH (pip install ${program})`;
  return existsSync(MAIN) ? false : `${MAIN} is not built`;
}

const IMAGE = 'dist/firmware/parley-virtual-esp32.bin';
const esptool = version('esptool', 'version');
const mpremote = version('mpremote', '--version');

let dir = '';
before(() => (dir = mkdtempSync(join(tmpdir(), 'parley-on-path-'))));
after(() => rmSync(dir, { recursive: true, force: true }));

describe('esptool', { skip: missing('esptool', esptool), timeout: 600_000 }, () => {
  // Of the rates one that is slow, one that is usual, and the highest: the others are in loaderScript.
  for (const chip of ['esp32', 'esp32s3', 'esp32c3'] as const)
    test(`${chip}: finds out, writes, verifies, reads, erases, runs`, async () => {
      const flags = ['--chip', chip, ...(chip === 'esp32' ? [] : ['--unpaced'])];
      await withBoard({ flags }, async ({ port, mac }) => {
        // The names with a line below are those of 4.x; 5.x takes them too.
        const does = (words: string, ...files: string[]): Promise<string> =>
          run('esptool', ['--port', `rfc2217://127.0.0.1:${port}`, ...words.split(' '), ...files], {
            timeoutMs: 300_000,
          });
        const [small, large, back] = ['small', 'large', 'back'].map((name) => join(dir, name));
        const bytes = [randomBytes(3000), Buffer.alloc(40_000, 'Parley ')] as const;
        writeFileSync(small!, bytes[0]);
        writeFileSync(large!, bytes[1]);
        const reads = async (from: number, wanted: Buffer): Promise<void> => {
          await does(`--baud 460800 read_flash ${from} ${wanted.length}`, back!);
          assert.equal(Buffer.compare(readFileSync(back!), wanted), 0, `read at ${from}`);
        };

        await does('chip_id');
        assert.match((await does('read_mac')).toLowerCase(), new RegExp(mac));
        assert.match(await does('flash_id'), /Manufacturer: ef[^]*Device: 4016[^]*4MB/);
        assert.match(await does('read_flash_status --bytes 2'), /0x0000/i);
        await does('erase_flash');
        await reads(0, Buffer.alloc(4096, 0xff));
        await does('--baud 460800 write_flash 0x10000', small!, '0x20000', large!);
        await reads(0x1_0000, bytes[0]);
        await reads(0x2_0000, bytes[1]);
        await does('--baud 460800 verify_flash 0x10000', small!, '0x20000', large!);
        await assert.rejects(does('verify_flash 0x10000', large!), /erif/);
        await does('--baud 9600 write_flash -z 0x30000', small!);
        await does('--baud 2000000 write_flash -u 0x40000', small!);
        await does('--no-stub write_flash 0x50000', small!);
        for (const from of [0x3_0000, 0x4_0000, 0x5_0000]) await reads(from, bytes[0]);
        if (/\bv?4\./.test(esptool ?? '')) await does('write_flash --verify 0x60000', small!);
        await does('erase_region 0x20000 0x1000');
        await reads(0x2_0000, Buffer.concat([Buffer.alloc(4096, 0xff), bytes[1].subarray(4096)]));

        if (chip === 'esp32') {
          assert.match(await does('read_mem 0x40001000'), /0x00f01d83/i);
          await does('write_mem 0x3ff42080 0x12345678 0xffffffff');
          await does('dump_mem 0x3ff5a000 32', back!);
          const fuses = readFileSync(back!).subarray(4, 10).reverse();
          assert.equal(fuses.toString('hex'), mac.replaceAll(':', ''));
          await run('esptool', ['--chip', 'esp32', 'image_info', IMAGE]);
        }
        await does('run');
      });
    });
});

describe('mpremote', { skip: missing('mpremote', mpremote), timeout: 300_000 }, () => {
  test('runs, copies both ways, lists, installs from an index of the user', async () => {
    const source = 'def twice(x):\n    return 2 * x\n';
    const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
    const site = await startFirmwareSite({
      '/package/py/inner/latest.json': JSON.stringify({
        ...{ v: 1, version: '1.0' },
        hashes: [['inner.py', hash]],
      }),
      [`/file/${hash.slice(0, 2)}/${hash}`]: source,
    });
    try {
      await withBoard({ flashed: true }, async ({ port }) => {
        const does = (...words: string[]): Promise<string> =>
          run('mpremote', ['connect', `rfc2217://127.0.0.1:${port}`, ...words]);
        assert.equal((await does('exec', 'print(6 * 7)')).trim(), '42');
        const [there, back, program] = ['there.bin', 'back.bin', 'program.py'].map((name) =>
          join(dir, name),
        );
        writeFileSync(there!, randomBytes(5000));
        writeFileSync(program!, 'import sys\nprint(sys.platform)\n');
        await does('fs', 'cp', there!, ':data.bin');
        assert.match(await does('fs', 'ls'), /5000 data\.bin/);
        await does('fs', 'cp', ':data.bin', back!);
        assert.equal(Buffer.compare(readFileSync(there!), readFileSync(back!)), 0);
        assert.equal((await does('run', program!)).trim(), 'esp32');
        await does('mip', 'install', '--index', site.origin, '--no-mpy', 'inner');
        const said = await does('exec', 'import inner; print(inner.twice(21))');
        assert.equal(said.trim(), '42');
      });
    } finally {
      await site.close();
    }
  });
});
