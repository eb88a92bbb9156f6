/**
 * What a chip tells of itself through its loader: name, revision, features, crystal, MAC.
 * Below: esptool-js. Above: loaderSession.ts reads it once, everything else uses it.
 */
import type { ESPLoader } from 'esptool-js';
import type { Log } from '../core/log';
import type { SlipLink } from './slipLink';

export interface ChipFacts {
  /** "ESP32", "ESP32-S3". */
  readonly chip: string;
  /** The id an image for this chip carries; -1 for the ESP8266, whose images carry none. */
  readonly chipId: number;
  /** "ESP32-D0WD-V3 (revision 3)". */
  readonly description: string;
  /** Six bytes in hex with colons; empty in secure download mode, which hides it. */
  readonly mac: string;
  /** 100 times the major part plus the minor, as image headers have it: 301 is v3.1. */
  readonly revision?: number;
  readonly features: readonly string[];
  readonly crystalMHz?: number;
  readonly flashSizeBytes?: number;
  /** JEDEC id: manufacturer in the low byte. */
  readonly flashId?: number;
  /** True when the flasher stub runs; without it some things are slower or impossible. */
  readonly stub: boolean;
  /** True when the chip lets nobody read its flash or its registers (secure download mode). */
  readonly secureDownload?: boolean;
  /** Rate of the line now, bits per second. */
  readonly baudRate?: number;
  /** The rate that was tried in vain in this session, where one was, bits per second. */
  readonly slowedFrom?: number;
}

export type Identity = Pick<
  ChipFacts,
  'description' | 'mac' | 'revision' | 'features' | 'crystalMHz'
>;

/** Facts from eFuse and registers; one that cannot be read is left out, the MAC must be there. */
export async function readIdentity(loader: ESPLoader, link: SlipLink, log: Log): Promise<Identity> {
  const { chip } = loader;
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (link.ended) throw link.ended;
      log.debug(`${what} cannot be read: ${String(error)}`);
      return undefined;
    }
  };
  const description = await attempt('description', () => chip.getChipDescription(loader));
  const features = await attempt('features', () => chip.getChipFeatures(loader));
  const revision = await attempt('revision', () => readRevision(loader));
  const crystalMHz = await attempt('crystal', () => chip.getCrystalFreq(loader));
  const mac = await chip.readMac(loader);
  await chip.postConnect?.(loader);
  return {
    description: description ?? chip.CHIP_NAME,
    features: (features ?? []).map((feature) => feature.trim()).filter((f) => f !== ''),
    revision,
    crystalMHz,
    mac: mac.toLowerCase(),
  };
}

/** "v3.1" of 301. */
export function revisionText(revision: number): string {
  return `v${Math.floor(revision / 100)}.${revision % 100}`;
}

/** A word of the chip and the bits of it, [shift, mask]: where a part of the revision stands. */
interface Bits {
  readonly address: number;
  readonly shift: number;
  readonly mask: number;
}

/**
 * Where major and minor revision stand on the chips of which esptool-js reads only one of them
 * (wafer version fields of eFuse in each chip's Technical Reference Manual, "eFuse Controller").
 */
const places: Readonly<Record<string, { major: Bits; minor: Bits }>> = {
  'ESP32-C2': {
    major: { address: 0x6000_8844, shift: 20, mask: 3 },
    minor: { address: 0x6000_8844, shift: 16, mask: 15 },
  },
  'ESP32-C6': {
    major: { address: 0x600b_0850, shift: 22, mask: 3 },
    minor: { address: 0x600b_0850, shift: 18, mask: 15 },
  },
};

/** EFUSE_BLK0_RDATA5_REG of the ESP32; bits 24 and 25 are its minor revision. */
const ESP32_WORD5 = 0x3ff5_a014;

interface Versioned {
  getMajorChipVersion?(loader: ESPLoader): Promise<number>;
  getMinorChipVersion?(loader: ESPLoader): Promise<number>;
}

async function readRevision(loader: ESPLoader): Promise<number | undefined> {
  const chip = loader.chip as ESPLoader['chip'] & Versioned;
  if (chip.CHIP_NAME === 'ESP32' && chip.getChipRevision) {
    const major = await chip.getChipRevision(loader);
    return major * 100 + (((await loader.readReg(ESP32_WORD5)) >>> 24) & 3);
  }
  const place = places[chip.CHIP_NAME];
  if (place) {
    const part = async ({ address, shift, mask }: Bits): Promise<number> =>
      ((await loader.readReg(address)) >>> shift) & mask;
    return (await part(place.major)) * 100 + (await part(place.minor));
  }
  if (!chip.getMajorChipVersion || !chip.getMinorChipVersion) return undefined;
  return (await chip.getMajorChipVersion(loader)) * 100 + (await chip.getMinorChipVersion(loader));
}
