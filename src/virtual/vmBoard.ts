/**
 * The life of a board's MicroPython: start, boot.py, main.py, the prompt, soft reset, and again.
 * Below: vmEngine.ts (one VM), vmHost.ts, vmLine.ts. Above: worker.ts.
 * The order of things is that of the ESP32 port's `mp_task` (ports/esp32/main.c) and `pyexec`.
 */
import { FileStore, type Region } from './fileStore';
import { VmEngine, type PythonError } from './vmEngine';
import { VmFiles } from './vmFiles';
import { machineName, VmHost } from './vmHost';
import { BUILD } from './vmImage';
import type { VmLine } from './vmLine';
import type { WorkerStart } from './vmProtocol';
import { rawPaste } from './vmRawPaste';
import { TracebackFilter } from './vmTraceback';

/** With what the built-in modules take, this leaves a program the 160 KB of an ESP32 without PSRAM. */
const HEAP_BYTES = 208 * 1024;
const FRAME_WORDS = 4096;
const RELEASES = { '1.27': 'v1.27.0 on 2025-12-10', '1.13': 'v1.13 on 2020-09-02' } as const;
const RAW_BANNER = 'raw REPL; CTRL-B to exit';
const [CTRL_A, CTRL_C, CTRL_E] = [1, 3, 5];

export class VmBoard {
  private readonly host: VmHost;
  private readonly store: FileStore;
  private engine!: VmEngine;
  private tracebacks = new TracebackFilter();
  private raw = false;
  /** Says nothing until the banner of the raw prompt. */
  private muted = false;
  /** Where a Ctrl-E A Ctrl-A at the start of a raw command has got to. */
  private pasteRequest: number[] = [];
  private commandStarted = false;

  constructor(
    private readonly start: WorkerStart,
    private readonly line: VmLine,
    region: Region,
    nvs: Region,
  ) {
    this.host = new VmHost(line, start, nvs);
    this.store = FileStore.open(region);
  }

  /** Runs for ever; each turn is one VM, from its start to a soft reset. */
  run(onReady: () => void): never {
    for (let first = true; ; first = false) {
      this.startVm();
      if (first) onReady();
      this.live();
      this.line.running = false;
      this.say('MPY: soft reboot\r\n');
    }
  }

  private say(text: string): void {
    this.line.write(Buffer.from(text));
  }

  private startVm(): void {
    const files = new VmFiles(this.store, this.start.modules, () => this.engine.memory, {
      print: (bytes) => this.print(bytes),
      read: (limit) => this.read(limit),
    });
    this.muted = false;
    this.tracebacks = new TracebackFilter();
    this.engine = new VmEngine({
      image: this.start.image,
      files,
      host: this.host.functions(),
      heapBytes: HEAP_BYTES,
      frameWords: FRAME_WORDS,
      onPending: () => this.host.onPending(),
    });
    this.line.attach(this.engine);
    this.host.attach(this.engine);
    this.engine.offerHost('_host');
    const error = this.engine.run(Buffer.from(this.start.modules['_boot.py'] ?? []).toString());
    if (error) this.say(error.text.replaceAll('\n', '\r\n'));
    this.line.post({ type: 'memory', memory: this.engine.memory.buffer });
  }

  /** What the VM prints: at the prompt its banner is made the board's. */
  private print(bytes: Uint8Array): void {
    if (this.muted) {
      if (!Buffer.from(bytes).toString('latin1').startsWith(RAW_BANNER)) return;
      this.muted = false;
    }
    let text = this.tracebacks.pass(Buffer.from(bytes).toString('latin1'));
    if (this.line.running || bytes.length < 8) return this.line.print(Buffer.from(text, 'latin1'));
    if (text.startsWith(RAW_BANNER)) this.raw = true;
    else if (text.includes('JS with Emscripten') || text.includes('MicroPython v1.')) {
      this.raw = false;
      text = text
        .replace('JS with Emscripten', machineName(this.start.mcu))
        .replace(/v1\.\d+\.\d+ on \d{4}-\d\d-\d\d/, RELEASES[this.start.firmwareVersion]);
    }
    this.line.print(Buffer.from(text, 'latin1'));
  }

  /** `sys.stdin` at the level of C: only where a program got around the module `sys` of the board. */
  private read(limit: number): Uint8Array {
    if (!this.line.waitFor(() => this.line.available > 0)) return new Uint8Array(0);
    const bytes: number[] = [];
    while (bytes.length < limit && this.line.available > 0) bytes.push(this.line.next());
    return Uint8Array.from(bytes);
  }

  /** Runs Python with Ctrl-C as interrupt. */
  private execute(source: string): PythonError | undefined {
    const { engine, line } = this;
    engine.memory.setU32(BUILD.interruptChar, CTRL_C);
    this.programStarts();
    const error = engine.run(source);
    line.programEnded();
    engine.memory.setU32(BUILD.interruptChar, -1);
    engine.clearInterrupt();
    return error;
  }

  /** 'exit' when the program asked for a soft reset, 'failed' when it raised. */
  private runFile(name: string): 'ok' | 'failed' | 'exit' {
    if (this.store.stat(`/${name}`)?.kind !== 'file') return 'ok';
    const error = this.execute(`execfile(${JSON.stringify(name)})`);
    if (!error) return 'ok';
    if (error.type === 'SystemExit') return 'exit';
    // The line of the traceback that is ours.
    const text = error.text.replace('  File "<stdin>", line 1, in <module>\n', '');
    this.line.print(Buffer.from(text));
    return 'failed';
  }

  /** boot.py, main.py, the prompt; returns when a soft reset is asked for. */
  private live(): void {
    const boot = this.runFile('boot.py');
    if (boot === 'exit') return;
    if (!this.raw && boot === 'ok' && this.runFile('main.py') === 'exit') return;
    this.pasteRequest = [];
    this.commandStarted = false;
    if (this.raw) {
      this.muted = true;
      this.engine.startRepl();
      this.engine.feed(CTRL_A);
      this.muted = false;
    } else this.engine.startRepl();
    this.prompt();
  }

  private prompt(): void {
    const { line, engine, host } = this;
    for (;;) {
      line.running = false;
      if (engine.interrupted) {
        // It came between two characters: then it is one.
        engine.clearInterrupt();
        line.unread(CTRL_C);
      }
      if (host.timerDue) {
        this.runTimers();
        continue;
      }
      if (!line.waitFor(() => line.available > 0)) continue;
      if (this.accept(line.next())) return;
    }
  }

  /** A turn of the VM, for the callbacks that are due while nothing runs. */
  private runTimers(): void {
    this.host.onPending();
    const error = this.execute('[0 for _ in (0,)]');
    if (error) this.line.print(Buffer.from(error.text));
  }

  /** One character at the prompt; true for a soft reset. */
  private accept(character: number): boolean {
    if (!this.raw) return this.feed(character);
    const request = this.pasteRequest;
    const expected = [CTRL_E, 0x41, CTRL_A][request.length];
    if (character === expected && (request.length > 0 || !this.commandStarted)) {
      request.push(character);
      if (request.length < 3) return false;
      this.pasteRequest = [];
      // Firmware before 1.14 takes Ctrl-E and A for code, and Ctrl-A for a new start.
      if (this.start.firmwareVersion === '1.13') return this.feed(CTRL_A);
      return this.paste();
    }
    this.pasteRequest = [];
    for (const held of request) if (this.feed(held)) return true;
    this.commandStarted = character > 5;
    return this.feed(character);
  }

  private feed(character: number): boolean {
    const { line, engine } = this;
    // What ends a line or a command may run it.
    const runs = this.raw ? character === 4 : character === 13 || character === 4;
    if (runs) this.programStarts();
    const reset = engine.feed(character);
    line.programEnded();
    return reset;
  }

  private programStarts(): void {
    this.line.programStarts();
    if (this.line.earlyAt !== Infinity) this.host.setAlarm();
    else this.host.keepAlarm();
  }

  private paste(): boolean {
    this.commandStarted = false;
    return rawPaste(this.line, (source) => this.execute(source)) === 'exit';
  }
}
