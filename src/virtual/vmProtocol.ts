/**
 * What the two threads of a virtual board say to each other: the owner, which has the flash, the line
 * and the sockets, and the worker, which has the VM and blocks as a chip does.
 * Below: nothing. Above: runtime.ts (the owner) and worker.ts.
 */

/** Words of the control block, an Int32Array in shared memory. */
export const CONTROL = {
  /** Counted up, and notified, whenever the owner has something for a worker that waits. */
  wake: 0,
  /** 1 while Python code runs, so that Ctrl-C is an interrupt and not a character. */
  running: 1,
  /** Bytes the worker has put into the output ring, modulo 2^32. */
  written: 2,
  /** Bytes the owner has taken from it. */
  taken: 3,
  /** 1 when the owner has seen the ring empty and waits for a message. */
  ringIdle: 4,
  /** Bytes of input that the program has taken, modulo 2^32. */
  inputTaken: 5,
  /** 1 when the owner wants to hear of room for more input. */
  inputWanted: 6,
  /** Milliseconds more that each sector of flash takes, for a fault. */
  flashDelay: 7,
  /** 1 while the Wi-Fi is gone, for a fault. */
  airGone: 8,
  /** Per mille of a core that a program may use; 1000 is all of it. */
  share: 9,
} as const;
export const CONTROL_BYTES = 64;

/** Bytes of the output ring; a worker that prints faster than the line carries waits for room. */
export const RING_BYTES = 1024;

/** The partition that holds the board's files (the default ESP32 table for 4 MB of flash). */
export const FILES_OFFSET = 0x20_0000;
export const FILES_LENGTH = 0x20_0000;

/** The partition of the board's NVS (the same table). */
export const NVS_OFFSET = 0x9000;
export const NVS_LENGTH = 0x6000;

/**
 * What a user has set for the world around a board's pins, by name ("dht.4.temperature"); null stands
 * for "nothing is wired there".
 */
export type Readings = Readonly<Record<string, number | null>>;

export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
  /** The files partition as it was at the start; the worker keeps it in step with the flash. */
  readonly files: SharedArrayBuffer;
  /** What stands at the pins (world.ts). */
  readonly world: SharedArrayBuffer;
  /** The NVS partition, likewise. */
  readonly nvs: SharedArrayBuffer;
  readonly image: WebAssembly.Module;
  /** Built-in Python modules by path ("machine.mpy", "umqtt/simple.py"). */
  readonly modules: Readonly<Record<string, Uint8Array>>;
  readonly mcu: string;
  readonly build: string;
  readonly mac: Uint8Array;
  readonly name: string;
  readonly resetCause: number;
  readonly networks: readonly { ssid: string; password?: string }[];
  readonly firmwareVersion: '1.27' | '1.13';
  readonly readings: Readings;
}

/** How a connection is to be secured; certificates and keys are PEM. */
export interface TlsWish {
  readonly server: boolean;
  /** `CERT_NONE`, `CERT_OPTIONAL`, `CERT_REQUIRED`. */
  readonly verify: number;
  /** Whom the other end must be, and is asked for; "" for nobody in particular. */
  readonly hostname: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export type SocketRequest =
  | { readonly op: 'connect'; readonly id: number; readonly host: string; readonly port: number }
  | { readonly op: 'listen'; readonly id: number; readonly host: string; readonly port: number }
  | { readonly op: 'bindUdp'; readonly id: number; readonly host: string; readonly port: number }
  | { readonly op: 'send'; readonly id: number; readonly bytes: Uint8Array }
  | {
      readonly op: 'sendTo';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly host: string;
      readonly port: number;
    }
  /** The program has read so many bytes: more may be sent. */
  | { readonly op: 'consumed'; readonly id: number; readonly count: number }
  /** What was reported of it and not consumed belongs to TLS. */
  | { readonly op: 'secure'; readonly id: number; readonly wish: TlsWish }
  | { readonly op: 'close'; readonly id: number };

export type SocketEvent =
  | { readonly on: 'connected'; readonly id: number }
  | { readonly on: 'listening'; readonly id: number; readonly port: number }
  | {
      readonly on: 'accepted';
      readonly id: number;
      readonly host: string;
      readonly port: number;
      readonly child: number;
    }
  | { readonly on: 'data'; readonly id: number; readonly bytes: Uint8Array }
  | {
      readonly on: 'datagram';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly host: string;
      readonly port: number;
    }
  | { readonly on: 'sent'; readonly id: number; readonly count: number }
  | { readonly on: 'end'; readonly id: number }
  /** From here on, data of this socket is what TLS makes of it. */
  | { readonly on: 'securing'; readonly id: number }
  | {
      readonly on: 'secured';
      readonly id: number;
      readonly cipher: string;
      readonly version: string;
      /** The other end's certificate, DER; empty where it has shown none. */
      readonly peer: Uint8Array;
    }
  /** `errno` is an error of the ESP32, or mbedTLS's where it is below zero; `text` then says more. */
  | {
      readonly on: 'insecure';
      readonly id: number;
      readonly errno: number;
      readonly text: string;
    }
  /** `errno` as the ESP32 numbers them. */
  | { readonly on: 'error'; readonly id: number; readonly errno: number };

export type FromWorker =
  | { readonly type: 'ready' }
  /** A new VM has started (also after each soft reset): its memory, for Ctrl-C. */
  | { readonly type: 'memory'; readonly memory: SharedArrayBuffer }
  | { readonly type: 'output' }
  /** Input was taken while {@link CONTROL.inputWanted} stood at 1. */
  | { readonly type: 'room' }
  /** Offsets are those of the flash chip. */
  | { readonly type: 'program'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'erase'; readonly offset: number; readonly length: number }
  /** A program wants to see a piece of the chip; {@link ToWorker} 'flash' brings it. */
  | { readonly type: 'readFlash'; readonly offset: number; readonly length: number }
  | { readonly type: 'socket'; readonly request: SocketRequest }
  /** Wake the VM in so many milliseconds, even out of a tight loop. */
  | { readonly type: 'alarm'; readonly afterMs: number }
  | { readonly type: 'closeSockets' }
  /** The program has written the divider of UART0: bits per second from now on. */
  | { readonly type: 'baudRate'; readonly rate: number }
  /** The program asked for a reading of that name for the first time. */
  | { readonly type: 'asked'; readonly name: string }
  | {
      readonly type: 'reset';
      readonly cause: 'software' | 'deep-sleep' | 'watchdog';
      readonly afterMs?: number;
    }
  | { readonly type: 'failure'; readonly message: string };

export type ToWorker =
  | { readonly type: 'input'; readonly bytes: Uint8Array }
  | { readonly type: 'socket'; readonly event: SocketEvent }
  | { readonly type: 'flash'; readonly bytes: Uint8Array }
  | { readonly type: 'networks'; readonly networks: WorkerStart['networks'] }
  | { readonly type: 'reading'; readonly name: string; readonly value: number | null | undefined };
