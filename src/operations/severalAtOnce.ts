/**
 * The same for many, a few at a time. Below: nothing. Above: flashMany, putMany.
 */

/**
 * Does `work` for each of `items` in their order, `most` at a time (1 at the least). Rejects with what
 * `work` rejects with first.
 */
export async function severalAtOnce<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  // One iterator for all of them: each item is taken once.
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, most) }, worker));
}
