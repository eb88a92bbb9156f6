/**
 * The tutorial's path through the commands, as a keybinding or another extension would call them:
 * options answer the questions, results come back. In a real extension host, on two virtual boards.
 * Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import * as path from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import * as vscode from 'vscode';
import { startFirmwareSite } from '../../src/esp/firmwareSite';
import { eventually, parley, virtualImage, workspaceFolder } from './support';

const run = <T>(id: string, options: object = {}): Promise<T> =>
  Promise.resolve(vscode.commands.executeCommand<T>(`parley.${id}`, { throws: true, ...options }));

/** The sentence a command fails with. */
async function failure(id: string, options: object): Promise<string> {
  try {
    await run(id, options);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${id} did not fail`);
}

const secret = 'correct-horse-battery';
let root = '';
const file = (...parts: string[]): string => path.join(root, ...parts);

async function write(name: string, text: string | Uint8Array): Promise<string> {
  await mkdir(path.dirname(file(name)), { recursive: true });
  await writeFile(file(name), text);
  return file(name);
}

describe('from two blank boards to a conversation', function () {
  this.timeout(90_000);

  before(async () => {
    root = workspaceFolder().fsPath;
    await parley().activate();
    // Any free port: another program of this machine may have 1883.
    await run('startBroker', { port: 0 });
  });

  after(async () => {
    await run('stopBroker');
    for (const board of ['machine1', 'machine2']) {
      await run('removeVirtualBoard', { board, confirm: true });
    }
  });

  it('adds two virtual boards, and the workspace remembers them', async () => {
    assert.deepEqual(await run('addVirtualBoards'), ['virtual:machine1', 'virtual:machine2']);
    const names = await run<string[]>('refreshBoards');
    assert.deepEqual(names.slice(0, 2), ['machine1', 'machine2']);
    const kept = vscode.workspace.getConfiguration('parley').inspect('virtualBoards');
    assert.deepEqual(kept?.workspaceValue, ['machine1', 'machine2']);
  });

  it('says which board it does not know', async () => {
    assert.match(await failure('resetBoard', { board: 'nobody' }), /nobody/);
  });

  it('puts nothing on a blank board and names the next step', async () => {
    await write('machine1/main.py', 'print("hi")\n');
    const said = await failure('putFolder', { board: 'machine1', folder: file('machine1') });
    assert.match(said, /^machine1 .*MicroPython/);
    assert.match(said, /Flash/);
  });

  it('refuses what is no image, an image for another chip, and a file that is not there', async () => {
    const text = await write('notes.bin', 'these are my notes, not firmware. '.repeat(50));
    assert.match(
      await failure('flashBoard', { board: 'machine1', file: text }),
      /notes\.bin is no/,
    );

    const image = new Uint8Array(await readFile(virtualImage()));
    // The image header's chip id (u16 at byte 12): 5 is the ESP32-C3.
    image[12] = 5;
    const other = await write('c3.bin', image);
    const said = await failure('flashBoard', { board: 'machine1', file: other });
    assert.match(said, /machine1/);
    assert.match(said, /c3\.bin/);

    const gone = file('gone.bin');
    assert.match(await failure('flashBoard', { board: 'machine1', file: gone }), /gone\.bin/);
  });

  it('erases and flashes', async () => {
    await run('eraseBoard', { board: 'machine1', confirm: true });
    assert.equal((await facts('machine1')).Software, 'no MicroPython');
    const report = await run<{
      chip: string;
      offset: number;
      writtenBytes: number;
      stub: boolean;
    }>('flashBoard', { board: 'machine1', file: virtualImage() });
    assert.equal(report.chip, 'ESP32');
    // The stub is a chunk of the bundle that is loaded when it is needed.
    assert.equal(report.stub, true);
    assert.equal(report.offset, 0x1000);
    assert.ok(report.writtenBytes > 10_000);
  });

  it('flashes what lies at an address, and only over https or from this computer', async () => {
    const name = '/resources/firmware/ESP32_GENERIC-20251209-v1.27.0.bin';
    const site = await startFirmwareSite({
      [name]: new Uint8Array(await readFile(virtualImage())),
    });
    try {
      const url = site.origin + name;
      const report = await run<{ offset: number }>('flashBoard', { board: 'machine1', url });
      assert.equal(report.offset, 0x1000);
      await run('flashBoard', { board: 'machine1', url });
      assert.deepEqual(site.requests, [`GET ${name} 200`]);
      const unsafe = { board: 'machine1', url: 'http://example.com/x.bin' };
      assert.match(await failure('flashBoard', unsafe), /machine1 was left.*https/);
    } finally {
      await site.close();
    }
  });

  it('backs up the whole flash and restores it; the same again writes nothing', async () => {
    const all = file('all.bin');
    const saved = await run<{ bytes: number; restorable: boolean }>('backupFlash', {
      board: 'machine1',
      file: all,
    });
    assert.deepEqual([saved.bytes, saved.restorable], [4 << 20, true]);
    assert.equal((await readFile(all)).length, 4 << 20);
    const back = { board: 'machine1', file: all, confirm: true };
    await run('eraseBoard', { board: 'machine1', confirm: true });
    const first = await run<{ writtenBytes: number }>('restoreFlash', back);
    assert.ok(first.writtenBytes > 100_000);
    const notes = await write('notes.bin', 'no backup');
    const wrong = { ...back, file: notes };
    assert.match(
      await failure('restoreFlash', wrong),
      /notes\.bin cannot be restored onto machine1/,
    );
  });

  it('flashes several boards, and says of each what became of it', async () => {
    const boards = ['machine1'];
    const one = await run('flashBoards', { boards, file: virtualImage(), eraseFirst: false });
    assert.deepEqual(one, [{ board: 'virtual:machine1', flashed: true }]);
    const notes = await write('notes.bin', 'these are my notes, not firmware. '.repeat(50));
    const none = await run('flashBoards', { boards, file: notes, eraseFirst: false });
    assert.deepEqual(none, [{ board: 'virtual:machine1', flashed: false }]);
    const unknown = { boards: ['nobody'], file: virtualImage() };
    assert.match(await failure('flashBoards', unknown), /nobody/);
    assert.match((await facts('machine1')).Chip ?? '', /^ESP32-D0WD.*revision/);
  });

  it('adds a virtual board of another chip, which takes firmware for that chip alone', async () => {
    const board = 'small';
    await run('addVirtualBoard', { name: board, chip: 'ESP32-C3' });
    assert.match(
      await failure('flashBoard', { board, file: virtualImage() }),
      /is for ESP32, but small is ESP32-C3; nothing was written/,
    );
    await run('flashBoard', { board, file: virtualImage('esp32c3') });
    assert.match((await facts(board)).Chip ?? '', /^ESP32-C3 \(QFN32\)/);
    assert.match(
      await failure('addVirtualBoard', { name: 'other', chip: 'Z80' }),
      /there is no virtual Z80/,
    );

    // A copy has its chip and its files, and an address of its own.
    const kept = await write('kept.py', 'x = 1\n');
    await run('putFile', { board, file: kept });
    assert.equal(await run('duplicateVirtualBoard', { board, name: 'twin' }), 'virtual:twin');
    await rm(kept);
    const into = workspaceFolder().fsPath;
    await run('getFile', { board: 'twin', path: '/kept.py', folder: into, confirm: true });
    assert.equal(await readFile(kept, 'utf8'), 'x = 1\n');
    const [one, two] = [await facts(board), await facts('twin')];
    assert.equal(two.Chip, 'ESP32-C3');
    assert.match(two['MAC address'] ?? '', /^24:6f:28:/);
    assert.notEqual(two['MAC address'], one['MAC address']);
    // Under another name it is the same board, and goes as such.
    assert.deepEqual(await run('renameBoard', { board: 'twin', name: 'cousin' }), {
      ...{ board: 'virtual:twin', name: 'cousin' },
    });
    assert.equal((await facts('cousin'))['MAC address'], two['MAC address']);
    await run('removeVirtualBoard', { board: 'cousin', confirm: true });
    await run('removeVirtualBoard', { board, confirm: true });
  });

  it('runs a program, and stops one that would run for ever', async () => {
    const sum = await write('sum.py', 'print(sum(range(10)))\n');
    const ran = await run<{ ok: boolean }>('runFile', { board: 'machine1', file: sum });
    assert.equal(ran.ok, true);

    const bad = await write('bad.py', 'x = 1\nraise ValueError("no")\n');
    const failed = await run<{ ok: boolean; error: string }>('runFile', {
      board: 'machine1',
      file: bad,
    });
    assert.equal(failed.ok, false);
    assert.match(failed.error, /ValueError: no/);

    const forever = await write('forever.py', 'while True: pass\n');
    const running = run<{ stopped: boolean }>('runFile', { board: 'machine1', file: forever });
    await eventually('the program runs', async () => (await facts('machine1')).State === 'Run…');
    await run('stopProgram', { board: 'machine1' });
    assert.equal((await running).stopped, true);
    assert.notEqual((await facts('machine1')).State, 'Run…');
  });

  it('puts a folder, fills in what is to be filled in, and leaves the files alone', async () => {
    const boot = "ssid = 'x'\npassword = 'x'\n";
    await write('machine1/boot.py', boot);
    await run('setWifiPassword', { ssid: 'Parley', password: secret });
    const put = { board: 'machine1', folder: file('machine1') };
    const first = await run<{ sent: string[]; filled: object }>('putFolder', put);
    assert.deepEqual(first.filled, { 'boot.py': ['ssid', 'password'] });
    assert.deepEqual(first.sent.at(-1), 'boot.py');
    assert.equal(await readFile(file('machine1/boot.py'), 'utf8'), boot);
    const second = await run<{ sent: string[]; skipped: string[] }>('putFolder', put);
    assert.deepEqual(second.sent, []);
    assert.equal(second.skipped.length, 2);
  });

  it('sets the clock, hears the Wi-Fi, looks at the I2C bus, soft resets', async () => {
    const board = { board: 'machine1' };
    await run('stopProgram', board);
    const { clock } = await run<{ clock: string }>('setClock', board);
    assert.match(clock, /^20\d\d-/);
    const { networks } = await run<{ networks: { ssid: string }[] }>('scanWifi', board);
    assert.deepEqual(
      networks.map(({ ssid }) => ssid),
      ['Parley'],
    );
    const { found } = await run<{ found: unknown[] }>('scanI2c', { ...board, name: '21, 22' });
    assert.deepEqual(found, []);
    assert.match(await failure('scanI2c', { ...board, name: '21' }), /Two GPIO numbers/);
    await run('softReset', board);
  });

  it('keeps the password out of every setting', async () => {
    const settings = vscode.workspace.getConfiguration();
    assert.equal(JSON.stringify(settings).includes(secret), false);
    const written = await readFile(file('.vscode/settings.json'), 'utf8');
    assert.equal(written.includes(secret), false);
    await run('forgetWifiPassword', { ssid: 'Parley' });
  });

  it('checks the broker, publishes, and says who has a port that is taken', async () => {
    const { milliseconds } = await run<{ milliseconds: number }>('checkBroker');
    assert.ok(milliseconds >= 0 && milliseconds < 5000);
    await run('publish', { topic: 'hello', payload: 'from a test' });
    assert.match(await failure('publish', { topic: 'a/#', payload: '' }), /topic/);

    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    try {
      const said = await failure('startBroker', { port });
      assert.match(said, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is already used`));
    } finally {
      other.close();
    }
    const started = await run<{ port: number }>('startBroker', { port: 0 });
    assert.ok(started.port > 0 && started.port !== port);
  });

  it('starts the whole conversation, skips what is done, and says so', async () => {
    const folders = { machine1: firmware('machine1'), machine2: firmware('machine2') };
    const settings = vscode.workspace.getConfiguration('parley');
    await settings.update('folders', folders, vscode.ConfigurationTarget.Workspace);
    const report = await run<{ steps: string[]; boards: string[] }>('startConversation', {
      confirm: true,
    });
    assert.deepEqual(report.boards, ['machine1', 'machine2']);
    const said = report.steps.join('\n');
    assert.match(said, /machine1: MicroPython 1\.\d+.*nothing to flash/);
    assert.match(said, /machine2: .*written and verified/);
    assert.match(said, /The conversation runs/);
    // The broker knows from where each came.
    const where = await facts('machine1');
    assert.equal(where['Wi-Fi address'], '127.0.0.1');
  });

  it('gives a board a colour, and takes it back', async () => {
    const colour = (name: string): Promise<{ colour?: string }> =>
      run('chooseColour', { board: 'machine1', name });
    assert.equal((await colour('purple')).colour, 'purple');
    assert.match(await failure('chooseColour', { board: 'machine1', name: 'beige' }), /purple/);
    assert.equal((await colour('none')).colour, undefined);
  });

  it('finds out that all is well, and what is missing when it is not', async () => {
    interface Finding {
      board?: string;
      state: string;
      sentence: string;
      remedy?: string;
    }
    const doctor = async (): Promise<Finding[]> =>
      (await run<{ findings: Finding[] }>('doctor')).findings;
    await eventually('both boards listen', async () =>
      (await doctor()).every(({ state }) => state === 'good'),
    );
    const well = await doctor();
    assert.deepEqual(
      well.map(({ board }) => board),
      [undefined, 'machine1', 'machine2'],
    );
    assert.match(well[1]?.sentence ?? '', /listens to “/);

    await run('stopProgram', { board: 'machine2' });
    await eventually('machine2 has left', async () =>
      (await doctor()).some(({ remedy }) => remedy === 'reset'),
    );
    const found = (await doctor()).filter(({ board }) => board === 'machine2');
    assert.match(found[0]?.sentence ?? '', /machine2 answers: MicroPython/);
    assert.match(found.at(-1)?.sentence ?? '', /no program runs/);
  });

  it('collects diagnostics: the operations with their times, and no password', async () => {
    // Two that only ever pass through this window.
    await run('setWifiPassword', { ssid: 'Elsewhere', password: 'planted-Zq7-wifi' });
    const zip = file('diagnostics', 'd.zip');
    const { files } = await run<{ files: string[] }>('collectDiagnostics', { file: zip });
    const entries = unzipSync(new Uint8Array(await readFile(zip)));
    assert.deepEqual(Object.keys(entries).sort(), [...files].sort());
    const text = (name: string): string => strFromU8(entries[name] ?? new Uint8Array());
    assert.match(text('operations.txt'), /machine1 +Flash +\d+\.\d{3} s {2}done/);
    assert.match(text('boards.txt'), /^machine1: Kind virtual board/m);
    assert.match(text('log/recent.log'), /Flash machine1: done in/);
    assert.match(text('broker.txt'), /^embedded: running at /);
    for (const name of files) {
      for (const word of [secret, 'planted-Zq7-wifi']) {
        for (const form of [word, Buffer.from(word).toString('hex')]) {
          assert.ok(!text(name).includes(form), name);
        }
      }
    }
    await run('forgetWifiPassword', { ssid: 'Elsewhere' });
    await rm(path.dirname(zip), { recursive: true });
  });

  it('stops the conversation; the boards stay', async () => {
    assert.deepEqual(await run('stopConversation'), { running: false });
    assert.match(await failure('checkBroker', {}), /nothing answers/);
    assert.equal((await run<string[]>('refreshBoards')).includes('machine1'), true);
  });
});

function firmware(name: string): string {
  return path.join(parley().extensionPath, 'firmware', name);
}

function facts(board: string): Promise<Record<string, string>> {
  return run('boardInfo', { board, confirm: true });
}
