/**
 * Makes the MicroPython of the web into one with a garbage collector that works everywhere.
 * Below: the bytes of one exact build of the WebAssembly port. Above: vmEngine.ts instantiates the result.
 *
 * The port collects only while no Python runs, because a collector cannot see WebAssembly locals, and
 * lets its heap grow instead. A chip has a fixed heap and collects when it is full. So every function
 * from which the collector can be reached is rewritten to keep its i32 values in memory too (its "shadow
 * frame" on the C stack), `gc_collect` really collects with that stack as roots, and the heap never grows.
 */
import { createHash } from 'node:crypto';
import { BoardError } from '../core/errors';
import { WasmReader, bytesOf, sleb, uleb } from './vmWasm';
import { rewriteFunction, type FunctionTypes } from './vmSpill';

/** What is known of the one build this file can rewrite (read from its disassembly). */
export const BUILD = {
  sha256: '06338c955b03c5700aa0069015d3e392d76836ef8e2ce25bedbe59b88ccd373c',
  /** `mp_state_ctx`, and words in it (py/mpstate.h of 1.27). */
  context: 185108,
  pendingException: 185108 + 40,
  keyboardInterrupt: 185108 + 68,
  keyboardInterruptTraceback: 185108 + 76,
  /** i16: 1 idle, 0 pending, -1 locked. */
  schedulerState: 185108 + 252,
  /** u8 each: how many callbacks wait, and the first of the four slots {function, argument}. */
  schedulerLength: 185108 + 254,
  schedulerIndex: 185108 + 255,
  schedulerQueue: 185108 + 192,
  schedulerDepth: 4,
  /** The first (here: only) heap area: +4 allocation table, +16 pool start, +20 pool end. */
  heapArea: 185108 + 384,
  interruptChar: 178872,
  gcCollect: 1278,
  gcMaxNewSplit: 1277,
  gcStart: 78,
  gcEnd: 80,
  gcMarkSubtree: 79,
  stackLimit: 438,
  /** `mp_handle_pending_internal`: what the VM calls when the scheduler has work. */
  handlePending: 432,
  /** The import it calls first: one that only `jsffi` needed, so it is free. */
  hook: 'proxy_convert_mp_to_js_then_js_to_js_then_js_to_mp_obj_jsside',
  /** Pointers to the names of the modules that lead to JavaScript: `js` and `jsffi`. */
  privateNames: [
    [89948, 'js'],
    [89952, 'jsffi'],
  ] as readonly (readonly [number, string])[],
  /**
   * Names (u16 each, of the frozen `asyncio.core`) that say which modules its first line imports:
   * `sys`, and after it `js` and `jsffi`.
   */
  asyncioImports: 111884,
  /** Their numbers among all names: `js`, `jsffi`. */
  privateNumbers: [479, 480],
  dataStart: 65536,
} as const;

/** Pages of 64 KiB: 4 MiB in all, of which the last 512 KiB are the C stack with the shadow frames. */
export const MEMORY_PAGES = 64;
export const STACK_TOP = MEMORY_PAGES * 65536;
const STACK_LIMIT = 448 * 1024;

/** `gc_collect` written anew: mark from the roots, then from every word of the stack, then sweep. */
function collectBody(): number[] {
  const area = BUILD.heapArea;
  const get = (n: number): number[] => [0x20, n];
  const set = (n: number): number[] => [0x21, n];
  const constant = (n: number): number[] => [0x41, ...sleb(n)];
  const load = (address: number): number[] => [...constant(address), 0x28, 2, 0];
  const [at, pointer, start, end, table, block, cell, shift] = [0, 1, 2, 3, 4, 5, 6, 7];
  const code = [
    ...[0x10, ...uleb(BUILD.gcStart)],
    ...[0x23, 0, ...set(at)],
    ...load(area + 16),
    ...set(start),
    ...load(area + 20),
    ...set(end),
    ...load(area + 4),
    ...set(table),
    ...[0x02, 0x40, 0x03, 0x40], // block, loop
    ...[...get(at), ...constant(STACK_TOP), 0x4f, 0x0d, 1], // at >= top: out
    ...[...get(at), 0x28, 2, 0, ...set(pointer)],
    ...[...get(at), ...constant(4), 0x6a, ...set(at)],
    ...[...get(pointer), ...constant(15), 0x71, 0x0d, 0], // not aligned: next
    ...[...get(pointer), ...get(start), 0x49, 0x0d, 0],
    ...[...get(pointer), ...get(end), 0x4f, 0x0d, 0],
    ...[...get(pointer), ...get(start), 0x6b, ...constant(4), 0x76, ...set(block)],
    ...[...get(table), ...get(block), ...constant(2), 0x76, 0x6a, ...set(cell)],
    ...[...get(block), ...constant(3), 0x71, ...constant(1), 0x74, ...set(shift)],
    // two bits a block; 1 is the head of an object not marked yet, 3 a marked head (py/gc.c)
    ...[...get(cell), 0x2d, 0, 0, ...get(shift), 0x76, ...constant(3), 0x71, ...constant(1)],
    ...[0x47, 0x0d, 0],
    ...[
      ...get(cell),
      ...get(cell),
      0x2d,
      0,
      0,
      ...constant(2),
      ...get(shift),
      0x74,
      0x72,
      0x3a,
      0,
      0,
    ],
    ...[...constant(area), ...get(block), 0x10, ...uleb(BUILD.gcMarkSubtree)],
    ...[0x0c, 0, 0x0b, 0x0b], // next; end loop, end block
    ...[0x10, ...uleb(BUILD.gcEnd), 0x0b],
  ];
  return [...uleb(1), ...uleb(8), 0x7f, ...code];
}

/** The frozen package, as the list of frozen files names it, and the name it is given there. */
const FROZEN_ASYNCIO = '\0asyncio/';
const FROZEN_ASYNCIO_FILES = 5;
const SCHEDULER_NAME = '_syncio';

/** In the place of "jsffi"; its first two letters are also in the place of "js". */
const UNSPEAKABLE = 'jr\x7f\x7f\x7f';

interface Section {
  readonly id: number;
  readonly bytes: Uint8Array;
}

function sections(image: Uint8Array): Section[] {
  const reader = new WasmReader(image, 8);
  const found: Section[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const length = reader.u32();
    found.push({ id, bytes: reader.take(length) });
  }
  return found;
}

function readTypes(bytes: Uint8Array): FunctionTypes['types'][number][] {
  const reader = new WasmReader(bytes);
  return reader.vector(() => {
    if (reader.byte() !== 0x60) throw new BoardError('virtual-failed', 'not a function type');
    return {
      params: reader.vector(() => reader.byte()),
      results: reader.vector(() => reader.byte()),
    };
  });
}

/** Type index of each imported function, and each one's name. */
function readImports(bytes: Uint8Array): { type: number; name: string }[] {
  const reader = new WasmReader(bytes);
  const imports: { type: number; name: string }[] = [];
  reader.vector(() => {
    reader.text();
    const name = reader.text();
    if (reader.byte() !== 0) throw new BoardError('virtual-failed', 'an import is no function');
    imports.push({ type: reader.u32(), name });
  });
  return imports;
}

/** The functions from which the collector can be reached: calls through a table can reach it. */
function collectors(
  functions: { calls: Set<number>; indirect: boolean }[],
  imports: { name: string }[],
): Set<number> {
  const base = imports.length;
  const may = new Set<number>([BUILD.gcCollect]);
  imports.forEach((i, n) => {
    if (i.name.startsWith('invoke_')) may.add(n);
  });
  functions.forEach((f, n) => {
    if (f.indirect) may.add(base + n);
  });
  for (let grown = true; grown;) {
    grown = false;
    functions.forEach((f, n) => {
      if (may.has(base + n)) return;
      for (const callee of f.calls)
        if (may.has(callee)) {
          may.add(base + n);
          grown = true;
          return;
        }
    });
  }
  return may;
}

/**
 * The module to run, from the module as published.
 * @throws BoardError 'virtual-failed' when it is another build than the one known here
 */
export function makeVmImage(published: Uint8Array): Uint8Array<ArrayBuffer> {
  const digest = createHash('sha256').update(published).digest('hex');
  if (digest !== BUILD.sha256)
    throw new BoardError('virtual-failed', `unknown MicroPython build ${digest.slice(0, 12)}`);
  const all = sections(published);
  const section = (id: number): Uint8Array => {
    const found = all.find((s) => s.id === id);
    if (!found) throw new BoardError('virtual-failed', `the module has no section ${id}`);
    return found.bytes;
  };
  const types = readTypes(section(1));
  const imports = readImports(section(2));
  const defined = new WasmReader(section(3));
  const typeOf = [...imports.map((i) => i.type), ...defined.vector(() => defined.u32())];
  const context: FunctionTypes = { types, typeOf, globals: 4, mayCollect: new Set() };

  const code = new WasmReader(section(10));
  const bodies = code.vector(() => code.take(code.u32()));
  const calls = bodies.map((body, n) =>
    rewriteFunction(body, imports.length + n, { ...context, scan: true }),
  );
  const mayCollect = collectors(calls, imports);
  const hook = imports.findIndex((i) => i.name === BUILD.hook);
  const parts: Uint8Array[] = [bytesOf(uleb(bodies.length))];
  bodies.forEach((body, n) => {
    const index = imports.length + n;
    let rewritten: Uint8Array;
    if (index === BUILD.gcCollect) rewritten = bytesOf(collectBody());
    else if (index === BUILD.gcMaxNewSplit) rewritten = bytesOf([0, 0x41, 0, 0x0b]);
    else if (index === BUILD.stackLimit) rewritten = withStackLimit(body);
    else if (mayCollect.has(index))
      rewritten = rewriteFunction(body, index, { ...context, mayCollect }).body;
    else rewritten = body;
    if (index === BUILD.handlePending) rewritten = withHook(rewritten, hook);
    parts.push(bytesOf(uleb(rewritten.length)), rewritten);
  });

  const result = [published.subarray(0, 8)];
  for (const { id, bytes } of all) {
    if (id === 0) continue; // names and producers: nobody reads them
    let content = bytes;
    // Shared, so that Ctrl-C reaches a program that never leaves the VM; exactly this large.
    if (id === 5) content = bytesOf([1, 3, ...uleb(MEMORY_PAGES), ...uleb(MEMORY_PAGES)]);
    if (id === 6) content = withStackTop(bytes);
    if (id === 10) content = Buffer.concat(parts);
    if (id === 11) content = withoutPrivateNames(bytes);
    result.push(bytesOf([id, ...uleb(content.length)]), content);
  }
  return new Uint8Array(Buffer.concat(result));
}

/** `mp_cstack_init_with_sp_here(limit)`: the limit it is given is for the published, smaller stack. */
function withStackLimit(body: Uint8Array): Uint8Array {
  // Behind the local declarations (one group): limit = STACK_LIMIT.
  const head = [...body.subarray(0, 3)];
  return Buffer.concat([bytesOf([...head, 0x41, ...sleb(STACK_LIMIT), 0x21, 0]), body.subarray(3)]);
}

/** Calls the import `hook`, with 0, at the start of a function. */
function withHook(body: Uint8Array, hook: number): Uint8Array {
  const reader = new WasmReader(body);
  reader.vector(() => [reader.u32(), reader.byte()]);
  const call = bytesOf([0x41, 0, 0x10, ...uleb(hook)]);
  return Buffer.concat([body.subarray(0, reader.position), call, body.subarray(reader.position)]);
}

/** The first global is the stack pointer; it starts at the end of the memory. */
function withStackTop(bytes: Uint8Array): Uint8Array {
  const before = [0x7f, 1, 0x41, ...sleb(65536), 0x0b];
  const reader = new WasmReader(bytes);
  const count = reader.u32();
  const found = reader.take(before.length);
  if (Buffer.compare(found, bytesOf(before)) !== 0)
    throw new BoardError('virtual-failed', 'the stack pointer is not the first global');
  return Buffer.concat([
    bytesOf([...uleb(count), 0x7f, 1, 0x41, ...sleb(STACK_TOP), 0x0b]),
    reader.take(bytes.length - reader.position),
  ]);
}

/**
 * Makes the names of the two modules that reach JavaScript ones that no program can say: the interned
 * name keeps its old hash, so a lookup by the new letters never finds it.
 */
function withoutPrivateNames(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const reader = new WasmReader(copy);
  reader.u32();
  if (reader.u32() !== 0 || reader.byte() !== 0x41 || reader.s32() !== BUILD.dataStart)
    throw new BoardError('virtual-failed', 'the data is not where it was');
  reader.byte();
  reader.u32();
  const origin = reader.position - BUILD.dataStart;
  const spare = copy.readUInt32LE(origin + BUILD.privateNames[1]![0]); // "jsffi", used by nothing else
  for (const [pointer, name] of BUILD.privateNames) {
    const at = origin + copy.readUInt32LE(origin + pointer);
    if (copy.toString('latin1', at, at + name.length + 1) !== `${name}\0`)
      throw new BoardError('virtual-failed', `the name ${name} is not where it was`);
  }
  // Names are searched by halves: what stands there instead must sort where they stood, or names
  // before them are never found. Both sort between "join" and "json".
  copy.write(UNSPEAKABLE, origin + spare, 'latin1');
  const [js] = BUILD.privateNames;
  copy.writeUInt32LE(spare, origin + js![0]);
  withoutBrowser(copy, origin);
  withEspErrors(copy);
  return copy;
}

/** The module `errno`: the numbers of its table in the build, and those of the ESP32 (newlib). */
const ERRORS: readonly (readonly [build: number, esp32: number])[] = [
  ...[1, 2, 5, 9, 11, 12, 13, 17, 19, 21, 22, 95].map((same) => [same, same] as const),
  [98, 112], // EADDRINUSE
  [103, 113], // ECONNABORTED
  [104, 104], // ECONNRESET
  [105, 105], // ENOBUFS
  [107, 128], // ENOTCONN
  [110, 116], // ETIMEDOUT
  [111, 111], // ECONNREFUSED
  [113, 118], // EHOSTUNREACH
  [114, 120], // EALREADY
  [115, 119], // EINPROGRESS
];

/**
 * Gives the errors the numbers they have on an ESP32. They stand in two tables, by name and by
 * number; the compiler takes `errno.X` from there, so a module in Python could not.
 */
function withEspErrors(data: Buffer): void {
  const word = (number: number): number => number * 2 + 1; // a small int as an object
  const matches = (at: number): boolean =>
    ERRORS.every(([build], i) => data.readUInt32LE(at + i * 8) === word(build));
  const tables: number[] = [];
  for (let at = 0; at + ERRORS.length * 8 <= data.length; at++) {
    if (data[at] === 3 && matches(at)) tables.push(at);
  }
  if (tables.length !== 2)
    throw new BoardError('virtual-failed', 'the tables of errno are not where they were');
  for (const table of tables) {
    ERRORS.forEach(([, esp32], i) => data.writeUInt32LE(word(esp32), table + i * 8));
  }
}

/**
 * Makes the frozen asyncio, written for a browser, one that a module of the board can build upon: it
 * imports `sys` where it would import `js` and `jsffi`, and is found as `_syncio`, so that `asyncio` is
 * the board's own (firmware/virtual/asyncio), which gives it the loop that waits.
 */
function withoutBrowser(data: Buffer, origin: number): void {
  const at = origin + BUILD.asyncioImports;
  BUILD.privateNumbers.forEach((number, n) => {
    if (data.readUInt16LE(at + 2 + n * 2) !== number)
      throw new BoardError('virtual-failed', 'the imports of asyncio are not where they were');
    data.copyWithin(at + 2 + n * 2, at, at + 2);
  });
  // Elsewhere the same texts are what a traceback shows, and stay.
  for (let file = 0; file < FROZEN_ASYNCIO_FILES; file++)
    data.write(SCHEDULER_NAME, data.lastIndexOf(FROZEN_ASYNCIO) + 1, 'latin1');
}
