import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Emitter } from '../core/event';
import type { PortInfo, PortProvider } from '../port/port';
import { BoardRegistry, identify, type Store } from './registry';

const cp2102 = (address: string, serialNumber?: string): PortInfo => ({
  scheme: 'serial',
  address,
  label: `CP210x (${address})`,
  usb: { vendorId: 0x10c4, productId: 0xea60, ...(serialNumber ? { serialNumber } : {}) },
});

class FakeProvider implements PortProvider {
  readonly scheme = 'serial';
  readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  ports: PortInfo[] = [];
  list = (): Promise<PortInfo[]> => Promise.resolve(this.ports);
  open = (): Promise<never> => Promise.reject(new Error('not opened here'));
  dispose(): void {}
}

function memory(values = new Map<string, unknown>()): Store {
  return {
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key, value) => void values.set(key, value),
  };
}

const rates = () => ({ repl: 115200, flash: 460800 });

describe('identify', () => {
  test('takes the USB serial number where it is the board’s own', () => {
    const ids = identify([cp2102('/dev/ttyUSB0', 'A1'), cp2102('/dev/ttyUSB1', '0001')]);
    assert.deepEqual([...ids.keys()], ['usb:10c4:ea60:A1', 'serial:/dev/ttyUSB1']);
  });

  test('two boards with one serial number are told apart by their ports', () => {
    const ids = identify([cp2102('/dev/ttyUSB0', 'X'), cp2102('/dev/ttyUSB1', 'X')]);
    assert.deepEqual([...ids.keys()], ['serial:/dev/ttyUSB0', 'serial:/dev/ttyUSB1']);
  });
});

describe('BoardRegistry', () => {
  test('boards are in the order a person counts: 2 before 10', async () => {
    const provider = new FakeProvider();
    provider.ports = [10, 9, 1, 2].map((n) => cp2102(`/dev/ttyUSB${n}`));
    const registry = new BoardRegistry({ providers: [provider], store: memory(), rates });
    await registry.refresh();
    assert.deepEqual(
      registry.boards.map(({ where }) => where?.address.slice(11)),
      ['1', '2', '9', '10'],
    );
  });

  test('a colour goes with the MAC address, and not to another board on the same port', async () => {
    const store = memory();
    const provider = new FakeProvider();
    provider.ports = [cp2102('/dev/ttyUSB0')];
    const registry = new BoardRegistry({ providers: [provider], store, rates });
    await registry.refresh();
    const [board] = registry.boards;
    board!.learn({ mac: '24:6f:28:00:00:01' });
    board!.paint('purple');
    // Another board is plugged into that port, then the first one comes back elsewhere.
    board!.learn({ mac: '24:6f:28:00:00:02' });
    assert.equal(board!.colour, undefined);
    provider.ports = [cp2102('/dev/ttyUSB0'), cp2102('/dev/ttyACM3')];
    await registry.refresh();
    const other = registry.find('serial:/dev/ttyACM3');
    other!.learn({ mac: '24:6f:28:00:00:01' });
    assert.equal(other!.colour, 'purple');
    registry.dispose();

    const next = new BoardRegistry({ providers: [provider], store, rates });
    await next.refresh();
    assert.equal(next.find('serial:/dev/ttyACM3')?.colour, 'purple');
    assert.equal(next.find('serial:/dev/ttyUSB0')?.colour, undefined);
    next.dispose();
  });

  test('a board keeps its name on another port and in the next session', async () => {
    const store = memory();
    const provider = new FakeProvider();
    provider.ports = [cp2102('/dev/ttyUSB0', 'A1')];
    const first = new BoardRegistry({ providers: [provider], store, rates });
    await first.refresh();
    first.boards[0]!.rename('kitchen');
    first.boards[0]!.learn({ mac: '24:6f:28:00:00:01' });
    first.dispose();

    provider.ports = [cp2102('/dev/ttyUSB7', 'A1')];
    const second = new BoardRegistry({ providers: [provider], store, rates });
    await second.refresh();
    assert.deepEqual(
      second.boards.map((b) => [b.name, b.where?.address, b.status, b.facts.mac]),
      [['kitchen', '/dev/ttyUSB7', 'idle', '24:6f:28:00:00:01']],
    );
    assert.equal(second.findByUniqueId('246F28000001')?.name, 'kitchen');
  });

  test('an unknown port that is unplugged goes; a board with known facts stays as unplugged', async () => {
    const provider = new FakeProvider();
    provider.ports = [cp2102('/dev/ttyUSB0', 'A1'), cp2102('/dev/ttyUSB1', 'B2')];
    const registry = new BoardRegistry({ providers: [provider], store: memory(), rates });
    await registry.refresh();
    registry.boards.find((b) => b.where?.address === '/dev/ttyUSB1')!.learn({ chip: 'ESP32' });
    provider.ports = [];
    await registry.refresh();
    assert.deepEqual(
      registry.boards.map((b) => [b.id, b.status]),
      [['usb:10c4:ea60:B2', 'unplugged']],
    );
  });

  test('a provider that fails does not hide the ports of the others', async () => {
    const bad = new FakeProvider();
    bad.list = () => Promise.reject(new Error('no udevadm'));
    const good = new FakeProvider();
    good.ports = [cp2102('/dev/ttyUSB0')];
    const registry = new BoardRegistry({ providers: [bad, good], store: memory(), rates });
    await registry.refresh();
    assert.equal(registry.boards.length, 1);
  });

  test('a board that was seen before is known on another port as soon as its MAC is', async () => {
    const store = memory();
    const provider = new FakeProvider();
    provider.ports = [cp2102('/dev/ttyUSB0', '0001')];
    const first = new BoardRegistry({ providers: [provider], store, rates });
    await first.refresh();
    const mac = '24:6f:28:00:00:01';
    first.boards[0]!.learn({ mac, chip: 'ESP32', model: 'ESP32-D0WD (revision 1)', flashId: 1 });
    first.boards[0]!.rename('kitchen');
    first.dispose();

    provider.ports = [cp2102('/dev/ttyUSB4', '0001')];
    const second = new BoardRegistry({ providers: [provider], store, rates });
    await second.refresh();
    const [board] = second.boards;
    assert.equal(board?.facts.chip, undefined);
    board!.learn({ mac, micropython: '1.27.0' });
    assert.equal(board!.name, 'kitchen');
    assert.equal(board!.facts.model, 'ESP32-D0WD (revision 1)');
    assert.equal(board!.facts.micropython, '1.27.0');
    second.dispose();

    // Its old port remembers it no more: another board there is not taken for it.
    provider.ports = [cp2102('/dev/ttyUSB0', '0001')];
    const third = new BoardRegistry({ providers: [provider], store, rates });
    await third.refresh();
    assert.deepEqual(
      [third.boards[0]!.name, third.boards[0]!.facts],
      ['CP210x (/dev/ttyUSB0)', {}],
    );
  });

  test('another board on a known port is not taken for the one before', async () => {
    const provider = new FakeProvider();
    provider.ports = [cp2102('/dev/ttyUSB0')];
    const registry = new BoardRegistry({ providers: [provider], store: memory(), rates });
    await registry.refresh();
    const [board] = registry.boards;
    board!.learn({ mac: 'aa', chip: 'ESP32', micropython: '1.27.0' });
    board!.rename('kitchen');
    board!.learn({ mac: 'bb', chip: 'ESP32-S3' });
    assert.deepEqual(board!.facts, { mac: 'bb', chip: 'ESP32-S3' });
    assert.equal(board!.name, 'CP210x (/dev/ttyUSB0)');
    board!.learn({ mac: 'aa' });
    assert.deepEqual([board!.name, board!.facts.chip], ['kitchen', 'ESP32']);
  });
});
