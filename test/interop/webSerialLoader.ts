/**
 * The loader client of tasmota-webserial-esptool (Adafruit, Nabu Casa, Jason2866; MIT) and what it wants
 * of a browser: a Web Serial port, here of a virtual board's RFC 2217 server.
 * Below: src/port. Above: webSerialLoader.test.ts.
 */
import { existsSync } from 'node:fs';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import type { Port } from '../../src/port/port';

/** What is used of the package, which has types of its own for a browser alone. */
export interface Loader {
  readonly chipName: string | null;
  readonly flashSize: string | null;
  initialize(): Promise<void>;
  macAddr(): number[];
  flashId(): Promise<number>;
  readRegister(address: number): Promise<number>;
  writeRegister(address: number, value: number, mask?: number): Promise<void>;
  getSecurityInfo(): Promise<{ chipId: number; flags: number }>;
  setBaudrate(rate: number): Promise<void>;
  getBootloaderOffset(): number;
  runStub(): Promise<Loader>;
  flashData(
    bytes: ArrayBuffer,
    progress: () => void,
    offset: number,
    compress: boolean,
  ): Promise<void>;
  readFlash(from: number, length: number): Promise<Uint8Array>;
  eraseFlash(): Promise<void>;
  hardReset(bootloader?: boolean): Promise<void>;
  disconnect(): Promise<void>;
}

interface Package {
  readonly ESPLoader: new (port: WebSerial, logger: Record<string, () => void>) => Loader;
}

const PACKAGE = 'tasmota-webserial-esptool/js/modules/esptool.js';

/** Why the package cannot be used here, or false. */
export function missingLoader(): string | false {
  return existsSync(`node_modules/${PACKAGE}`)
    ? false
    : 'the package tasmota-webserial-esptool is not installed (npm ci)';
}

/** It is an ES module, and nothing but a browser's build of it can be imported. */
export async function loaderPackage(): Promise<Package> {
  return (await import(PACKAGE as string)) as Package;
}

/** A Web Serial port (https://wicg.github.io/serial) as far as a loader uses one. */
export class WebSerial {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  private port: Port | undefined;
  private readonly provider = new Rfc2217Provider();
  /** All that the board has said. */
  heard = Buffer.alloc(0);

  /** `usb` is what the system says of a chip with USB in it. */
  constructor(
    private readonly address: string,
    private readonly usb: { usbVendorId?: number; usbProductId?: number } = {},
  ) {}

  getInfo(): { usbVendorId?: number; usbProductId?: number } {
    return this.usb;
  }

  async open(options: { baudRate: number }): Promise<void> {
    const port = await this.provider.open(this.provider.add(this.address), options);
    this.port = port;
    let reading: ReadableStreamDefaultController<Uint8Array> | undefined;
    this.readable = new ReadableStream<Uint8Array>({
      start: (stream) => void (reading = stream),
      cancel: () => void (reading = undefined),
    });
    port.onData((bytes) => {
      this.heard = Buffer.concat([this.heard, bytes]);
      reading?.enqueue(bytes);
    });
    port.onClose((error) => {
      if (error) reading?.error(error);
    });
    this.writable = new WritableStream({ write: (bytes) => port.write(bytes) });
  }

  async close(): Promise<void> {
    this.readable = this.writable = null;
    await this.port?.close();
    this.port = undefined;
  }

  setSignals(lines: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void> {
    const { dataTerminalReady: dtr, requestToSend: rts } = lines;
    return this.port!.setSignals({
      ...(dtr === undefined ? {} : { dtr }),
      ...(rts === undefined ? {} : { rts }),
    });
  }
}
