/**
 * What is known of a board: facts of its chip, which never change, and of what it runs.
 * Below: esp for what a loader tells. Above: board holds them, the registry keeps them.
 */
import type { ChipFacts } from '../esp/flasher';

/** Facts of the hardware; they belong to the MAC address, whatever port the board is on. */
export interface HardwareFacts {
  /** Chip name as esptool prints it ("ESP32", "ESP32-S3"), once the loader has told. */
  readonly chip?: string;
  /** What is printed on the chip, and its revision: "ESP32-D0WD-V3 (revision 3)". */
  readonly model?: string;
  /** "Wi-Fi", "BT", "Dual Core". */
  readonly features?: readonly string[];
  readonly crystalMHz?: number;
  readonly flashBytes?: number;
  /** JEDEC id of the flash chip: manufacturer in the low byte. */
  readonly flashId?: number;
}

/** What Parley knows of a board, kept while it is unplugged. */
export interface BoardFacts extends HardwareFacts {
  /** Station MAC address, lower case with colons; also MicroPython's `machine.unique_id()`. */
  readonly mac?: string;
  /** MicroPython's version ("1.27.0"); '' when the board was seen without MicroPython. */
  readonly micropython?: string;
}

const hardwareKeys = [
  'chip',
  'model',
  'features',
  'crystalMHz',
  'flashBytes',
  'flashId',
] as const satisfies readonly (keyof HardwareFacts)[];

/** What a loader tells; what it could not read is left out, so that it overwrites nothing. */
export function factsOfChip(chip: ChipFacts): BoardFacts {
  // How the eFuses are coded is no feature to anyone when it is not at all.
  const features = chip.features.filter((feature) => feature !== 'Coding Scheme None');
  return told({
    chip: chip.chip,
    model: chip.description,
    // Secure download mode hides the address.
    mac: chip.mac ? chip.mac.toLowerCase() : undefined,
    features: features.length > 0 ? features : undefined,
    crystalMHz: chip.crystalMHz,
    flashBytes: chip.flashSizeBytes,
    flashId: chip.flashId,
  });
}

/**
 * `known` with `news` over it. A fact that is given as undefined is forgotten. Another MAC address
 * is another board: then nothing of the old one stays.
 */
export function withNews(known: BoardFacts, news: BoardFacts): BoardFacts {
  const another = known.mac !== undefined && news.mac !== undefined && known.mac !== news.mac;
  return told(another ? news : { ...known, ...news });
}

export function hardwareOf(facts: BoardFacts): HardwareFacts {
  return told(Object.fromEntries(hardwareKeys.map((key) => [key, facts[key]])));
}

export function sameFacts(one: BoardFacts, other: BoardFacts): boolean {
  const text = (facts: BoardFacts): string =>
    JSON.stringify(Object.entries(told(facts)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(one) === text(other);
}

function told<T extends object>(facts: T): T {
  return Object.fromEntries(Object.entries(facts).filter(([, v]) => v !== undefined)) as T;
}
