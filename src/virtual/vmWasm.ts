/**
 * Reading and writing the few encodings of a WebAssembly module (core specification 2.0, chapter 5).
 * Below: nothing. Above: vmImage.ts and vmSpill.ts.
 */

export const bytesOf = (values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** Unsigned LEB128 of 0 to 2^32-1. */
export function uleb(value: number): number[] {
  const out: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    out.push(rest ? low | 0x80 : low);
  } while (rest);
  return out;
}

/** Signed LEB128 of a 32-bit integer. */
export function sleb(value: number): number[] {
  const out: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && !(low & 0x40)) || (rest === -1 && (low & 0x40) !== 0);
    out.push(last ? low : low | 0x80);
    if (last) return out;
  }
}

export class WasmReader {
  constructor(
    readonly bytes: Uint8Array,
    public position = 0,
  ) {}

  get done(): boolean {
    return this.position >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.position++] ?? 0;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = this.byte();
      value |= (next & 0x7f) << shift;
      if (!(next & 0x80)) return value >>> 0;
    }
  }

  s32(): number {
    let value = 0;
    let shift = 0;
    for (;;) {
      const next = this.byte();
      value |= (next & 0x7f) << shift;
      shift += 7;
      if (!(next & 0x80)) return shift < 32 && next & 0x40 ? value | (-1 << shift) : value;
    }
  }

  /** Passes over a LEB128 of any width. */
  skipLeb(): void {
    while (this.byte() & 0x80);
  }

  take(length: number): Uint8Array {
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }

  vector<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.u32(); left > 0; left--) items.push(item());
    return items;
  }
}
