/**
 * SLIP frames as the ROM loader speaks them (RFC 1055 with a 0xC0 at both ends).
 * Below: nothing. Above: rom.ts. Written apart from the host's own, so that one can testify
 * against the other.
 */
const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/** `payload` as one frame. */
export function slipFrame(payload: Uint8Array): Uint8Array {
  const out: number[] = [END];
  for (const byte of payload) {
    if (byte === END) out.push(ESC, ESC_END);
    else if (byte === ESC) out.push(ESC, ESC_ESC);
    else out.push(byte);
  }
  out.push(END);
  return Uint8Array.from(out);
}

/**
 * Takes a byte stream apart into payloads. What stands before the first 0xC0 is no frame; a frame
 * with a wrong escape or longer than `limit` bytes is dropped whole.
 */
export class SlipReader {
  private frame: Uint8Array;
  private length = 0;
  private state: 'outside' | 'inside' | 'escape' | 'bad' = 'outside';

  /** @param limit the longest payload in bytes; a flash block of the stub has 16 KiB and a header */
  constructor(limit = 0x8000) {
    this.frame = new Uint8Array(limit);
  }

  /** The payloads that end in `bytes`, each a copy; empty frames are left out. */
  push(bytes: Uint8Array): Uint8Array[] {
    const done: Uint8Array[] = [];
    for (const byte of bytes) {
      if (byte === END) {
        if (this.state === 'inside' && this.length > 0) {
          done.push(this.frame.slice(0, this.length));
          this.state = 'outside';
        } else {
          // An END that ends nothing begins a frame: so the reader finds its feet after noise.
          this.state = this.state === 'escape' || this.state === 'bad' ? 'outside' : 'inside';
        }
        this.length = 0;
      } else if (this.state === 'inside') {
        if (byte === ESC) this.state = 'escape';
        else this.put(byte);
      } else if (this.state === 'escape') {
        this.state = 'inside';
        if (byte === ESC_END) this.put(END);
        else if (byte === ESC_ESC) this.put(ESC);
        else this.state = 'bad';
      }
    }
    return done;
  }

  /** Forgets a frame begun. */
  reset(): void {
    this.state = 'outside';
    this.length = 0;
  }

  private put(byte: number): void {
    if (this.length === this.frame.length) this.state = 'bad';
    else this.frame[this.length++] = byte;
  }
}
