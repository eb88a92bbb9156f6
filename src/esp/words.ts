/** Bytes of loader messages. Below: nothing. Above: every file of this folder that sends one. */

/** `values` as 32-bit words, low byte first. */
export function words(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => view.setUint32(i * 4, value, true));
  return new Uint8Array(view.buffer);
}

/** "0x00010000" */
export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
