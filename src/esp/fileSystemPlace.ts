/**
 * Where MicroPython keeps its files in the flash, told by a partition table; and what an image that
 * is written does to them. Below: image.ts. Above: the flash operation.
 */
import type { PartitionInfo } from './image';

/** Bytes from the start of the flash, and how many. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * What a flash does to the files: 'none' were there; 'kept' as they were; 'overwritten' by the
 * image; 'elsewhere': the new firmware looks for files in another place, or in one of another size,
 * so it does not find them; 'wiped' by the erase before; 'unknown': the chip could not be asked.
 */
export type FilesFate = 'none' | 'kept' | 'overwritten' | 'elsewhere' | 'wiped' | 'unknown';

const APPLICATION = 0;

/**
 * The partition "vfs" or "ffat"; and where there is none, as in MicroPython 1.26 and later, all that
 * follows the application (ports/esp32/main.c, micropython PR 17337).
 * @returns undefined for a table without an application
 */
export function fileSystemIn(
  partitions: readonly PartitionInfo[],
  flashBytes: number,
): Place | undefined {
  const named = (name: string): PartitionInfo | undefined =>
    partitions.find(({ label }) => label === name);
  const own = named('vfs') ?? named('ffat');
  if (own) return { offset: own.address, length: own.size };
  const apps = partitions.filter(({ type }) => type === APPLICATION);
  const last = Math.max(0, ...apps.map(({ address, size }) => address + size));
  return last > 0 && last < flashBytes ? { offset: last, length: flashBytes - last } : undefined;
}

/**
 * @param before where files are now; undefined where none are
 * @param after where the new firmware looks for them; undefined where the table stays as it is
 * @param image what is written
 */
export function fateOfFiles(
  before: Place | undefined,
  after: Place | undefined,
  image: Place,
): FilesFate {
  if (!before) return 'none';
  const end = ({ offset, length }: Place): number => offset + length;
  if (image.offset < end(before) && before.offset < end(image)) return 'overwritten';
  if (!after) return 'kept';
  return after.offset === before.offset && after.length === before.length ? 'kept' : 'elsewhere';
}
