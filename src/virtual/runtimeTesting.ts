/**
 * A virtual board's runtime in a test: started from the sources, typed at, read from.
 * Below: runtime.ts and the real worker. Above: the runtime's tests. Not part of any bundle.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { Emitter } from '../core/event';
import { MemoryFlash } from './flash';
import type { Trouble } from './trouble';
import type { Outside } from './world';
import { makeVmImage } from './vmImage';
import { startRuntime, type Runtime, type RuntimeOptions } from './runtime';
import type { RuntimeFiles } from './runtimeFiles';

let files: RuntimeFiles | undefined;

const PUBLISHED = 'node_modules/@micropython/micropython-webassembly-pyscript/micropython.wasm';

/** Worker and VM made from the sources, as the build does, once a test process. */
export function runtimeFiles(): RuntimeFiles {
  if (files) return files;
  const directory = mkdtempSync(join(tmpdir(), 'parley-runtime-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const worker = join(directory, 'worker.js');
  buildSync({
    entryPoints: ['src/virtual/worker.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: worker,
  });
  const image = join(directory, 'micropython.wasm');
  writeFileSync(image, makeVmImage(readFileSync(PUBLISHED)));
  files = {
    worker,
    image,
    modules: 'firmware/virtual',
  };
  return files;
}

/** Bounds every wait, in ms; long, as the machine may be busy with other tests. */
const PATIENCE = 20_000;

export class TestBoard {
  /** What the board has said and no `until` has taken. */
  said = '';
  readonly resets: { cause: string; afterMs: number | undefined }[] = [];
  readonly failures: Error[] = [];
  private readonly heard = new Emitter<void>();
  private runtime!: Runtime;
  /** While true, the line carries nothing. */
  held = false;
  private carriers: (() => void)[] = [];

  private constructor(readonly flash: MemoryFlash) {}

  static async start(
    options: Partial<RuntimeOptions> & { files?: Record<string, string>; flash?: MemoryFlash } = {},
  ): Promise<TestBoard> {
    const { files: contents, flash = new MemoryFlash(), ...rest } = options;
    if (contents) await install(flash, contents);
    const board = new TestBoard(flash);
    board.runtime = await startRuntime(
      {
        flash,
        mcu: 'ESP32',
        build: 'ESP32_GENERIC',
        mac: Uint8Array.of(0x24, 0x6f, 0x28, 0xaa, 0xbb, 0xcc),
        name: 'machine1',
        resetCause: 'power-on',
        networks: [{ ssid: 'Parley', password: 'secret' }, { ssid: 'Open' }],
        allowHosts: [],
        firmwareVersion: '1.27',
        tx: (bytes, done) => {
          board.said += Buffer.from(bytes).toString('latin1');
          board.heard.fire();
          if (board.held) board.carriers.push(done);
          else setImmediate(done);
        },
        onHardReset: (cause, afterMs) => {
          board.resets.push({ cause, afterMs });
          board.heard.fire();
        },
        onFailure: (error) => {
          board.failures.push(error);
          board.heard.fire();
        },
        ...rest,
      },
      runtimeFiles(),
    );
    return board;
  }

  /** A board at its prompt, in raw mode. */
  static async raw(options: Parameters<typeof TestBoard.start>[0] = {}): Promise<TestBoard> {
    const board = await TestBoard.start(options);
    await board.until('>>> ');
    board.type('\x01');
    await board.until('raw REPL; CTRL-B to exit\r\n>');
    return board;
  }

  setReading(name: string, value: number | null): void {
    this.runtime.setReading(name, value);
  }

  get world(): Outside {
    return this.runtime.world();
  }

  setNetworks(networks: RuntimeOptions['networks']): void {
    this.runtime.setNetworks(networks);
  }

  setShare(share: number): void {
    this.runtime.setShare(share);
  }

  setTrouble(trouble: Trouble): void {
    this.runtime.setTrouble(trouble);
  }

  type(text: string): void {
    this.runtime.rx(Buffer.from(text, 'latin1'));
  }

  /** Lets the line carry again what was held. */
  release(): void {
    this.held = false;
    for (const done of this.carriers.splice(0)) done();
  }

  /** What was said up to and with `text`. */
  async until(text: string): Promise<string> {
    await this.when(() => this.said.includes(text), `waiting for ${JSON.stringify(text)}`);
    const end = this.said.indexOf(text) + text.length;
    const taken = this.said.slice(0, end);
    this.said = this.said.slice(end);
    return taken;
  }

  async when(condition: () => boolean, what: string): Promise<void> {
    const end = performance.now() + PATIENCE;
    while (!condition()) {
      const left = end - performance.now();
      if (left <= 0)
        assert.fail(`${what}; the board said ${JSON.stringify(this.said.slice(-2000))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => settle(), left);
        const subscription = this.heard.event(() => settle());
        const settle = (): void => {
          clearTimeout(timer);
          subscription.dispose();
          resolve();
        };
      });
    }
  }

  /** Starts a program in raw mode. */
  async launch(code: string): Promise<void> {
    this.type(`${code}\x04`);
    await this.until('OK');
  }

  /** What the program that was launched has printed and raised, once it ends. */
  async result(): Promise<{ out: string; error: string }> {
    const out = (await this.until('\x04')).slice(0, -1);
    const error = (await this.until('\x04>')).slice(0, -2);
    return { out, error };
  }

  /** Runs a program in raw mode; what it printed. It must not raise. */
  async run(code: string): Promise<string> {
    await this.launch(code);
    const { out, error } = await this.result();
    assert.equal(error, '', `the program printed ${JSON.stringify(out)}`);
    return out;
  }

  /** Runs a program that must raise; the traceback. */
  async raises(code: string): Promise<string> {
    await this.launch(code);
    const { out, error } = await this.result();
    assert.notEqual(error, '', `the program printed ${JSON.stringify(out)}`);
    return error;
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    assert.deepEqual(this.failures, []);
  }
}

/** Writes files onto a flash through a board of its own, as a user would. */
async function install(flash: MemoryFlash, contents: Record<string, string>): Promise<void> {
  const board = await TestBoard.raw({ flash });
  for (const [name, text] of Object.entries(contents))
    await board.run(
      `f=open(${JSON.stringify(name)},'w')\nf.write(${JSON.stringify(text)})\nf.close()`,
    );
  await board.stop();
}
