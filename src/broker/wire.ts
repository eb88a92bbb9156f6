/**
 * What a window and the broker's own process say to each other, and how it is framed: a length of
 * four bytes (little endian), then a value as node:v8 writes it. Both ends are the same build.
 * Below: node:v8. Above: serverMain.ts (the process), hosted.ts (the window).
 */
import { deserialize, serialize } from 'node:v8';
import type { ErrorDetails } from '../core/errors';
import type { UserRules } from './access';
import type {
  Broker,
  BrokerClientEvent,
  BrokerDelivery,
  BrokerMessage,
  BrokerRefusal,
} from './broker';
import type { TlsListener } from './embedded';
import type { RosterChange } from './roster';

/** The first line on the process' standard input, JSON: never on the command line, all can read it. */
export interface ProcessStart {
  /** Path of the local socket to listen on. */
  readonly socket: string;
  /** Whoever connects has to say it first. */
  readonly token: string;
  /** How long the process goes on after its last window went, milliseconds. */
  readonly outliveMs: number;
}

export interface StartRequest {
  readonly hosts: readonly string[];
  readonly port: number;
  readonly tls?: TlsListener;
  readonly users?: readonly (UserRules & { readonly password: string })[];
}

export type ToProcess =
  | { readonly is: 'hello'; readonly token: string }
  | { readonly is: 'start'; readonly options: StartRequest }
  | { readonly is: 'outlive'; readonly milliseconds: number }
  | { readonly is: 'stop' }
  /** One batch was taken: the next may come. */
  | { readonly is: 'taken' };

/** In the order it happened. */
export type BrokerNews =
  | readonly ['message', BrokerMessage]
  | readonly ['client', BrokerClientEvent]
  | readonly ['delivery', BrokerDelivery]
  | readonly ['roster', RosterChange]
  | readonly ['refused', BrokerRefusal]
  | readonly ['folded', number];

export interface StartedState {
  readonly port: number;
  readonly addresses: readonly string[];
  readonly secure?: Broker['secure'];
  /** Messages that went through while no window was there. */
  readonly missed: number;
  readonly roster: readonly RosterChange[];
}

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
}

export type ToWindow =
  /** The token was right; with what runs already, if something does. */
  | { readonly is: 'welcome'; readonly running?: StartedState }
  | { readonly is: 'started'; readonly state: StartedState }
  | { readonly is: 'refused'; readonly error: WireError }
  | { readonly is: 'news'; readonly news: readonly BrokerNews[] }
  | {
      readonly is: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly text: string;
    }
  | { readonly is: 'ended'; readonly error?: WireError };

/** A frame is never longer: what claims to be is no frame. Bytes. */
const LONGEST = 256 * 1024 * 1024;

export function frame(value: ToProcess | ToWindow): Buffer {
  const body = serialize(value);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

/** Puts frames together out of chunks of any size. */
export class FrameReader<T> {
  private chunks: Buffer[] = [];
  private length = 0;

  constructor(private readonly tell: (value: T) => void) {}

  /** @throws Error on bytes that are no frames */
  feed(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    while (this.length >= 4) {
      const size = this.peek(4).readUInt32LE();
      if (size > LONGEST) throw new Error(`a frame of ${size} bytes`);
      if (this.length < size + 4) return;
      const all = this.peek(size + 4);
      this.take(size + 4);
      this.tell(deserialize(all.subarray(4, size + 4)) as T);
    }
  }

  /** The first `count` bytes in one piece. */
  private peek(count: number): Buffer {
    const first = this.chunks[0] as Buffer;
    if (first.length >= count) return first;
    this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0] as Buffer;
  }

  private take(count: number): void {
    this.length -= count;
    const rest = (this.chunks[0] as Buffer).subarray(count);
    if (rest.length > 0) this.chunks[0] = rest;
    else this.chunks.shift();
  }
}
