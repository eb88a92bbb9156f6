/**
 * What a board's Python can do to the flash chip itself, past the file system: esp.flash_read and the
 * blocks of esp32.Partition. The chip is the owner's; each read is a question to it.
 * Below: vmLine.ts. Above: vmHost.ts; firmware/virtual/esp.py and esp32.py make the modules of it.
 */
import { FLASH_SIZE, SECTOR_SIZE } from './flash';
import type { HostFunctions } from './vmEngine';
import type { VmLine } from './vmLine';
import type { VmMemory } from './vmMemory';
import { FILES_LENGTH, FILES_OFFSET, NVS_LENGTH, NVS_OFFSET } from './vmProtocol';

/** Outside the chip, as ESP-IDF numbers it: ESP_ERR_INVALID_SIZE. */
const OUTSIDE = -0x104;
/** ESP_ERR_NOT_ALLOWED: files and NVS are in use by the board, which would not see what changed. */
const IN_USE = -0x10d;

const IN_USE_RANGES = [
  [FILES_OFFSET, FILES_LENGTH],
  [NVS_OFFSET, NVS_LENGTH],
] as const;

/** @param memory the VM's, where the bytes go or come from */
export function flashFunctions(line: VmLine, memory: () => VmMemory): HostFunctions {
  let answer: Uint8Array | undefined;
  line.onFlash = (bytes) => (answer = bytes);
  const wrong = (offset: number, length: number): number =>
    offset >= 0 && length >= 0 && offset + length <= FLASH_SIZE ? 0 : OUTSIDE;
  const wrongToChange = (offset: number, length: number): number => {
    const used = IN_USE_RANGES.some(([at, size]) => offset < at + size && at < offset + length);
    return used ? IN_USE : wrong(offset, length);
  };
  return {
    flash_read: (from, at, count) => {
      const [offset, length] = [Number(from), Number(count)];
      const error = wrong(offset, length);
      if (error || length === 0) return error;
      answer = undefined;
      line.post({ type: 'readFlash', offset, length });
      line.waitForAnswer(() => answer !== undefined);
      memory().bytes.set(answer!, Number(at));
      return 0;
    },
    flash_write: (from, at, count) => {
      const [offset, length] = [Number(from), Number(count)];
      const error = wrongToChange(offset, length);
      if (error || length === 0) return error;
      line.post({ type: 'program', offset, bytes: memory().copy(Number(at), length) });
      return 0;
    },
    flash_erase: (from, count) => {
      const [offset, length] = [Number(from), Number(count)];
      const error = wrongToChange(offset, length);
      if (error || length === 0) return error;
      line.post({
        type: 'erase',
        offset: offset - (offset % SECTOR_SIZE),
        length: Math.ceil(length / SECTOR_SIZE) * SECTOR_SIZE,
      });
      return 0;
    },
  };
}
