/**
 * The two transistors of a DevKit that let DTR and RTS press EN and GPIO0, and the capacitor on EN.
 * Below: core. Above: machine.ts. It knows levels and time, not what the chip does with them.
 *
 * Source: Espressif, ESP32-DevKitC V4 schematic ("Auto program"): EN is low iff RTS is asserted and
 * DTR is not; GPIO0 is low iff DTR is asserted and RTS is not; both or neither: both high.
 */
import type { Clock } from '../core/clock';
import { Emitter, type Disposable, type Event } from '../core/event';

/** Milliseconds that EN takes to rise, after which the chip samples GPIO0. */
export const EN_RISE_MS = 10;
/**
 * Milliseconds for which both lines asserted, coming out of reset, still count as reset. A network
 * client changes one line at a time (pyserial waits 50 ms and more between them), and its way from
 * "RTS alone" to "DTR alone" leads through "both", where a chip that woke at once would find GPIO0
 * high and miss the loader.
 */
export const BOTH_HOLD_MS = 300;

export interface Lines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** What the chip finds when it wakes: GPIO0 low means the loader. */
export type BootStrap = 'flash' | 'download';

/** What DTR and RTS do to a chip. */
export interface ResetLines extends Disposable {
  /** The chip stops at once. */
  readonly onReset: Event<void>;
  /** It starts, with what it was told to start. */
  readonly onRelease: Event<BootStrap>;
  /** Sets both lines in the same moment; true means asserted. */
  setLines(lines: Lines): void;
  /** There is no power: both lines are let go, and nothing comes of it. */
  letGo(): void;
}

export class Circuit implements ResetLines {
  private lines: Lines = { dtr: false, rts: false };
  private held = false;
  private rising: Disposable | undefined;
  private readonly reset = new Emitter<void>();
  private readonly release = new Emitter<BootStrap>();

  /** EN went low: the chip stops at once. */
  readonly onReset = this.reset.event;
  /** EN is high again: the chip starts with what GPIO0 says. */
  readonly onRelease = this.release.event;

  constructor(private readonly clock: Clock) {}

  setLines(lines: Lines): void {
    this.lines = { ...lines };
    const low = lines.rts && !lines.dtr;
    this.rising?.dispose();
    this.rising = undefined;
    if (low) {
      if (!this.held) {
        this.held = true;
        this.reset.fire();
      }
    } else if (this.held) {
      const wait = lines.rts && lines.dtr ? BOTH_HOLD_MS : EN_RISE_MS;
      this.rising = this.clock.after(wait, () => this.rise());
    }
  }

  letGo(): void {
    this.rising?.dispose();
    this.rising = undefined;
    this.held = false;
    this.lines = { dtr: false, rts: false };
  }

  dispose(): void {
    this.rising?.dispose();
    this.reset.dispose();
    this.release.dispose();
  }

  private rise(): void {
    this.rising = undefined;
    this.held = false;
    this.release.fire(this.lines.dtr && !this.lines.rts ? 'download' : 'flash');
  }
}
