/**
 * Where in the flash a file goes, and when a person has to say. Below: esp/image, esp/chips; no
 * `vscode`, so plain Node can test it. Above: images.ts asks, boardDrop.ts looks.
 */
import { isBoardError } from '../core/errors';
import { chipByName } from '../esp/chips';
import { parseImage, type ImageInfo } from '../esp/image';
import { t } from '../core/words';

/** ESP-IDF's and MicroPython's partition tables begin the first application here. */
const FIRST_APPLICATION = 0x10000;
const SECTOR = 0x1000;

export interface OffsetQuestion {
  /** Bytes from the start of the flash. */
  readonly suggested: number;
  /** Why it is asked; a sentence or two. */
  readonly why: string;
}

/** True where `bytes` are an image a chip can start from or run. */
export function isFirmware(bytes: Uint8Array): boolean {
  return imageOf(bytes) !== undefined;
}

/**
 * What to ask about `bytes` before they go onto a `chip`; undefined where they tell by themselves
 * (bootloader, partition table and application), or are no image, which the flash says better.
 */
export function offsetQuestion(bytes: Uint8Array, chip: string): OffsetQuestion | undefined {
  const image = imageOf(bytes);
  if (!image || image.layout === 'complete' || image.chipId === undefined) return undefined;
  if (image.layout === 'application') {
    return {
      suggested: FIRST_APPLICATION,
      why: t(
        'It is an application without a bootloader. It goes where the board’s partition table has one, mostly {FIRST_APPLICATION}.',
        { FIRST_APPLICATION: hexOffset(FIRST_APPLICATION) },
      ),
    };
  }
  const start = chipByName(chip)?.microPythonOffset ?? 0;
  return {
    suggested: start,
    why: t(
      'It has neither a partition table nor an application’s mark. A bootloader goes to {start} on an {chip}; for anything else its maker says where.',
      { start: hexOffset(start), chip },
    ),
  };
}

export const OFFSET_RULE = t(
  'Write a multiple of 0x1000 (4096) in hex, as 0x10000, or in decimal; below 0x8000000.',
);

/** `text` as bytes from the start of the flash; undefined unless it is the start of a sector. */
export function parseOffset(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(trimmed)) return undefined;
  const value = Number(trimmed);
  // 128 MB, the largest flash a header can name.
  return value % SECTOR === 0 && value < 0x8000000 ? value : undefined;
}

export const hexOffset = (offset: number): string => `0x${offset.toString(16)}`;

function imageOf(bytes: Uint8Array): ImageInfo | undefined {
  try {
    return parseImage(bytes, t('the file'));
  } catch (error) {
    if (isBoardError(error)) return undefined;
    throw error;
  }
}
