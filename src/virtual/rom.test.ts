import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { chips } from './chips';
import { Registers } from './efuse';
import { FLASH_SIZE, MemoryFlash } from './flash';
import { Loader } from './rom';
import { slipFrame, SlipReader } from './slip';

interface Answer {
  op: number;
  value: number;
  data: Uint8Array;
  failed: number;
  code: number;
}

/** A host's side of the protocol, written for this test alone. */
function setup(options: { allowStub?: boolean } = {}) {
  const flash = new MemoryFlash();
  const frames: Uint8Array[] = [];
  const reader = new SlipReader();
  const events: string[] = [];
  const mac = Uint8Array.of(0x24, 0x6f, 0x28, 1, 2, 3);
  const loader = new Loader({
    chip: chips.esp32,
    flash,
    registers: new Registers(chips.esp32, mac, () => 115_200),
    allowStub: options.allowStub ?? true,
    send(bytes, done) {
      frames.push(...reader.push(bytes));
      done?.();
    },
    setBaudRate: (rate) => void events.push(`baud ${rate}`),
    reboot: () => void events.push('reboot'),
  });
  const raw = async (packet: Uint8Array): Promise<Uint8Array[]> => {
    frames.length = 0;
    await loader.receive(slipFrame(packet));
    return [...frames];
  };
  const send = async (op: number, data: Uint8Array, checksum = 0): Promise<Answer[]> => {
    const packet = Buffer.alloc(8 + data.length);
    packet[1] = op;
    packet.writeUInt16LE(data.length, 2);
    packet.writeUInt32LE(checksum, 4);
    packet.set(data, 8);
    return (await raw(packet))
      .filter((f) => f[0] === 1)
      .map((f) => parse(f, loader.isStub ? 2 : 4));
  };
  const one = async (op: number, data: Uint8Array, checksum = 0): Promise<Answer> => {
    const [answer, ...rest] = await send(op, data, checksum);
    assert.ok(answer, `op ${op} was met with silence`);
    assert.equal(rest.length, 0);
    return answer;
  };
  const block = (op: number, bytes: Uint8Array, spoil = 0): Promise<Answer> => {
    const sum = bytes.reduce((xor, byte) => xor ^ byte, 0xef) ^ spoil;
    return one(op, Buffer.concat([words(bytes.length, 0, 0, 0), bytes]), sum);
  };
  const startStub = async (): Promise<void> => {
    await one(0x05, words(4, 1, 0x1800, 0x4008_0000));
    await block(0x07, Uint8Array.of(1, 2, 3, 4));
    frames.length = 0;
    const packet = Buffer.concat([Buffer.from([0, 6, 8, 0, 0, 0, 0, 0]), words(0, 0x4008_0000)]);
    const got = await raw(packet);
    assert.equal(Buffer.from(got[1]!).toString(), 'OHAI');
  };
  return { flash, loader, events, raw, send, one, block, startStub };
}

function parse(frame: Uint8Array, statusBytes: number): Answer {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  assert.equal(view.getUint16(2, true), frame.length - 8);
  const status = frame.subarray(frame.length - statusBytes);
  return {
    op: frame[1]!,
    value: view.getUint32(4, true),
    data: frame.subarray(8, frame.length - statusBytes),
    failed: status[0]!,
    code: status[1]!,
  };
}

function words(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => out.writeUInt32LE(value >>> 0, i * 4));
  return out;
}

const ok = (answer: Answer): void => assert.deepEqual([answer.failed, answer.code], [0, 0]);
const refused = (answer: Answer, code: number): void =>
  assert.deepEqual([answer.failed, answer.code], [1, code]);
const stubRefused = (answer: Answer, code: number): void =>
  assert.deepEqual([answer.failed, answer.code], [code, 0]);
const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

describe('rom loader', () => {
  test('answers SYNC eight times, and not with 0, by which the stub is known', async () => {
    const { send } = setup();
    const answers = await send(0x08, new Uint8Array(36).fill(0x55));
    assert.equal(answers.length, 8);
    assert.ok(answers.every((a) => a.failed === 0 && a.value !== 0));
  });

  test('says what chip it is', async () => {
    const { one } = setup();
    assert.equal((await one(0x0a, words(0x4000_1000))).value, 0x00f0_1d83);
    assert.equal((await one(0x0a, words(0xdead_beef))).value, 0);
  });

  test('an unknown op, and one that only the stub knows, gets an error, never silence', async () => {
    const { one } = setup();
    await one(0x0a, words(0));
    for (const op of [0x14, 0x77, 0xd0, 0xd1, 0xd2]) {
      const answer = await one(op, words(0, 0, 0, 0));
      refused(answer, 0x05);
      assert.equal(answer.op, 0x0a, 'it bears the op before, as tools expect');
    }
  });

  test('a packet shorter than it says, or than its op needs, is invalid', async () => {
    const { one, raw } = setup();
    refused(await one(0x0a, new Uint8Array(3)), 0x05);
    const lying = Buffer.concat([Buffer.from([0, 0x0a, 9, 0, 0, 0, 0, 0]), words(0)]);
    refused(parse((await raw(lying))[0]!, 4), 0x05);
    assert.deepEqual(await raw(Uint8Array.of(1, 0x0a, 0, 0, 0, 0, 0, 0)), []);
  });

  test('erases when writing begins, writes to the right place only, and ends in a reboot', async () => {
    const { flash, one, block, events } = setup();
    flash.program(0, new Uint8Array(0x5000));
    const data = pattern(0x800);
    ok(await one(0x02, words(0x800, 2, 0x400, 0x2000)));
    assert.ok(
      flash.read(0x2000, 0x1000).every((b) => b === 0xff),
      'erased up front',
    );
    ok(await block(0x03, data.subarray(0, 0x400)));
    ok(await block(0x03, data.subarray(0x400)));
    assert.deepEqual(flash.read(0x2000, 0x800), data);
    assert.ok(flash.read(0, 0x2000).every((b) => b === 0));
    assert.ok(flash.read(0x3000, 0x2000).every((b) => b === 0));
    assert.deepEqual(events, []);
    ok(await one(0x04, words(0)));
    assert.deepEqual(events, ['reboot']);
  });

  test('a wrong checksum is refused, nothing is written, and the block may come again', async () => {
    const { flash, one, block } = setup();
    ok(await one(0x02, words(0x400, 1, 0x400, 0x1000)));
    refused(await block(0x03, pattern(0x400), 1), 0x07);
    assert.ok(flash.read(0x1000, 0x400).every((b) => b === 0xff));
    ok(await block(0x03, pattern(0x400)));
    assert.deepEqual(flash.read(0x1000, 0x400), pattern(0x400));
  });

  test('writes past the end of the chip are refused before anything is erased', async () => {
    const { flash, one, block } = setup();
    flash.program(FLASH_SIZE - 4, new Uint8Array(4));
    refused(await one(0x02, words(0x2000, 8, 0x400, FLASH_SIZE - 0x1000)), 0x06);
    refused(await block(0x03, pattern(0x400)), 0x06);
    assert.equal(flash.read(FLASH_SIZE - 1, 1)[0], 0);
    refused(await one(0x13, words(FLASH_SIZE, 1, 0, 0)), 0x06);
  });

  test('data without a beginning, and more than was announced, are refused', async () => {
    const { flash, one, block } = setup();
    refused(await block(0x03, pattern(0x400)), 0x06);
    ok(await one(0x02, words(0x400, 1, 0x400, 0x1000)));
    ok(await block(0x03, pattern(0x400)));
    refused(await block(0x03, pattern(0x400)), 0x06);
    assert.ok(flash.read(0x1400, 0x400).every((b) => b === 0xff));
  });

  test('MD5 comes as text', async () => {
    const { one } = setup();
    const answer = await one(0x13, words(0x1000, 0x123, 0, 0));
    const expected = createHash('md5').update(new Uint8Array(0x123).fill(0xff)).digest('hex');
    assert.equal(Buffer.from(answer.data).toString(), expected);
  });

  test('inflates what was deflated, cut anywhere; a broken stream is refused', async () => {
    const { flash, one, block } = setup();
    const data = pattern(0x9000);
    const packed = deflateSync(data);
    ok(await one(0x10, words(0x9000, 99, 0x400, 0x1_0000)));
    for (let at = 0; at < packed.length; at += 50)
      ok(await block(0x11, packed.subarray(at, at + 50)));
    assert.deepEqual(flash.read(0x1_0000, 0x9000), data);
    ok(await one(0x10, words(0x9000, 99, 0x400, 0x1_0000)));
    refused(await block(0x11, Uint8Array.of(1, 2, 3, 4)), 0x0b);
    refused(await block(0x11, Uint8Array.of(1, 2, 3, 4)), 0x0b);
  });

  test('the new rate holds after the answer', async () => {
    const { one, events } = setup();
    ok(await one(0x0f, words(460_800, 0)));
    assert.deepEqual(events, ['baud 460800']);
    refused(await one(0x0f, words(5, 0)), 0x06);
  });

  test('a chip that takes no stub says so', async () => {
    const { one } = setup({ allowStub: false });
    refused(await one(0x05, words(4, 1, 0x1800, 0x4008_0000)), 0x06);
  });

  test('RAM that did not arrive whole is not run', async () => {
    const { one, block, loader } = setup();
    ok(await one(0x05, words(8, 1, 0x1800, 0x4008_0000)));
    ok(await block(0x07, Uint8Array.of(1, 2, 3, 4)));
    refused(await one(0x06, words(0, 0x4008_0000)), 0x06);
    assert.equal(loader.isStub, false);
  });
});

describe('flasher stub', () => {
  test('greets, then answers SYNC with 0 and two bytes of status; a reset ends it', async () => {
    const { startStub, send, loader } = setup();
    await startStub();
    const answers = await send(0x08, new Uint8Array(36));
    assert.deepEqual([answers.length, answers[0]!.value], [8, 0]);
    loader.reset();
    assert.notEqual((await send(0x08, new Uint8Array(36)))[0]!.value, 0);
  });

  test('erases the chip, or a region of whole sectors', async () => {
    const { startStub, one, flash } = setup();
    await startStub();
    flash.program(0, new Uint8Array(FLASH_SIZE));
    ok(await one(0xd1, words(0x1000, 0x2000)));
    assert.ok(flash.read(0x1000, 0x2000).every((b) => b === 0xff));
    assert.deepEqual([flash.read(0xfff, 1)[0], flash.read(0x3000, 1)[0]], [0, 0]);
    stubRefused(await one(0xd1, words(0x1001, 0x1000)), 0xc0);
    stubRefused(await one(0xd1, words(FLASH_SIZE, 0x1000)), 0xc4);
    ok(await one(0xd0, new Uint8Array(0)));
    assert.ok(flash.read(0, FLASH_SIZE).every((b) => b === 0xff));
  });

  test('erases only as far as it writes, so what was cancelled leaves the rest alone', async () => {
    const { startStub, one, block, flash } = setup();
    await startStub();
    flash.program(0x1000, new Uint8Array(0x4000));
    ok(await one(0x02, words(0x4000, 1, 0x4000, 0x1000)));
    ok(await block(0x03, pattern(0x1000)));
    assert.deepEqual(flash.read(0x1000, 0x1000), pattern(0x1000));
    assert.ok(flash.read(0x2000, 0x3000).every((b) => b === 0));
    stubRefused(await one(0x04, words(1)), 0xc8);
  });

  test('writes deflated data, gives its MD5 as bytes, stays, or reboots when told', async () => {
    const { startStub, one, block, flash, events } = setup();
    await startStub();
    const data = pattern(100_000);
    const packed = deflateSync(data);
    ok(await one(0x10, words(data.length, 1, 0x4000, 0x1000)));
    for (let at = 0; at < packed.length; at += 0x4000) {
      ok(await block(0x11, packed.subarray(at, at + 0x4000)));
    }
    ok(await one(0x12, words(1)));
    assert.deepEqual(events, []);
    assert.deepEqual(flash.read(0x1000, data.length), data);
    const answer = await one(0x13, words(0x1000, data.length, 0, 0));
    assert.deepEqual(Buffer.from(answer.data), createHash('md5').update(data).digest());
    ok(await one(0x10, words(0, 0, 0x4000, 0)));
    ok(await one(0x12, words(0)));
    assert.deepEqual(events, ['reboot']);
  });

  test('more than was announced is refused, deflated or not; padding of 0xFF is not', async () => {
    const { startStub, one, block, flash } = setup();
    await startStub();
    ok(await one(0x10, words(10, 1, 0x4000, 0x1000)));
    ok(await block(0x11, deflateSync(pattern(11))));
    stubRefused(await one(0x12, words(1)), 0xc9);
    ok(await one(0x02, words(0x10, 1, 0x4000, FLASH_SIZE - 0x1000)));
    const padded = new Uint8Array(0x4000).fill(0xff);
    padded.set(pattern(0x10));
    ok(await block(0x03, padded));
    assert.deepEqual(flash.read(FLASH_SIZE - 0x1000, 0x10), pattern(0x10));
    ok(await one(0x04, words(1)));
  });

  test('acknowledges a block before it is written; its fault is the answer to the next', async () => {
    const { startStub, one, block, flash } = setup();
    await startStub();
    ok(await one(0x10, words(0x1000, 2, 0x4000, 0x1000)));
    ok(await block(0x11, Uint8Array.of(1, 2, 3, 4)));
    stubRefused(await one(0x0a, words(0x4000_1000)), 0xc7);
    assert.equal((await one(0x0a, words(0x4000_1000))).value, 0x00f0_1d83, 'and then it is told');
    assert.equal(flash.read(0x1000, 1)[0], 0xff);
  });

  test('the checksum of a zlib stream in a block of its own is too much', async () => {
    const { startStub, one, block } = setup();
    await startStub();
    const packed = deflateSync(pattern(0x1000));
    ok(await one(0x10, words(0x1000, 2, 0x4000, 0x1000)));
    ok(await block(0x11, packed.subarray(0, -2)));
    stubRefused(await block(0x11, packed.subarray(-2)), 0xc9);
  });

  test('reads the flash back, a block for each acknowledgement, and ends with the MD5', async () => {
    const { startStub, raw, flash } = setup();
    await startStub();
    flash.program(0x1000, pattern(0x2100));
    const head = Buffer.from([0, 0xd2, 16, 0, 0, 0, 0, 0]);
    let frames = await raw(Buffer.concat([head, words(0x1000, 0x2100, 0x1000, 0x8000)]));
    assert.equal(frames.length, 2, 'the answer and one block, however many the host would take');
    const got: Uint8Array[] = [frames[1]!];
    while (Buffer.concat(got).length < 0x2100) {
      frames = await raw(words(Buffer.concat(got).length));
      assert.equal(frames.length, 1);
      got.push(frames[0]!);
    }
    assert.deepEqual(new Uint8Array(Buffer.concat(got)), pattern(0x2100));
    const md5 = (await raw(words(0x2100)))[0]!;
    assert.deepEqual(Buffer.from(md5), createHash('md5').update(pattern(0x2100)).digest());
  });

  test('a host that stops reading is heard again', async () => {
    const { startStub, raw, send } = setup();
    await startStub();
    const head = Buffer.from([0, 0xd2, 16, 0, 0, 0, 0, 0]);
    await raw(Buffer.concat([head, words(0x1000, 0x2100, 0x1000, 64)]));
    assert.equal((await send(0x08, new Uint8Array(36))).length, 8);
  });

  test('an unknown op is answered in the own name with 0xFF: not implemented', async () => {
    const { startStub, one } = setup();
    await startStub();
    const answer = await one(0x14, new Uint8Array(0));
    stubRefused(answer, 0xff);
    assert.equal(answer.op, 0x14);
  });
});
