/**
 * Rewrites one WebAssembly function so that a collector called below it can see its i32 values.
 * Below: vmWasm.ts. Above: vmImage.ts decides which functions need it.
 *
 * The function gets a frame on the C stack with a word for each i32 local and for each i32 that waits
 * on the operand stack during a call. The word is stored when the value is made. Types are followed as
 * the specification's validation algorithm does (core specification 2.0, appendix A.3).
 */
import { BoardError } from '../core/errors';
import { WasmReader, sleb, uleb } from './vmWasm';

const I32 = 0x7f;
const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;
const EMPTY = 0x40;

interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface FunctionTypes {
  readonly types: readonly FunctionType[];
  /** Type index of every function, imports first. */
  readonly typeOf: readonly number[];
  /** Number of mutable i32 globals at the start (all others are i32 too in this build). */
  readonly globals: number;
  readonly mayCollect: ReadonlySet<number>;
  /** Only tell whom it calls. */
  readonly scan?: boolean;
}

export interface Rewritten {
  readonly body: Uint8Array;
  readonly calls: Set<number>;
  readonly indirect: boolean;
}

interface Operation {
  readonly opcode: number;
  readonly start: number;
  readonly end: number;
  /** First immediate where there is one: local, label, function or type index. */
  readonly immediate: number;
}

/** [operand type, number of operands, result] of the numeric instructions, by opcode. */
function numeric(op: number): readonly [number, number, number] | undefined {
  if (op === 0x45) return [I32, 1, I32];
  if (op <= 0x4f) return [I32, 2, I32];
  if (op === 0x50) return [I64, 1, I32];
  if (op <= 0x5a) return [I64, 2, I32];
  if (op <= 0x60) return [F32, 2, I32];
  if (op <= 0x66) return [F64, 2, I32];
  if (op <= 0x69) return [I32, 1, I32];
  if (op <= 0x78) return [I32, 2, I32];
  if (op <= 0x7b) return [I64, 1, I64];
  if (op <= 0x8a) return [I64, 2, I64];
  if (op <= 0x91) return [F32, 1, F32];
  if (op <= 0x98) return [F32, 2, F32];
  if (op <= 0x9f) return [F64, 1, F64];
  if (op <= 0xa6) return [F64, 2, F64];
  const result = [
    ...[I32, I32, I32, I32, I32, I64, I64, I64, I64, I64, I64], // 0xa7 ...
    ...[F32, F32, F32, F32, F32, F64, F64, F64, F64, F64], // 0xb2 ...
    ...[I32, I64, F32, F64, I32, I32, I64, I64, I64], // 0xbc ...
  ][op - 0xa7];
  return result === undefined ? undefined : [0, 1, result];
}

/** Reads one instruction; throws for what this build does not use. */
function readOperation(reader: WasmReader): Operation {
  const start = reader.position;
  let opcode = reader.byte();
  let immediate = 0;
  if (opcode === 0x02 || opcode === 0x03 || opcode === 0x04) immediate = reader.s32();
  else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10) immediate = reader.u32();
  else if (opcode === 0x0e) {
    reader.vector(() => reader.u32());
    reader.u32();
  } else if (opcode === 0x11) {
    immediate = reader.u32();
    reader.u32();
  } else if (opcode >= 0x20 && opcode <= 0x24) immediate = reader.u32();
  else if (opcode >= 0x28 && opcode <= 0x3e) {
    reader.u32();
    reader.u32();
  } else if (opcode === 0x3f || opcode === 0x40) reader.byte();
  else if (opcode === 0x41 || opcode === 0x42) reader.skipLeb();
  else if (opcode === 0x43) reader.take(4);
  else if (opcode === 0x44) reader.take(8);
  else if (opcode === 0xfc) {
    const extended = reader.u32();
    opcode = 0xfc00 + extended;
    if (extended === 10) reader.take(2);
    else if (extended === 11) reader.take(1);
    else if (extended > 7) throw new BoardError('virtual-failed', `instruction 0xfc ${extended}`);
  } else if (opcode > 0xc4 || (opcode > 0x11 && opcode < 0x1a) || opcode === 0x1c)
    throw new BoardError('virtual-failed', `instruction 0x${opcode.toString(16)}`);
  return { opcode, start, end: reader.position, immediate };
}

interface Value {
  readonly type: number;
  readonly producer: number;
}

interface Control {
  readonly opcode: number;
  readonly height: number;
  readonly params: readonly number[];
  readonly results: readonly number[];
  unreachable: boolean;
}

/** Which instructions make an i32 that waits on the operand stack while a collecting call runs. */
function waitingProducers(
  operations: readonly Operation[],
  own: FunctionType,
  localTypes: readonly number[],
  context: FunctionTypes,
): Map<number, number> {
  const slots = new Map<number, number>();
  const stack: Value[] = [];
  const controls: Control[] = [];
  const top = (): Control => controls[controls.length - 1]!;
  const pop = (): Value => {
    const control = top();
    if (stack.length === control.height) return { type: 0, producer: -1 };
    return stack.pop()!;
  };
  const popAll = (types: readonly number[]): void => types.forEach(() => pop());
  const pushAll = (types: readonly number[], producer: number): void =>
    types.forEach((type) => stack.push({ type, producer }));
  const never = (): void => {
    stack.length = top().height;
    top().unreachable = true;
  };
  const blockType = (code: number): FunctionType => {
    if (code === EMPTY - 128) return { params: [], results: [] };
    if (code < 0) return { params: [], results: [code + 128] };
    return context.types[code]!;
  };
  const beforeCall = (argumentCount: number, collects: boolean): void => {
    if (!collects || top().unreachable) return;
    const waiting = stack.length - argumentCount;
    for (let depth = 0; depth < waiting; depth++) {
      const { type, producer } = stack[depth]!;
      if (type !== I32 || producer < 0 || operations[producer]!.opcode === 0x41) continue;
      slots.set(producer, depth);
    }
  };
  controls.push({ opcode: 0x02, height: 0, params: [], results: own.results, unreachable: false });
  operations.forEach(({ opcode, immediate }, n) => {
    switch (opcode) {
      case 0x00:
        return never();
      case 0x01:
        return;
      case 0x02:
      case 0x03:
      case 0x04: {
        if (opcode === 0x04) pop();
        const type = blockType(immediate);
        popAll(type.params);
        controls.push({ opcode, height: stack.length, ...type, unreachable: false });
        return pushAll(type.params, n);
      }
      case 0x05: {
        const control = top();
        stack.length = control.height;
        control.unreachable = false;
        return pushAll(control.params, n);
      }
      case 0x0b: {
        const control = controls.pop()!;
        stack.length = control.height;
        return pushAll(control.results, n);
      }
      case 0x0c:
      case 0x0f:
        return never();
      case 0x0d:
        return void pop();
      case 0x0e:
        return never();
      case 0x10:
      case 0x11: {
        const index = opcode === 0x10 ? context.typeOf[immediate]! : immediate;
        const type = context.types[index]!;
        if (opcode === 0x11) pop();
        beforeCall(type.params.length, opcode === 0x11 || context.mayCollect.has(immediate));
        popAll(type.params);
        return pushAll(type.results, n);
      }
      case 0x1a:
        return void pop();
      case 0x1b: {
        pop();
        const a = pop();
        const b = pop();
        return void stack.push({ type: a.type || b.type, producer: n });
      }
      case 0x20:
        return void stack.push({ type: localTypes[immediate]!, producer: n });
      case 0x21:
        return void pop();
      case 0x22:
        pop();
        return void stack.push({ type: localTypes[immediate]!, producer: n });
      case 0x23:
        return void stack.push({ type: I32, producer: n });
      case 0x24:
        return void pop();
      case 0x3f:
        return void stack.push({ type: I32, producer: n });
      case 0x40:
        pop();
        return void stack.push({ type: I32, producer: n });
      case 0x41:
      case 0x42:
      case 0x43:
      case 0x44:
        return void stack.push({ type: [I32, I64, F32, F64][opcode - 0x41]!, producer: n });
      case 0xfc0a:
      case 0xfc0b:
        return popAll([I32, I32, I32]);
    }
    if (opcode >= 0xfc00) {
      pop();
      return void stack.push({ type: opcode < 0xfc04 ? I32 : I64, producer: n });
    }
    if (opcode >= 0x28 && opcode <= 0x35) {
      pop();
      const type = opcode === 0x28 ? I32 : opcode === 0x29 ? I64 : opcode === 0x2a ? F32 : F64;
      const narrow = opcode >= 0x2c ? (opcode <= 0x2f ? I32 : I64) : type;
      return void stack.push({ type: narrow, producer: n });
    }
    if (opcode >= 0x36 && opcode <= 0x3e) return popAll([0, 0]);
    const rule = numeric(opcode);
    if (!rule) throw new BoardError('virtual-failed', `instruction 0x${opcode.toString(16)}`);
    for (let k = 0; k < rule[1]; k++) pop();
    stack.push({ type: rule[2], producer: n });
  });
  return slots;
}

/** The function `index` with its body rewritten, and whom it calls. */
export function rewriteFunction(
  body: Uint8Array,
  index: number,
  context: FunctionTypes,
): Rewritten {
  const own = context.types[context.typeOf[index]!]!;
  const reader = new WasmReader(body);
  const groups = reader.vector(() => ({ count: reader.u32(), type: reader.byte() }));
  const codeStart = reader.position;
  const operations: Operation[] = [];
  while (!reader.done) operations.push(readOperation(reader));
  const calls = new Set<number>();
  let indirect = false;
  for (const { opcode, immediate } of operations) {
    if (opcode === 0x10) calls.add(immediate);
    if (opcode === 0x11) indirect = true;
  }
  if (context.scan) return { body, calls, indirect };

  const localTypes = [...own.params];
  for (const { count, type } of groups) for (let n = 0; n < count; n++) localTypes.push(type);
  const slotOf = new Map<number, number>();
  localTypes.forEach((type, n) => {
    if (type === I32) slotOf.set(n, slotOf.size);
  });
  const waiting = waitingProducers(operations, own, localTypes, context);
  const depths = [...new Set(waiting.values())].sort((a, b) => a - b);
  const words = slotOf.size + depths.length;
  const size = (words * 4 + 15) & ~15;
  const frame = localTypes.length;
  const held = frame + 1;

  const code: number[] = [];
  const store = (local: number, slot: number): void => {
    code.push(0x20, ...uleb(frame), 0x20, ...uleb(local), 0x36, 2, ...uleb(slot * 4));
  };
  const leave = [0x20, ...uleb(frame), 0x41, ...sleb(size), 0x6a, 0x24, 0];
  code.push(0x23, 0, 0x41, ...sleb(size), 0x6b, 0x22, ...uleb(frame), 0x24, 0);
  // What an earlier call left in the frame must not keep dead objects alive.
  code.push(0x20, ...uleb(frame), 0x41, 0, 0x41, ...sleb(size), 0xfc, 11, 0);
  own.params.forEach((type, n) => {
    if (type === I32) store(n, slotOf.get(n)!);
  });
  // The old body is a block inside: a branch out of it, at the same depth, comes to the way out.
  const blockCode = own.results.length === 0 ? [EMPTY] : [own.results[0]!];
  if (own.results.length > 1) throw new BoardError('virtual-failed', 'several results');
  code.push(0x02, ...blockCode);
  operations.forEach(({ opcode, start, end, immediate }, n) => {
    if (opcode === 0x0f) code.push(...leave);
    for (let at = start; at < end; at++) code.push(body[at]!);
    if ((opcode === 0x21 || opcode === 0x22) && slotOf.has(immediate))
      store(immediate, slotOf.get(immediate)!);
    const depth = waiting.get(n);
    if (depth !== undefined) {
      code.push(0x21, ...uleb(held));
      store(held, slotOf.size + depths.indexOf(depth));
      code.push(0x20, ...uleb(held));
    }
  });
  code.push(...leave, 0x0b);
  const locals = [...uleb(groups.length + 1)];
  for (const { count, type } of groups) locals.push(...uleb(count), type);
  locals.push(2, I32);
  void codeStart;
  return { body: Uint8Array.from([...locals, ...code]), calls, indirect };
}
