/**
 * One MicroPython VM in WebAssembly: made, fed with characters, told to run text.
 * Below: vmImage.ts (what is known of the build), vmFiles.ts (its system calls). Above: vmBoard.ts.
 *
 * This takes the place of the port's own JavaScript glue, and of its bridge to JavaScript with it: Python
 * sees one object of functions that take and give numbers and text (`HostFunctions`), and nothing else
 * of this side. What is not a function of that table has no attributes, no items, and cannot be called.
 */
import { randomBytes } from 'node:crypto';
import { BoardError } from '../core/errors';
import type { VmFiles } from './vmFiles';
import { BUILD } from './vmImage';
import { VmMemory } from './vmMemory';
import { withoutOwnFrames } from './vmTraceback';

export type HostValue = number | string;
/** Pure functions of numbers and text; they must not throw. */
export type HostFunctions = Readonly<Record<string, (...args: HostValue[]) => HostValue | void>>;

type WasmFunction = (...args: (number | bigint)[]) => number;

/** Kinds of values that cross, as the port's C side numbers them (objjsproxy.c, proxy_c.c). */
const TO_PYTHON = { undefined: 0, integer: 3, double: 4, text: 5, object: 7 } as const;
const FROM_PYTHON = { exception: -1, none: 1, boolean: 2, integer: 3, float: 4, text: 5 } as const;
/** What a host function that was given nonsense answers: -EINVAL. */
const REFUSED = -22;
const HOST_REFERENCE = 2;
const FUNCTION_REFERENCE = 16;
/** What a `longjmp` throws: emscripten's invoke_* functions catch it. */
const LONG_JUMP = Infinity;

export interface VmOptions {
  readonly image: WebAssembly.Module;
  readonly files: VmFiles;
  readonly host: HostFunctions;
  /** Bytes of the Python heap. */
  readonly heapBytes: number;
  /** Words of the stack of Python frames: what bounds recursion. */
  readonly frameWords: number;
  /** Called inside the VM whenever its scheduler is looked at. */
  readonly onPending: () => void;
}

export interface PythonError {
  readonly type: string;
  /** Traceback, the user's frames only, and message; lines ended by LF. */
  readonly text: string;
}

export class VmEngine {
  readonly memory: VmMemory;
  private readonly exports: Record<string, WasmFunction>;
  private readonly table: WebAssembly.Table;
  private readonly functions: ((...args: HostValue[]) => HostValue | void)[] = [];
  private readonly functionIds = new Map<string, number>();
  private readonly scratch: number;

  constructor(private readonly options: VmOptions) {
    for (const [name, call] of Object.entries(options.host)) {
      this.functionIds.set(name, FUNCTION_REFERENCE + this.functions.length);
      this.functions.push(call);
    }
    const { env, wasi } = options.files.imports();
    const instance = new WebAssembly.Instance(options.image, {
      env: this.complete({ ...env, ...this.environment() }),
      wasi_snapshot_preview1: wasi,
    });
    const exported = instance.exports;
    this.exports = exported as unknown as Record<string, WasmFunction>;
    this.table = exported.__indirect_function_table as WebAssembly.Table;
    const memory = exported.memory as WebAssembly.Memory;
    this.memory = new VmMemory(memory.buffer as unknown as SharedArrayBuffer);
    this.call('__wasm_call_ctors');
    this.scratch = this.call('malloc', 64);
    this.call('mp_js_init', options.frameWords, options.heapBytes);
    this.call('proxy_c_init');
  }

  /** Runs `source` in `__main__`; the error it ended with, if any. */
  run(source: string): PythonError | undefined {
    const text = Buffer.from(source);
    const at = this.place(text);
    this.call('mp_js_do_exec', at, text.length, this.scratch);
    this.call('free', at);
    const { memory: m, scratch } = this;
    const kind = m.i32(scratch);
    if (kind !== FROM_PYTHON.exception) {
      this.take(scratch);
      return undefined;
    }
    const said = m.text(m.u32(scratch + 8), m.u32(scratch + 4));
    this.call('free', m.u32(scratch + 8));
    const [type = 'Exception', message = ''] = said.split('\x04');
    return { type, text: withoutOwnFrames(message) };
  }

  /** Lets `import name` find the host functions until {@link run} takes it from `sys.modules`. */
  offerHost(name: string): void {
    const text = this.place(Buffer.from(name));
    this.memory.setU32(this.scratch, TO_PYTHON.object);
    this.memory.setU32(this.scratch + 4, HOST_REFERENCE);
    this.call('mp_js_register_js_module', text, this.scratch);
  }

  startRepl(): void {
    this.call('mp_js_repl_init');
  }

  /** Gives the prompt one character; true when it wants a soft reset. */
  feed(character: number): boolean {
    return this.call('mp_js_repl_process_char', character) !== 0;
  }

  /** Raises KeyboardInterrupt in whatever runs. */
  interrupt(): void {
    this.call('mp_sched_keyboard_interrupt');
  }

  get interrupted(): boolean {
    return this.memory.u32(BUILD.pendingException) !== 0;
  }

  clearInterrupt(): void {
    this.memory.setU32(BUILD.pendingException, 0);
  }

  /** The character that interrupts (3 unless `micropython.kbd_intr` changed it; -1 none). */
  get interruptChar(): number {
    return this.memory.i32(BUILD.interruptChar);
  }

  /** Queues `callback(argument)` as `micropython.schedule` does; false when four wait already. */
  schedule(callback: number, argument: number): boolean {
    const { memory: m } = this;
    const length = m.bytes[BUILD.schedulerLength]!;
    if (length >= BUILD.schedulerDepth) return false;
    const slot = (m.bytes[BUILD.schedulerIndex]! + length) % BUILD.schedulerDepth;
    m.setU32(BUILD.schedulerQueue + slot * 8, callback);
    m.setU32(BUILD.schedulerQueue + slot * 8 + 4, (argument << 1) | 1);
    m.bytes[BUILD.schedulerLength] = length + 1;
    this.poke();
    return true;
  }

  /** True inside a scheduled callback, where no other may run. */
  get schedulerLocked(): boolean {
    return this.memory.view.getInt16(BUILD.schedulerState, true) < 0;
  }

  /** Makes the VM look at its scheduler at the next jump. */
  poke(): void {
    const { view } = this.memory;
    if (view.getInt16(BUILD.schedulerState, true) === 1)
      view.setInt16(BUILD.schedulerState, 0, true);
  }

  /** The function queued last: how Python hands a callback over to {@link schedule}. */
  lastScheduled(): number {
    const { memory: m } = this;
    const length = m.bytes[BUILD.schedulerLength]!;
    const slot = (m.bytes[BUILD.schedulerIndex]! + length - 1) % BUILD.schedulerDepth;
    return length > 0 ? m.u32(BUILD.schedulerQueue + slot * 8) : 0;
  }

  private call(name: string, ...args: number[]): number {
    const target = this.exports[name];
    if (!target) throw new BoardError('virtual-failed', `the VM has no ${name}`);
    return target(...args);
  }

  private place(text: Uint8Array): number {
    const at = this.call('malloc', text.length + 1);
    if (!at) throw new BoardError('virtual-failed', 'the VM has no room for text');
    this.memory.bytes.set(text, at);
    this.memory.bytes[at + text.length] = 0;
    return at;
  }

  /** A value Python gave. Objects are let go at once: they are no concern of this side. */
  private take(at: number): HostValue {
    const { memory: m } = this;
    const kind = m.i32(at);
    if (kind === FROM_PYTHON.none) return 0;
    if (kind === FROM_PYTHON.boolean || kind === FROM_PYTHON.integer) return m.i32(at + 4);
    if (kind === FROM_PYTHON.text) return m.text(m.u32(at + 8), m.u32(at + 4));
    if (kind === FROM_PYTHON.float) {
      const whole = new DataView(new ArrayBuffer(8));
      whole.setUint32(0, m.u32(at + 4), true);
      whole.setUint32(4, m.u32(at + 8), true);
      return whole.getFloat64(0, true);
    }
    if (kind >= 6 && kind <= 8) this.call('proxy_c_free_obj', m.u32(at + 4));
    return 0;
  }

  private give(value: HostValue | void, at: number): void {
    const { memory: m } = this;
    if (value === undefined) m.setU32(at, TO_PYTHON.undefined);
    else if (typeof value === 'string') {
      const text = Buffer.from(value);
      m.setU32(at, TO_PYTHON.text);
      m.setU32(at + 4, text.length);
      m.setU32(at + 8, this.place(text));
    } else if (Number.isInteger(value) && value === (value | 0)) {
      m.setU32(at, TO_PYTHON.integer);
      m.setU32(at + 4, value);
    } else {
      const whole = new DataView(new ArrayBuffer(8));
      whole.setFloat64(0, value, true);
      m.setU32(at, TO_PYTHON.double);
      m.setU32(at + 4, whole.getUint32(0, true));
      m.setU32(at + 8, whole.getUint32(4, true));
    }
  }

  private invokeHost(reference: number, args: readonly number[], result: number): void {
    const target = this.functions[reference - FUNCTION_REFERENCE];
    const values = args.map((at) => this.take(at));
    let answer: HostValue | void;
    try {
      answer = target?.(...values);
    } catch {
      // A program that got hold of the function itself and gave it an address outside its memory.
      answer = REFUSED;
    }
    this.give(answer, result);
  }

  /** Calls from the VM through its function table, with what C calls setjmp around them. */
  private guarded(index: number, args: number[]): number {
    const stack = this.call('emscripten_stack_get_current');
    try {
      return (this.table.get(index) as WasmFunction)(...args);
    } catch (error) {
      this.call('_emscripten_stack_restore', stack);
      if (error !== LONG_JUMP) throw error;
      this.call('setThrew', 1, 0);
      return 0;
    }
  }

  /** The imports that are not system calls. */
  private environment(): Record<string, (...args: number[]) => number | void> {
    const each = (at: number, count: number): number[] =>
      Array.from({ length: count }, (_, n) => at + n * 12);
    return {
      mp_js_random_u32: () => randomBytes(4).readInt32LE(),
      // The clock of `time.ticks_ms` too (VmHost): asyncio compares the two.
      mp_js_ticks_ms: () => performance.now(),
      mp_js_time_ms: () => Date.now(),
      lookup_attr: (reference, name, result) => {
        if (reference !== HOST_REFERENCE) return 0;
        const id = this.functionIds.get(this.memory.text(name!));
        if (id === undefined) return 0;
        this.memory.setU32(result!, TO_PYTHON.object);
        this.memory.setU32(result! + 4, id);
        return 1;
      },
      has_attr: (reference, name) =>
        reference === HOST_REFERENCE && this.functionIds.has(this.memory.text(name!)) ? 1 : 0,
      call0: (f, result) => this.invokeHost(f!, [], result!),
      call1: (f, _via, a, result) => this.invokeHost(f!, [a!], result!),
      call2: (f, _via, a, b, result) => this.invokeHost(f!, [a!, b!], result!),
      calln: (f, _via, count, args, result) => this.invokeHost(f!, each(args!, count!), result!),
      call0_kwarg: (_f, _via, _n, _key, _value, result) => this.give(undefined, result!),
      calln_kwarg: (_f, _via, _n, _args, _k, _key, _value, result) => this.give(undefined, result!),
      js_subscr_load: (_object, _index, result) => this.give(undefined, result!),
      js_reflect_construct: (_f, _n, _args, result) => this.give(undefined, result!),
      js_get_iter: (_object, result) => this.give(undefined, result!),
      js_check_existing: () => -1,
      js_get_error_info: (_object, name, message) => {
        this.give('Error', name!);
        this.give('', message!);
      },
      js_get_proxy_js_ref_info: (result) => {
        this.memory.setU32(result!, 0);
        this.memory.setU32(result! + 4, 0);
      },
      proxy_convert_mp_to_js_then_js_to_mp_obj_jsside: (at) => this.give(undefined, at!),
      [BUILD.hook]: () => this.options.onPending(),
      emscripten_resize_heap: () => 0,
      _emscripten_throw_longjmp: () => {
        throw LONG_JUMP;
      },
      _abort_js: () => {
        throw new BoardError('virtual-failed', 'MicroPython aborted');
      },
    };
  }

  /** Gives every import of the image a function: `invoke_*` by rule, an unknown one does nothing. */
  private complete(known: Record<string, unknown>): WebAssembly.ModuleImports {
    const all: Record<string, unknown> = { ...known };
    for (const { module, name, kind } of WebAssembly.Module.imports(this.options.image)) {
      if (module !== 'env' || kind !== 'function' || all[name]) continue;
      all[name] = name.startsWith('invoke_')
        ? (index: number, ...args: number[]) => this.guarded(index, args)
        : () => 0;
    }
    return all as WebAssembly.ModuleImports;
  }
}
