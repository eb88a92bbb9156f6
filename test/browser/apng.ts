/**
 * Pictures put together into one that moves (APNG), which README pages show without a player: the
 * chunks of PNG files in another order. Source: APNG in the PNG specification, third edition, 11.3.6.
 * Below: node:buffer. Above: tutorial.test.ts.
 */

export interface Frame {
  /** A PNG; the first is as large as the whole, a later one covers a part of it. */
  readonly png: Buffer;
  readonly x?: number;
  readonly y?: number;
  /** How long it stands, milliseconds. */
  readonly ms: number;
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** One picture that plays `frames` for ever. @throws Error where they are not of one kind */
export function animate(frames: readonly Frame[]): Buffer {
  const parts = frames.map(({ png }) => chunksOf(png));
  const headers = parts.map((chunks) => chunks.find(({ type }) => type === 'IHDR')!.data);
  const [first] = headers;
  // Bit depth and kind of colour are said once for all of them.
  if (!first || headers.some((one) => !one.subarray(8).equals(first.subarray(8)))) {
    throw new Error('the pictures are not of one kind');
  }
  const control = Buffer.alloc(8);
  control.writeUInt32BE(frames.length, 0);
  const out = [SIGNATURE, chunk('IHDR', first), chunk('acTL', control)];
  let sequence = 0;
  frames.forEach(({ x = 0, y = 0, ms }, i) => {
    const frame = Buffer.alloc(26);
    frame.writeUInt32BE(sequence++, 0);
    headers[i]!.copy(frame, 4, 0, 8);
    frame.writeUInt32BE(x, 12);
    frame.writeUInt32BE(y, 16);
    frame.writeUInt16BE(ms, 20);
    frame.writeUInt16BE(1000, 22);
    out.push(chunk('fcTL', frame));
    for (const { data } of parts[i]!.filter(({ type }) => type === 'IDAT')) {
      if (i === 0) out.push(chunk('IDAT', data));
      else {
        const number = Buffer.alloc(4);
        number.writeUInt32BE(sequence++);
        out.push(chunk('fdAT', Buffer.concat([number, data])));
      }
    }
  });
  return Buffer.concat([...out, chunk('IEND', Buffer.alloc(0))]);
}

function chunksOf(png: Buffer): Chunk[] {
  const found: Chunk[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    found.push({ type, data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return found;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
