/**
 * What the fuzz targets are fed: bytes and texts near to what they know, so that more than the first
 * check is reached. Below: fast-check. Above: targets.ts, exchanges.ts.
 */
import fc from 'fast-check';

/** A few bytes that mean something to the parser, between any bytes. */
export function stream(
  tokens: readonly (readonly number[])[],
  parts = 12,
): fc.Arbitrary<Uint8Array> {
  const token = fc.constantFrom(...tokens);
  const noise = fc.uint8Array({ maxLength: 6 });
  return fc
    .array(fc.oneof({ arbitrary: token, weight: 3 }, { arbitrary: noise, weight: 2 }), {
      maxLength: parts,
    })
    .map((all) => Uint8Array.from(all.flatMap((one) => [...one])));
}

/** Words that mean something, between any characters. */
export function text(words: readonly string[], parts = 10): fc.Arbitrary<string> {
  return fc
    .array(
      fc.oneof(
        { arbitrary: fc.constantFrom(...words), weight: 4 },
        { arbitrary: fc.string({ unit: 'binary', maxLength: 4 }), weight: 1 },
        { arbitrary: fc.string({ maxLength: 5 }), weight: 1 },
        { arbitrary: fc.integer().map(String), weight: 1 },
      ),
      { maxLength: parts },
    )
    .map((all) => all.join(''));
}

/** Any value, or one with keys that are known and values of the wrong kind. */
export function shaped(
  keys: readonly string[],
  values: readonly unknown[] = [],
): fc.Arbitrary<unknown> {
  const value = fc.oneof(
    {
      arbitrary: fc.constantFrom(
        ...values,
        '',
        'x',
        0,
        -1,
        1.5,
        NaN,
        null,
        undefined,
        true,
        [],
        {},
      ),
      weight: 5,
    },
    { arbitrary: fc.anything({ maxDepth: 2 }), weight: 1 },
  );
  const named = fc.array(
    fc.tuple(fc.constantFrom(...keys, '__proto__', 'constructor', 'toString'), value),
    {
      maxLength: keys.length + 2,
    },
  );
  return fc.oneof(
    { arbitrary: named.map((all) => Object.fromEntries(all) as unknown), weight: 6 },
    { arbitrary: fc.anything({ maxDepth: 2 }), weight: 1 },
  );
}

export interface Damage {
  /** Where, as a part of the whole. */
  readonly at: number;
  readonly kind: 'flip' | 'set' | 'cut' | 'insert' | 'word';
  readonly value: number;
}

export const damage: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
    kind: fc.constantFrom('flip', 'set', 'cut', 'insert', 'word' as const),
    value: fc.integer({ min: 0, max: 0xffffffff }),
  }),
  { maxLength: 5 },
);

/** `bytes` with `hurts` done to it. */
export function hurt(bytes: Uint8Array, hurts: readonly Damage[]): Uint8Array {
  let all = Uint8Array.from(bytes);
  for (const { at, kind, value } of hurts) {
    const n = Math.floor(at * all.length);
    if (all.length === 0) return all;
    if (kind === 'flip') all[n] = (all[n] ?? 0) ^ (1 << (value & 7));
    else if (kind === 'set') all[n] = value & 0xff;
    else if (kind === 'cut') all = all.slice(0, n);
    else if (kind === 'insert') {
      all = Uint8Array.from([...all.subarray(0, n), value & 0xff, ...all.subarray(n)]);
    } else {
      for (let k = 0; k < 4 && n + k < all.length; k++) all[n + k] = (value >>> (8 * k)) & 0xff;
    }
  }
  return all;
}
