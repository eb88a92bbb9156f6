/**
 * A Port in the shape esptool-js wants: a Web Serial port and a Transport on it. Below: slipLink.ts,
 * port. Above: loaderSession.ts. The port is opened and closed by its owner, never by esptool-js.
 */
import type { Transport } from 'esptool-js';
import type { Clock } from '../core/clock';
import type { Log } from '../core/log';
import type { Port } from '../port/port';
import type { SlipLink } from './slipLink';
import { SlipTimeout } from './slipLink';

/** What esptool-js asks of a Web Serial port once the Transport below does the reading and writing. */
export class WebSerialPort {
  /** Bytes go through SlipLink: streams would stay locked for ever when a write fails half way. */
  readonly readable = null;
  readonly writable = null;

  constructor(
    private readonly port: Port,
    private readonly link: SlipLink,
  ) {}

  getInfo(): { usbVendorId?: number; usbProductId?: number } {
    const { usb } = this.port.info;
    return usb ? { usbVendorId: usb.vendorId, usbProductId: usb.productId } : {};
  }

  /** The port is open already: sets its rate. */
  async open(options: { baudRate: number }): Promise<void> {
    await this.setBaudRate(options.baudRate);
  }

  /** Not ours to close. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** With this, esptool-js changes the rate in place; without, it would close and open again. */
  async setBaudRate(baudRate: number): Promise<void> {
    if (this.link.ended) throw this.link.ended;
    if (baudRate !== this.port.baudRate) await this.link.orEnded(this.port.setBaudRate(baudRate));
  }

  async setSignals(signals: {
    dataTerminalReady?: boolean;
    requestToSend?: boolean;
  }): Promise<void> {
    if (this.link.ended) throw this.link.ended;
    const { dataTerminalReady: dtr, requestToSend: rts } = signals;
    await this.link.orEnded(this.port.setSignals({ dtr, rts }));
  }
}

/** The module as it comes from a dynamic import. */
type Esptool = Awaited<ReturnType<typeof loadEsptool>>;

/** Loads esptool-js when a board is first flashed: activation must not pay for it. */
export function loadEsptool() {
  return import('esptool-js');
}

/** True where the loader did not answer; false where its answer was no. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof SlipTimeout;
}

/**
 * A Transport whose packets come from `link`. The package's own reads with a poll each millisecond,
 * copies a packet once a byte, logs to the console, and cannot be stopped before its timeout
 * (120 s for an erase); this one ends at once when the link does.
 */
export function createTransport(
  esptool: Esptool,
  port: Port,
  link: SlipLink,
  log: Log,
  clock: Clock,
): Transport {
  class LinkTransport extends esptool.Transport {
    /** When the answer to what was written last was first waited for. */
    private since: number | undefined;

    override async write(data: Uint8Array): Promise<void> {
      this.since = undefined;
      await link.send(data);
    }

    override async read(timeout: number): Promise<Uint8Array> {
      // The package reads up to a hundred packets, with the whole time for each: a board that has
      // reset and talks now and then would keep it for minutes.
      this.since ??= clock.now();
      const left = Math.max(0, timeout - (clock.now() - this.since));
      try {
        return await link.receive(left);
      } catch (error) {
        // The loader tells its own errors from others by this class.
        if (!(error instanceof SlipTimeout)) throw error;
        throw Object.assign(new esptool.ESPError(error.message), { cause: error });
      }
    }

    /** Nothing to loop for: the link listens to the port. */
    override readLoop(): Promise<void> {
      return Promise.resolve();
    }

    override flushInput(): void {
      link.flush();
    }

    override async drainInput(quietMs = 100, maxMs = 400): Promise<void> {
      let waited = 0;
      do {
        link.flush();
        await link.orEnded(clock.sleep(quietMs));
        waited += quietMs;
      } while (link.peek().length > 0 && waited < maxMs);
      link.flush();
    }

    override inWaiting(): number {
      return link.peek().length;
    }

    override peek(): Uint8Array {
      return link.peek();
    }

    override trace(message: string): void {
      log.debug(message);
    }
  }
  return new LinkTransport(new WebSerialPort(port, link));
}
