/**
 * How DTR and RTS reset a chip with USB in it: its USB-Serial-JTAG peripheral watches the two lines
 * itself, there are no transistors. The counterpart of circuit.ts.
 * Below: core. Above: machine.ts.
 *
 * Source: ESP32-C3 and ESP32-S3 Technical Reference Manuals, "USB Serial/JTAG Controller", "Reset SoC
 * into Download Mode": RTS without DTR resets the chip, DTR without RTS sets the flag that the next
 * reset goes into the loader, neither clears that flag, both change nothing.
 */
import type { Clock } from '../core/clock';
import { Emitter, type Disposable } from '../core/event';
import type { BootStrap, Lines, ResetLines } from './circuit';

/** From the reset to the first instruction, ms. */
const START_MS = 10;

export class UsbReset implements ResetLines {
  private download = false;
  private starting: Disposable | undefined;
  private readonly reset = new Emitter<void>();
  private readonly release = new Emitter<BootStrap>();

  readonly onReset = this.reset.event;
  readonly onRelease = this.release.event;

  constructor(private readonly clock: Clock) {}

  setLines({ dtr, rts }: Lines): void {
    if (dtr && !rts) this.download = true;
    else if (!dtr && !rts) this.download = false;
    else if (rts && !dtr && !this.starting) {
      // What counts is what was asked for before the reset.
      const strap = this.download ? 'download' : 'flash';
      this.reset.fire();
      this.starting = this.clock.after(START_MS, () => {
        this.starting = undefined;
        this.release.fire(strap);
      });
    }
  }

  letGo(): void {
    this.starting?.dispose();
    this.starting = undefined;
    this.download = false;
  }

  dispose(): void {
    this.starting?.dispose();
    this.reset.dispose();
    this.release.dispose();
  }
}
