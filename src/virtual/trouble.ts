/**
 * The trouble a board is in: what faults have done to its power, its air and its flash, and for how long.
 * Below: faults.ts. Above: machine.ts.
 */
import type { Clock } from '../core/clock';
import type { Disposable } from '../core/event';
import { type Fault, Faults, type Way } from './faults';
import { SECTOR_SIZE } from './flash';

/** What a fault does to the world of a program. */
export interface Trouble {
  /** No network is in the air, and no byte of any socket gets through. */
  readonly wifiGone: boolean;
  /** Milliseconds more for each sector of flash. */
  readonly flashDelayMs: number;
}

const NONE: Trouble = { wifiGone: false, flashDelayMs: 0 };

export interface TroubledBoard {
  powerOff(): void;
  powerOn(): void;
  brownOut(): void;
  /** Bytes have come through. */
  arrive(way: Way, bytes: Uint8Array): void;
  changed(trouble: Trouble): void;
}

export class BoardTrouble implements Disposable {
  private readonly faults: Faults;
  private current = NONE;
  private air: Disposable | undefined;
  private cable: Disposable | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly board: TroubledBoard,
  ) {
    this.faults = new Faults(clock, {
      unplug: (ms) => this.unplug(ms),
      brownOut: () => this.unplugged || board.brownOut(),
      wifiGone: (ms) => this.loseWifi(ms),
      slowFlash: (flashDelayMs) => this.change({ ...this.current, flashDelayMs }),
      release: (way, bytes) => board.arrive(way, bytes),
    });
  }

  get now(): Trouble {
    return this.current;
  }

  /** True while the cable is out. */
  get unplugged(): boolean {
    return this.cable !== undefined;
  }

  arm(fault: Fault): void {
    this.faults.arm(fault);
  }

  /** Ends all trouble, past and to come. */
  clear(): void {
    this.faults.clear();
    this.air?.dispose();
    this.change(NONE);
    if (this.unplugged) this.plugIn();
  }

  /** Bytes on the line; those that get through arrive. */
  carry(way: Way, bytes: Uint8Array): void {
    const through = this.faults.carry(way, bytes);
    if (through.length > 0) this.board.arrive(way, through);
  }

  /** Resolves after the time that so many bytes of flash take beyond the usual. */
  async flashTime(bytes: number): Promise<void> {
    const ms = this.current.flashDelayMs * Math.ceil(bytes / SECTOR_SIZE);
    if (ms > 0) await this.clock.sleep(ms);
  }

  dispose(): void {
    this.faults.dispose();
    this.air?.dispose();
    this.cable?.dispose();
  }

  private change(trouble: Trouble): void {
    this.current = trouble;
    this.board.changed(trouble);
  }

  private loseWifi(ms: number): void {
    this.air?.dispose();
    this.change({ ...this.current, wifiGone: true });
    this.air = this.clock.after(ms, () => this.change({ ...this.current, wifiGone: false }));
  }

  private unplug(ms: number): void {
    this.cable?.dispose();
    this.cable = this.clock.after(ms, () => this.plugIn());
    this.board.powerOff();
  }

  private plugIn(): void {
    this.cable?.dispose();
    this.cable = undefined;
    this.board.powerOn();
  }
}
