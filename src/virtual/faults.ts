/**
 * Trouble on demand, for tests and teachers: bytes that are lost or arrive wrong, a line that stalls, a
 * board that is unplugged or browns out, an air without Wi-Fi, a slow flash.
 * Below: core. Above: machine.ts lets every byte of its line pass through here; control.ts reads faults
 * from the command line and the control channel.
 */
import type { Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import type { Disposable } from '../core/event';

/** Which way bytes go on the line. */
export type Way = 'to-host' | 'to-board';

/**
 * A fault, and when: as soon as it is armed, or once `after` more bytes have gone `way`. Times are in
 * milliseconds, at most {@link LONGEST_MS}.
 */
export type Fault = { readonly after?: number; readonly way?: Way } & (
  | { readonly kind: 'drop'; readonly bytes: number }
  | { readonly kind: 'flip'; readonly bytes: number }
  | { readonly kind: 'stall'; readonly ms: number }
  | { readonly kind: 'unplug'; readonly ms: number }
  | { readonly kind: 'brown-out' }
  | { readonly kind: 'wifi-gone'; readonly ms: number }
  /** So many milliseconds more for each sector of 4 KiB, from now on; 0 ends it. */
  | { readonly kind: 'slow-flash'; readonly ms: number }
);

export const FAULT_KINDS = [
  'drop',
  'flip',
  'stall',
  'unplug',
  'brown-out',
  'wifi-gone',
  'slow-flash',
] as const satisfies readonly Fault['kind'][];

const LONGEST_MS = 3_600_000;
const MOST_BYTES = 2 ** 30;
/** Bytes a stalled line keeps for each end; more is lost, as in the buffers of a hub. */
const MOST_HELD = 256 * 1024;

/** What a fault does that is not on the line. */
export interface FaultTarget {
  unplug(ms: number): void;
  brownOut(): void;
  wifiGone(ms: number): void;
  slowFlash(msPerSector: number): void;
  /** Lets bytes go on that a stall had kept. */
  release(way: Way, bytes: Uint8Array): void;
}

interface Armed {
  readonly fault: Fault;
  after: number;
  /** Bytes still to be dropped or flipped. */
  left: number;
}

export class Faults implements Disposable {
  private armed: Armed[] = [];
  private held: { way: Way; bytes: Uint8Array }[] = [];
  private stalled: Disposable | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly target: FaultTarget,
  ) {}

  /** Makes trouble, now or when it is due. */
  arm(fault: Fault): void {
    const left = fault.kind === 'drop' || fault.kind === 'flip' ? fault.bytes : 0;
    const armed = { fault, after: fault.after ?? 0, left };
    if (armed.after === 0 && left === 0) return this.act(fault);
    this.armed.push(armed);
  }

  /** Bytes on their way; what arrives of them now. */
  carry(way: Way, bytes: Uint8Array): Uint8Array {
    if (this.stalled) {
      this.hold(way, bytes);
      return NOTHING;
    }
    let now = bytes;
    for (const armed of [...this.armed]) {
      if ((armed.fault.way ?? 'to-host') !== way) continue;
      const { after, left } = armed;
      if (after > now.length || (after === now.length && left > 0)) {
        armed.after -= now.length;
        continue;
      }
      now = this.strike(armed, way, now);
    }
    return now;
  }

  /** Forgets what is armed and lets a stalled line go. */
  clear(): void {
    this.armed = [];
    this.resume();
  }

  dispose(): void {
    this.armed = [];
    this.held = [];
    this.stalled?.dispose();
  }

  private strike(armed: Armed, way: Way, bytes: Uint8Array): Uint8Array {
    const { fault, after } = armed;
    armed.after = 0;
    if (fault.kind !== 'drop' && fault.kind !== 'flip') {
      this.armed = this.armed.filter((other) => other !== armed);
      this.act(fault);
      if (fault.kind === 'stall') this.hold(way, bytes.subarray(after));
      // What was behind it on the wire when the power went is lost.
      const ends = fault.kind === 'unplug' || fault.kind === 'brown-out' || fault.kind === 'stall';
      return ends ? bytes.subarray(0, after) : bytes;
    }
    const count = Math.min(armed.left, bytes.length - after);
    armed.left -= count;
    if (armed.left === 0) this.armed = this.armed.filter((other) => other !== armed);
    if (fault.kind === 'drop') {
      return Uint8Array.from([...bytes.subarray(0, after), ...bytes.subarray(after + count)]);
    }
    // One bit of each, another one each time.
    return bytes.map((byte, n) => (n >= after && n < after + count ? byte ^ (1 << (n & 7)) : byte));
  }

  private act(fault: Fault): void {
    switch (fault.kind) {
      case 'stall':
        this.stalled?.dispose();
        this.stalled = this.clock.after(fault.ms, () => this.resume());
        return;
      case 'unplug':
        return this.target.unplug(fault.ms);
      case 'brown-out':
        return this.target.brownOut();
      case 'wifi-gone':
        return this.target.wifiGone(fault.ms);
      case 'slow-flash':
        return this.target.slowFlash(fault.ms);
    }
  }

  private hold(way: Way, bytes: Uint8Array): void {
    const held = this.held.reduce((sum, part) => sum + part.bytes.length, 0);
    if (bytes.length > 0 && held + bytes.length <= MOST_HELD) this.held.push({ way, bytes });
  }

  private resume(): void {
    this.stalled?.dispose();
    this.stalled = undefined;
    for (const { way, bytes } of this.held.splice(0)) {
      const now = this.carry(way, bytes);
      if (now.length > 0) this.target.release(way, now);
    }
  }
}

const NOTHING = new Uint8Array(0);

/**
 * A fault as JSON has it.
 * @throws BoardError 'virtual-failed' with what is wrong with it
 */
export function checkFault(value: unknown): Fault {
  const given = (value ?? {}) as Record<string, unknown>;
  const kind = FAULT_KINDS.find((one) => one === given['kind']);
  if (!kind) throw bad(`there is no fault "${String(given['kind'])}"`);
  const number = (name: string, most: number): number => {
    const n = given[name];
    if (typeof n !== 'number' || !Number.isInteger(n) || n < 0 || n > most) {
      throw bad(`${kind}: "${name}" is not a whole number up to ${most}`);
    }
    return n;
  };
  const way = (['to-host', 'to-board'] as const).find((one) => one === given['way']);
  if (given['way'] !== undefined && !way) {
    throw bad(`${kind}: "way" is neither to-host nor to-board`);
  }
  const when = {
    ...(given['after'] === undefined ? {} : { after: number('after', MOST_BYTES) }),
    ...(way ? { way } : {}),
  };
  if (kind === 'brown-out') return { kind, ...when };
  if (kind === 'drop' || kind === 'flip') {
    return { kind, bytes: number('bytes', MOST_BYTES), ...when } as Fault;
  }
  return { kind, ms: number('ms', LONGEST_MS), ...when } as Fault;
}

/**
 * A fault of the command line: `drop:3`, `flip:1:to-board@2000` (one byte wrong after 2000 went to the
 * board), `unplug:1500`, `brown-out`, `slow-flash:20`.
 * @throws BoardError 'virtual-failed' with what is wrong with it
 */
export function parseFault(text: string): Fault {
  const match = /^([a-z-]+)(?::(\d+))?(?::(to-host|to-board))?(?:@(\d+))?$/.exec(text);
  if (!match) throw bad(`"${text}" is no fault`);
  const [, kind, amount, way, after] = match;
  const name = kind === 'drop' || kind === 'flip' ? 'bytes' : 'ms';
  return checkFault({
    kind,
    ...(amount === undefined ? {} : { [name]: Number(amount) }),
    ...(way === undefined ? {} : { way }),
    ...(after === undefined ? {} : { after: Number(after) }),
  });
}

function bad(what: string): BoardError {
  return new BoardError('virtual-failed', what);
}
