/**
 * Whether a file is the whole flash of such a board, asked before it is written back.
 * Below: image.ts, chips.ts. Above: the restore operation.
 */
import { BoardError } from '../core/errors';
import { formatBytes } from '../core/rate';
import type { ChipFacts } from './chipFacts';
import { chipByImageId, chipByName, chips, type Chip } from './chips';
import { ESP8266_V2_MAGIC, HEADER_BYTES, IMAGE_MAGIC, looksLikeEsp8266 } from './image';
import { t } from '../core/words';

/** Where a ROM may look for its bootloader, the lowest first. */
const STARTS = [...new Set(chips.map(({ microPythonOffset }) => microPythonOffset))].sort(
  (a, b) => a - b,
);

/**
 * The chip whose flash `bytes` are, told by the bootloader that stands where that chip's ROM looks
 * for it; undefined where none does, as in an empty flash or an encrypted one.
 */
export function chipOfBackup(bytes: Uint8Array): Chip | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const at of STARTS) {
    if (bytes.length < at + HEADER_BYTES) break;
    const magic = bytes[at];
    if (at === 0 && magic === ESP8266_V2_MAGIC) return chipByName('ESP8266');
    if (magic !== IMAGE_MAGIC) continue;
    if (at === 0 && looksLikeEsp8266(bytes)) return chipByName('ESP8266');
    const chip = chipByImageId(view.getUint16(at + 12, true));
    if (chip?.microPythonOffset === at) return chip;
  }
  return undefined;
}

/**
 * @throws BoardError wrong-backup { file, reason }: another size than the board's flash, another
 * chip's, or nobody's
 */
export function checkBackup(
  bytes: Uint8Array,
  file: string,
  { chip: boardChip, flashSizeBytes }: Pick<ChipFacts, 'chip' | 'flashSizeBytes'>,
): void {
  const refuse = (reason: string): BoardError =>
    new BoardError('wrong-backup', `${file}: ${reason}`, { details: { file, reason } });
  if (flashSizeBytes === undefined) throw refuse(t('the size of the board’s flash is not known'));
  if (bytes.length !== flashSizeBytes) {
    const has =
      bytes.length % 1024 === 0
        ? formatBytes(bytes.length)
        : t('{bytes} bytes', { bytes: bytes.length });
    throw refuse(
      t('it has {has}, and the board’s flash {flashSizeBytes}', {
        has,
        flashSizeBytes: formatBytes(flashSizeBytes),
      }),
    );
  }
  const chip = chipOfBackup(bytes);
  if (!chip) throw refuse(t('no bootloader is in it, so it would not start'));
  if (chip.name !== boardChip)
    throw refuse(t('it is of an {chip}, the board an {boardChip}', { chip: chip.name, boardChip }));
}
