/**
 * A small RFC 2217 server for tests: one line, no board. Shares no code with src.
 * Below: node:net. Above: the port contract and the tests of the client.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface TestServerOptions {
  /** 'com-port' as it should be; 'refuse' says DONT 44; 'silent' says nothing; 'text' is plain TCP. */
  readonly manner?: 'com-port' | 'refuse' | 'silent' | 'text';
  /** What is sent first, as text. */
  readonly greeting?: string;
  /** Hangs up right after the greeting. */
  readonly hangUp?: boolean;
  /** Answers DTR and RTS messages (esptool's own server does not). */
  readonly answerLines?: boolean;
  /** Answers nothing at all once set; may be changed while running. */
  deaf?: boolean;
  /** The rate reported back, whatever was asked for. */
  readonly fixedRate?: number;
}

export interface TestServer {
  readonly port: number;
  readonly options: TestServerOptions;
  /** Data bytes that reached the line. */
  readonly heard: number[];
  /** SET_CONTROL values in the order they came, and how they were cut into segments. */
  readonly controls: number[];
  readonly segments: number[][];
  lines: { dtr: boolean; rts: boolean };
  baudRate: number;
  write(bytes: Uint8Array): void;
  drop(): void;
  close(): Promise<void>;
}

const [SE, SB, WILL, WONT, DO, DONT, IAC, COM] = [240, 250, 251, 252, 253, 254, 255, 44];

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  let socket: Socket | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    client.on('error', () => undefined);
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    if (socket) {
      client.end('Port already in use\r\n');
      return;
    }
    socket = client;
    client.on('close', () => (socket = undefined));
    if (options.greeting) client.write(options.greeting);
    if (options.hangUp) {
      client.end();
      return;
    }
    serve(client);
  });

  function serve(client: Socket): void {
    let pending: number[] = [];
    const send = (...bytes: number[]): void => void client.write(Uint8Array.from(bytes));
    const reply = (command: number, ...value: number[]): void => {
      const doubled = value.flatMap((b) => (b === IAC ? [b, b] : [b]));
      if (!options.deaf) send(IAC, SB, COM, command + 100, ...doubled, IAC, SE);
    };
    const verb = (said: number, option: number): void => {
      if (options.manner === 'silent' || options.manner === 'text') return;
      const ok = option === 0 || option === 3 || (option === COM && options.manner !== 'refuse');
      if (said === WILL) send(IAC, ok ? DO : DONT, option);
      if (said === DO) send(IAC, ok ? WILL : WONT, option);
    };
    const sub = (payload: number[], segment: number[]): void => {
      const [option, command = 0, ...value] = payload;
      if (option !== COM) return;
      if (command === 1) {
        const rate = value.reduce((n, b) => n * 256 + b, 0);
        result.baudRate = options.fixedRate ?? rate;
        const back = new DataView(new ArrayBuffer(4));
        back.setUint32(0, result.baudRate);
        reply(1, ...new Uint8Array(back.buffer));
      } else if (command === 5) {
        const control = value[0] ?? 0;
        result.controls.push(control);
        segment.push(control);
        if (control === 8 || control === 9) result.lines = { ...result.lines, dtr: control === 8 };
        if (control === 11 || control === 12) {
          result.lines = { ...result.lines, rts: control === 11 };
        }
        if (control < 8 || options.answerLines !== false) reply(5, control);
      } else {
        reply(command, ...value);
      }
    };
    client.on('data', (chunk) => {
      const segment: number[] = [];
      pending.push(...chunk);
      if (options.manner === 'text') {
        result.heard.push(...pending.splice(0));
        return;
      }
      // Takes whole messages off the front; what is unfinished stays.
      for (;;) {
        const at = pending.indexOf(IAC);
        if (at !== 0) {
          result.heard.push(...pending.splice(0, at < 0 ? pending.length : at));
          if (at < 0) break;
        }
        const [, code, option] = pending;
        if (code === IAC) {
          result.heard.push(IAC);
          pending.splice(0, 2);
        } else if (code === SB) {
          const payload: number[] = [];
          let i = 2;
          while (i < pending.length && !(pending[i] === IAC && pending[i + 1] === SE)) {
            if (pending[i] === IAC) i++;
            payload.push(pending[i++] ?? 0);
          }
          if (i + 1 >= pending.length) break;
          pending = pending.slice(i + 2);
          sub(payload, segment);
        } else if (code !== undefined && option !== undefined) {
          pending.splice(0, 3);
          verb(code, option);
        } else break;
      }
      if (segment.length > 0) result.segments.push(segment);
    });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const result: TestServer = {
    port: (server.address() as AddressInfo).port,
    options,
    heard: [],
    controls: [],
    segments: [],
    lines: { dtr: true, rts: true },
    baudRate: 0,
    write: (bytes) => {
      const doubled = [...bytes].flatMap((b) =>
        b === IAC && options.manner !== 'text' ? [b, b] : [b],
      );
      socket?.write(Uint8Array.from(doubled));
    },
    drop: () => socket?.destroy(),
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets) client.destroy();
        server.close(() => resolve());
      }),
  };
  return result;
}
