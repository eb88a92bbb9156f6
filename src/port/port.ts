/**
 * The law of a port: a byte pipe to one board, with two control lines.
 * Below: core. Above: esp and micropython speak their protocols through it; board opens it.
 * It knows nothing of ROM loaders or prompts. `test/contracts/port.ts` says the law again.
 */
import type { Disposable, Event } from '../core/event';
import type { BoardError } from '../core/errors';

export type PortScheme = 'serial' | 'rfc2217';

/** What the USB side of a serial port says of itself. */
export interface UsbIdentity {
  /** USB vendor id, 0 to 0xFFFF. */
  readonly vendorId: number;
  /** USB product id, 0 to 0xFFFF. */
  readonly productId: number;
  readonly serialNumber?: string;
  /** Name of the USB bridge ("CP210x", "CH340") where the id is known. */
  readonly bridge?: string;
}

export interface PortInfo {
  readonly scheme: PortScheme;
  /** Where it is: `/dev/ttyUSB0`, `COM3`, or `host:port`. With the scheme it is unique. */
  readonly address: string;
  /** What a person calls it: "CP2102 USB to UART (ttyUSB0)". */
  readonly label: string;
  readonly usb?: UsbIdentity;
}

/** A port in one line: where it is, what it is called, which USB bridge; not its serial number. */
export function portLine({ scheme, address, label, usb }: PortInfo): string {
  const hex = (n: number): string => n.toString(16).padStart(4, '0');
  const bridge = usb && `USB ${hex(usb.vendorId)}:${hex(usb.productId)} ${usb.bridge ?? ''}`.trim();
  // A label may repeat the serial number.
  const name = usb?.serialNumber ? label.split(usb.serialNumber).join('…') : label;
  return [scheme, address, name, bridge].filter(Boolean).join('  ');
}

export interface OpenOptions {
  /** Bits per second, 300 to 4,000,000. */
  readonly baudRate: number;
}

export interface ControlSignals {
  readonly dtr?: boolean;
  readonly rts?: boolean;
}

export interface PortProvider extends Disposable {
  readonly scheme: PortScheme;
  /** Every port there is now. Never throws for a missing tool; then the list is shorter. */
  list(): Promise<PortInfo[]>;
  /** Fires when `list` would answer something else than before. */
  readonly onDidChange: Event<void>;
  /**
   * Opens the port; 8 data bits, no parity, 1 stop bit, no flow control. Neither DTR nor RTS is
   * left asserted, so that a classic board goes on running.
   * @throws BoardError port-not-found, port-busy, port-permission, port-failed
   */
  open(info: PortInfo, options: OpenOptions): Promise<Port>;
}

/** An open port. Open by construction: there is no `isOpen`. */
export interface Port {
  readonly info: PortInfo;
  /** Bits per second now. */
  readonly baudRate: number;
  /** Bytes as they come; a chunk is never empty and is the listener's to keep. */
  readonly onData: Event<Uint8Array>;
  /** Fires once: with the error if the port was lost, with undefined after `close`. */
  readonly onClose: Event<BoardError | undefined>;
  /**
   * Hands bytes over in order; resolves when the driver (or the socket) has taken them.
   * @throws BoardError port-lost when the port is closed or goes away before
   */
  write(bytes: Uint8Array): Promise<void>;
  /** @throws BoardError port-failed when refused; port-lost when closed. The old rate then stays. */
  setBaudRate(baudRate: number): Promise<void>;
  /**
   * Sets the lines named and leaves the others. Both in one call change as close together as the
   * transport can. Resolves when the far side has done it, where the transport can tell.
   * @throws BoardError port-lost; port-failed when refused (a pseudo terminal has no lines: no error)
   */
  setSignals(signals: ControlSignals): Promise<void>;
  /** Clears RTS, then DTR, then closes. A second call does nothing. Never throws. */
  close(): Promise<void>;
}
