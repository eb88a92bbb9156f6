/**
 * Whether an image may go onto a board, asked before anything is erased.
 * Below: image.ts, chipFacts.ts. Above: the flash operation, flasher.ts.
 */
import { BoardError, type BoardErrorCode, type ErrorDetails } from '../core/errors';
import { revisionText, type ChipFacts } from './chipFacts';
import type { ImageInfo } from './image';
import { SECTOR } from './loaderCommands';
import { hex } from './words';
import { t } from '../core/words';

/**
 * @param offset where it is to go, bytes from the start of the flash
 * @param imageBytes length of the whole file
 * @throws BoardError wrong-chip { imageChip, boardChip }; wrong-revision { needs, revision };
 * image-too-large { size, room }; wrong-offset { reason } (inside a sector, or where the chip does
 * not start from); not-an-image { reason } (an application without a bootloader)
 */
export function checkImageForChip(
  info: ImageInfo,
  facts: ChipFacts,
  offset: number,
  imageBytes: number,
): void {
  const imageId = info.chipId ?? -1;
  if (imageId !== facts.chipId) {
    const imageChip = info.chip?.name ?? `chip id ${imageId}`;
    throw refused('wrong-chip', `an image for ${imageChip}, a board with ${facts.chip}`, {
      imageChip,
      boardChip: facts.chip,
    });
  }
  checkRevision(info, facts);
  if (offset % SECTOR !== 0) {
    throw refused(
      'wrong-offset',
      t('{offset} is not the start of a sector (4096 bytes)', { offset: hex(offset) }),
    );
  }
  const starts = info.chip?.microPythonOffset;
  // A merged image has empty flash before its bootloader.
  const begins = offset + info.leadBytes;
  if (info.layout === 'application' && begins === starts) {
    throw refused('not-an-image', t('it is an application without a bootloader'));
  }
  if (info.layout === 'complete' && starts !== undefined && begins !== starts) {
    throw refused(
      'wrong-offset',
      t('it belongs at {starts}, not at {offset}', {
        starts: hex(starts - info.leadBytes),
        offset: hex(offset),
      }),
    );
  }
  checkRoom(imageBytes, offset, facts);
}

/** @throws BoardError image-too-large { size, room } */
export function checkRoom(
  size: number,
  offset: number,
  facts: Pick<ChipFacts, 'flashSizeBytes'>,
): void {
  const room = Math.max(0, (facts.flashSizeBytes ?? Infinity) - offset);
  if (size <= room) return;
  throw refused('image-too-large', t('{size} bytes do not fit into {room}', { size, room }), {
    size,
    room,
  });
}

/** ESP-IDF's bootloader refuses to start an image outside its range; so it is not written at all. */
function checkRevision({ minRevision, maxRevision }: ImageInfo, { revision }: ChipFacts): void {
  if (revision === undefined) return;
  if (revision >= minRevision && revision <= (maxRevision ?? Infinity)) return;
  const needs =
    revision < minRevision
      ? t('{revision} or newer', { revision: revisionText(minRevision) })
      : t('{revision} or older', { revision: revisionText(maxRevision!) });
  const has = revisionText(revision);
  const details = { needs, revision: has, minRevision, maxRevision };
  throw refused(
    'wrong-revision',
    t('it needs revision {needs}, the chip has {has}', { needs, has }),
    details,
  );
}

function refused(code: BoardErrorCode, reason: string, details: ErrorDetails = {}): BoardError {
  return new BoardError(code, reason, { details: { reason, ...details } });
}
