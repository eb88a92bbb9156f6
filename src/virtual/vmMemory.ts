/**
 * The memory of one VM: numbers and text in it. It never grows, so the views stay good.
 * Below: nothing. Above: vmEngine.ts, vmFiles.ts, vmHost.ts.
 */
export class VmMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(readonly buffer: SharedArrayBuffer) {
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  u32(address: number): number {
    return this.view.getUint32(address, true);
  }

  setU32(address: number, value: number): void {
    this.view.setUint32(address, value, true);
  }

  i32(address: number): number {
    return this.view.getInt32(address, true);
  }

  /** A copy of the bytes there; nothing where the range is not inside the memory. */
  copy(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.slice(address, address + Math.max(0, length)));
  }

  /** UTF-8 text of `length` bytes, or up to a zero byte. */
  text(address: number, length?: number): string {
    let end = length === undefined ? address : address + length;
    if (length === undefined) while (this.bytes[end]) end++;
    return Buffer.from(this.copy(address, end - address)).toString('utf8');
  }
}
