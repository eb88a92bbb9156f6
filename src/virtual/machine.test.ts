import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { chips, type ChipId } from './chips';
import { MemoryFlash } from './flash';
import { Machine, type MachineState } from './machine';
import type { RuntimeOptions } from './runtime';
import { slipFrame } from './slip';

let image: Buffer;

before(() => (image = imageOf('esp32')));

/** The image that the build makes for a chip. */
function imageOf(chip: ChipId): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'parley-machine-'));
  const file = join(dir, 'image.bin');
  execFileSync(process.execPath, ['scripts/makeVirtualImage.mjs', file, chip]);
  const bytes = readFileSync(file);
  rmSync(dir, { recursive: true });
  return bytes;
}

/** A board on a clock that stands still, with a runtime that only notes what happens to it. */
function setup(
  options: {
    chip?: ChipId;
    flashed?: boolean;
    slowStop?: boolean;
    refuse?: boolean;
    usbAwayOnRts?: boolean;
  } = {},
) {
  const clock = new ManualClock();
  const flash = new MemoryFlash();
  if (options.flashed) flash.program(0x1000, image);
  const runs: RuntimeOptions[] = [];
  const notes: string[] = [];
  const states: MachineState[] = [];
  const errors: string[] = [];
  let released: (() => void) | undefined;
  const worldNow = { version: 1 };
  const machine = new Machine({
    clock,
    chip: chips[options.chip ?? 'esp32'],
    flash,
    mac: Uint8Array.of(0x24, 0x6f, 0x28, 1, 2, 3),
    name: 'machine1',
    networks: [],
    allowHosts: [],
    firmwareVersion: '1.27',
    paced: true,
    allowStub: true,
    usbAwayOnRts: options.usbAwayOnRts ?? false,
    startRuntime: async (run) => {
      if (options.refuse) throw new Error('no engine');
      runs.push(run);
      notes.push(`start ${run.resetCause}`);
      return {
        rx: (bytes) => void notes.push(`rx ${Buffer.from(bytes).toString()}`),
        setTrouble: (trouble) => void notes.push(`trouble ${JSON.stringify(trouble)}`),
        setShare: () => undefined,
        setNetworks: () => undefined,
        world: () => ({ pins: [], strips: [], asked: [`run ${runs.length}`] }),
        worldVersion: () => worldNow.version,
        setReading: (what, value) => void notes.push(`reading ${what} ${value}`),
        stop: async () => {
          if (options.slowStop) await new Promise<void>((resolve) => (released = resolve));
          notes.push('stop');
        },
      };
    },
  });
  let text = '';
  machine.onHostData((bytes) => (text += Buffer.from(bytes).toString('latin1')));
  machine.onState((state) => states.push(state));
  machine.onError((error) => errors.push(error.message));
  const said = (): string => {
    const now = text;
    text = '';
    return now;
  };
  const pressEn = async (): Promise<void> => {
    machine.setLines({ dtr: false, rts: true });
    await clock.advance(100);
    machine.setLines({ dtr: false, rts: false });
    await clock.advance(100);
  };
  const intoLoader = async (): Promise<void> => {
    machine.setLines({ dtr: false, rts: true });
    await clock.advance(100);
    machine.setLines({ dtr: true, rts: false });
    await clock.advance(50);
    machine.setLines({ dtr: false, rts: false });
    await clock.advance(50);
  };
  return {
    ...{ worldNow, clock, flash, machine, runs, notes, states, errors, said, pressEn, intoLoader },
    release: () => released?.(),
  };
}

const sync = slipFrame(
  Uint8Array.from([0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20, ...Array<number>(32).fill(0x55)]),
);

describe('machine', () => {
  test('tells a watcher of each change outside, once, and of none when nobody watches', async () => {
    const { machine, clock, worldNow } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(1000);
    const told: string[] = [];
    machine.watch(({ asked }) => told.push(asked.join()));
    await clock.advance(500);
    assert.deepEqual(told.splice(0), ['run 1']);
    worldNow.version++;
    await clock.advance(500);
    assert.deepEqual(told.splice(0), ['run 1']);
    machine.watch(undefined);
    worldNow.version++;
    await clock.advance(500);
    assert.deepEqual(told, []);
  });

  test('one with USB in its chip goes away when its program resets it, and only then', async () => {
    const { machine, clock, flash, runs, states, said } = setup({ chip: 'esp32s3' });
    flash.program(0, imageOf('esp32s3'));
    machine.powerOn();
    await clock.advance(100);
    assert.match(said(), /^ESP-ROM:esp32s3/);
    states.length = 0;
    runs.at(-1)?.onHardReset('software');
    await clock.advance(1000);
    assert.deepEqual(states, ['unplugged', 'reset', 'running']);
    states.length = 0;
    machine.setLines({ dtr: false, rts: true });
    machine.setLines({ dtr: false, rts: false });
    await clock.advance(100);
    assert.deepEqual(states, ['reset', 'running']);
    assert.match(said(), /rst:0x15 \(USB_UART_CHIP_RESET\)/);
  });

  test('one whose port goes at a reset through RTS too comes back where the lines led it', async () => {
    const { machine, clock, flash, states, said } = setup({ chip: 'esp32s3', usbAwayOnRts: true });
    flash.program(0, imageOf('esp32s3'));
    machine.powerOn();
    await clock.advance(1000);
    states.length = 0;
    machine.setLines({ dtr: true, rts: false });
    machine.setLines({ dtr: false, rts: true });
    // Whoever had the port has lost it, and with it the lines.
    machine.setLines({ dtr: false, rts: false });
    await clock.advance(290);
    assert.deepEqual(states, ['unplugged']);
    said();
    await clock.advance(200);
    assert.deepEqual(states, ['unplugged', 'reset', 'bootloader']);
    assert.match(said(), /waiting for download/);
  });

  test('a blank board complains about three times a second while somebody listens', async () => {
    const { machine, clock, said, states } = setup();
    machine.setListening(true);
    machine.powerOn();
    await clock.advance(1000);
    const first = said();
    assert.match(first, /rst:0x1 \(POWERON_RESET\)/);
    assert.match(first, /rst:0x10 \(RTCWDT_RTC_RESET\)/);
    assert.ok((first.match(/invalid header/g)?.length ?? 0) >= 14);
    await clock.advance(10_000);
    const resets = said().match(/ets Jul/g)!.length;
    assert.ok(resets > 20 && resets < 40, `${resets}`);
    assert.deepEqual(states, ['blank']);
  });

  test('it is quiet while nobody listens, and goes on when somebody comes', async () => {
    const { machine, clock, said } = setup();
    machine.powerOn();
    await clock.advance(1000);
    said();
    await clock.advance(60_000);
    assert.equal(said(), '');
    machine.setListening(true);
    await clock.advance(400);
    assert.match(said(), /invalid header/);
    machine.setListening(false);
    await clock.advance(1000);
    said();
    await clock.advance(60_000);
    assert.equal(said(), '');
  });

  test('a flashed board starts MicroPython; bytes go to it, also those that came too early', async () => {
    const { machine, clock, said, notes, states, runs } = setup({ flashed: true });
    machine.powerOn();
    machine.uart.receive(Buffer.from('early'));
    await clock.advance(200);
    runs[0]!.tx(Buffer.from('>>> '), () => undefined);
    machine.uart.receive(Buffer.from('1+1'));
    await clock.advance(200);
    assert.deepEqual(
      [notes[0], notes.slice(1).join('').replaceAll('rx ', '')],
      ['start power-on', 'early1+1'],
    );
    assert.match(said(), /SPI_FAST_FLASH_BOOT[\s\S]*>>> $/);
    assert.deepEqual(states, ['running']);
  });

  test('EN kills the program, and what it still had to say, and starts over', async () => {
    const { machine, clock, notes, runs, said, states, pressEn } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(200);
    runs[0]!.tx(new Uint8Array(50_000).fill(0x41), () => notes.push('carried'));
    await pressEn();
    assert.deepEqual(notes, ['start power-on', 'stop', 'start power-on']);
    said();
    runs[0]!.tx(Buffer.from('ghost'), () => undefined);
    runs[0]!.onHardReset('software');
    await clock.advance(5000);
    assert.ok(!said().includes('A') && !notes.includes('carried'));
    assert.equal(runs.length, 2);
    assert.deepEqual(states, ['running', 'reset', 'running']);
  });

  test('the next program starts only when the last one is gone', async () => {
    const { machine, clock, notes, pressEn, release } = setup({ flashed: true, slowStop: true });
    machine.powerOn();
    await clock.advance(200);
    await pressEn();
    assert.deepEqual(notes, ['start power-on']);
    release();
    await clock.advance(1);
    assert.deepEqual(notes, ['start power-on', 'stop', 'start power-on']);
  });

  test('machine.reset() is a hard reset: what was printed goes out, then the ROM speaks', async () => {
    const { machine, clock, notes, runs, said } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(200);
    said();
    // The next piece comes when the last is carried, as from a program with a small buffer.
    runs[0]!.tx(Buffer.from('good'), () => runs[0]!.tx(Buffer.from('bye'), () => undefined));
    runs[0]!.onHardReset('software');
    await clock.advance(200);
    assert.match(said(), /^goodbye\S*ets Jul 29 2019[\s\S]*rst:0xc \(SW_CPU_RESET\)/);
    assert.deepEqual(notes, ['start power-on', 'stop', 'start software']);
  });

  test('deep sleep ends after its time, and not before', async () => {
    const { machine, clock, notes, runs, said } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(200);
    runs[0]!.onHardReset('deep-sleep', 5000);
    await clock.advance(4900);
    said();
    assert.deepEqual(notes, ['start power-on', 'stop']);
    await clock.advance(300);
    assert.match(said(), /DEEPSLEEP_RESET/);
    assert.deepEqual(notes, ['start power-on', 'stop', 'start deep-sleep']);
  });

  test('the reset lines lead into the loader, which answers; a reset leads out again', async () => {
    const { machine, clock, said, states, pressEn, intoLoader, notes } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(200);
    await intoLoader();
    assert.match(said(), /DOWNLOAD_BOOT[\s\S]*waiting for download\r\n$/);
    machine.uart.receive(sync);
    await clock.advance(50);
    assert.equal(said().split('\x01\x08').length - 1, 8);
    await pressEn();
    assert.deepEqual(states, ['running', 'reset', 'bootloader', 'reset', 'running']);
    assert.deepEqual(notes, ['start power-on', 'stop', 'start power-on']);
  });

  test('outside the loader SYNC is not answered, and a program does not see loader bytes', async () => {
    const { machine, clock, said, notes, intoLoader } = setup();
    machine.powerOn();
    await clock.advance(500);
    said();
    machine.uart.receive(sync);
    await clock.advance(100);
    assert.equal(said(), '');
    await intoLoader();
    machine.uart.receive(sync);
    await clock.advance(100);
    assert.deepEqual(notes, []);
  });

  test('a program that fails is told of, and started again as by a watchdog', async () => {
    const { machine, clock, notes, runs, errors, said } = setup({ flashed: true });
    machine.setListening(true);
    machine.powerOn();
    await clock.advance(200);
    runs[0]!.onFailure(new Error('trap'));
    await clock.advance(2000);
    assert.deepEqual(errors, ['trap']);
    assert.match(said(), /MicroPython stopped: trap[\s\S]*TG1WDT_SYS_RESET/);
    assert.deepEqual(notes, ['start power-on', 'stop', 'start watchdog']);
  });

  test('a MicroPython that cannot start is told of, and not tried while nobody listens', async () => {
    const { machine, clock, errors, said } = setup({ flashed: true, refuse: true });
    machine.powerOn();
    await clock.advance(60_000);
    assert.deepEqual(errors, ['no engine']);
    assert.match(said(), /could not start: no engine/);
  });

  test('pulling the plug stops the program and waits for it', async () => {
    const { machine, clock, notes } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(200);
    await machine.stop();
    assert.deepEqual(notes, ['start power-on', 'stop']);
  });

  test('unplugged: nothing runs, no line is heard; plugged in, it starts from power-on', async () => {
    const { machine, clock, notes, states, said } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(1000);
    said();
    machine.arm({ kind: 'unplug', ms: 500 });
    await clock.advance(100);
    machine.setLines({ dtr: false, rts: true });
    machine.setLines({ dtr: false, rts: false });
    machine.uart.receive(Buffer.from('lost'));
    await clock.advance(300);
    assert.equal(said(), '');
    assert.equal(machine.state, 'unplugged');
    await clock.advance(1000);
    assert.match(said(), /rst:0x1 \(POWERON_RESET\)/);
    assert.deepEqual(notes, ['start power-on', 'stop', 'start power-on']);
    assert.deepEqual(states, ['running', 'unplugged', 'reset', 'running']);
  });

  test('a brown-out says so and restarts; in the loader it ends the loader', async () => {
    const { machine, clock, notes, said, intoLoader } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(1000);
    said();
    machine.arm({ kind: 'brown-out' });
    await clock.advance(1000);
    assert.match(
      said(),
      /^\r\nBrownout detector was triggered\r\n\r\nets.*rst:0xc \(SW_CPU_RESET\)/s,
    );
    assert.deepEqual(notes, ['start power-on', 'stop', 'start power-on']);
    await intoLoader();
    said();
    machine.arm({ kind: 'brown-out' });
    await clock.advance(1000);
    assert.match(said(), /rst:0xf \(RTCWDT_BROWN_OUT_RESET\)/);
    assert.equal(machine.state, 'running');
  });

  test('a watchdog that bites says so, and the next life knows', async () => {
    const { machine, clock, runs, notes, said } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(1000);
    said();
    runs[0]!.onHardReset('watchdog');
    await clock.advance(1000);
    assert.match(said(), /task_wdt: Task watchdog got triggered.*rst:0xc \(SW_CPU_RESET\)/s);
    assert.deepEqual(notes, ['start power-on', 'stop', 'start watchdog']);
  });

  test('bytes are lost and changed on the way to the program', async () => {
    const { machine, clock, notes } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(1000);
    machine.arm({ kind: 'drop', bytes: 1, way: 'to-board', after: 1 });
    machine.uart.receive(Buffer.from('abc'));
    await clock.advance(10);
    assert.deepEqual(notes.slice(1), ['rx ac']);
  });

  test('Wi-Fi and flash trouble reach the program, a later one too, and end', async () => {
    const { machine, clock, notes, runs, pressEn } = setup({ flashed: true });
    machine.powerOn();
    await clock.advance(1000);
    machine.arm({ kind: 'wifi-gone', ms: 2000 });
    assert.equal(notes.at(-1), 'trouble {"wifiGone":true,"flashDelayMs":0}');
    await pressEn();
    await clock.advance(500);
    assert.deepEqual(runs[1]!.trouble, { wifiGone: true, flashDelayMs: 0 });
    await clock.advance(2000);
    assert.equal(notes.at(-1), 'trouble {"wifiGone":false,"flashDelayMs":0}');
    machine.arm({ kind: 'slow-flash', ms: 7 });
    assert.equal(notes.at(-1), 'trouble {"wifiGone":false,"flashDelayMs":7}');
    machine.clearFaults();
    assert.equal(notes.at(-1), 'trouble {"wifiGone":false,"flashDelayMs":0}');
  });

  test('slow flash: the loader answers an erase only when its sectors had their time', async () => {
    const { machine, clock, said, intoLoader } = setup();
    machine.powerOn();
    await intoLoader();
    machine.arm({ kind: 'slow-flash', ms: 100 });
    said();
    const begin = new Uint8Array(24);
    begin.set([0, 2, 16, 0]);
    new DataView(begin.buffer).setUint32(8, 0x3000, true);
    new DataView(begin.buffer).setUint32(12, 12, true);
    new DataView(begin.buffer).setUint32(16, 0x400, true);
    machine.uart.receive(slipFrame(begin));
    await clock.advance(290);
    assert.equal(said(), '');
    await clock.advance(50);
    assert.equal(
      Buffer.from(said(), 'latin1').toString('hex'),
      'c00102040000000000' + '00000000c0',
    );
  });
});
