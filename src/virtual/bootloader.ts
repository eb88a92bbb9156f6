/**
 * What a boot prints, from the first line of the ROM to the moment MicroPython takes over: a plan of
 * lines and waits, worked out from the flash alone.
 * Below: image.ts. Above: machine.ts plays the plan.
 *
 * Sources: boot logs of ESP32 boards with the ROM of Jul 29 2019 as their owners post them (an erased
 * board says "invalid header" seven times, some 42 ms apart, and is then reset by the RTC watchdog);
 * ESP-IDF Programming Guide, "Fatal Errors" and "Bootloader"; reset reasons as in the ESP32 Technical
 * Reference Manual, "Reset Source".
 */
import type { Chip, ResetReason } from './chips';
import type { Flash } from './flash';
import {
  bootPartition,
  type Image,
  type ImageFault,
  readImage,
  PARTITION_TABLE,
  readPartitions,
} from './image';

/** What ESP-IDF says of a task that did not feed the watchdog (ESP-IDF, "Watchdogs"). */
export const WATCHDOG_TEXT =
  'E (0) task_wdt: Task watchdog got triggered. ' +
  'The following tasks/users did not reset the watchdog in time:\r\n' +
  'E (0) task_wdt:  - mp_task (CPU 1)\r\nE (0) task_wdt: Aborting.\r\nRebooting...\r\n';

export interface BootStep {
  /** Milliseconds to wait before the text. */
  readonly wait: number;
  readonly text: string;
}

export interface BootPlan {
  readonly steps: readonly BootStep[];
  /**
   * 'micropython': it starts now; 'halt': nothing more happens before a reset; otherwise the chip
   * resets itself for this reason after `wait` milliseconds more, and finds the same again.
   */
  readonly outcome: 'micropython' | 'halt' | { readonly reset: ResetReason; readonly wait: number };
}

/** An erased board: so many lines, so far apart, then the watchdog. */
const INVALID_LINES = 7;
const INVALID_WAIT = 42;
/** The RTC watchdog of the ROM, for a chip that got stuck without a line. */
const WATCHDOG_WAIT = 1000;
/** A second stage that finds nothing to start waits no longer than it takes to say so. */
const RETRY_WAIT = 500;

/** How much room the second stage has: up to the partition table. */
const bootloaderRoom = (chip: Chip): number => PARTITION_TABLE - chip.bootloader;

/** The first lines of every start. */
function banner(chip: Chip, reason: ResetReason, mode: string): string {
  return `${chip.greeting}rst:${chip.resetReasons[reason]},boot:${mode}\r\n`;
}

/** What the ROM says on its way into the loader. */
export function downloadBanner(chip: Chip, reason: ResetReason): string {
  return `${banner(chip, reason, chip.modes.download)}waiting for download\r\n`;
}

/** What a start from flash prints and comes to. */
export function planBoot(chip: Chip, flash: Flash, reason: ResetReason): BootPlan {
  const first = { wait: 0, text: banner(chip, reason, chip.modes.flash) };
  const stage2 = readImage(chip, flash, chip.bootloader, bootloaderRoom(chip));
  if (stage2.fault && stage2.fault.kind !== 'chip') {
    return stage2.fault.kind === 'checksum'
      ? { steps: [first, { wait: 0, text: checksumText(chip, stage2.fault) }], outcome: stuck }
      : { steps: [first, ...invalidHeader(stage2.firstWord)], outcome: resetNow };
  }
  const loaded = { wait: 0, text: loadText(chip, stage2) };
  // Code of another chip is loaded without a question, and hangs at once.
  if (stage2.fault) return { steps: [first, loaded], outcome: stuck };
  return bootApplication(chip, flash, [first, loaded]);
}

const resetNow = { reset: 'boot-watchdog', wait: INVALID_WAIT } as const;
const stuck = { reset: 'boot-watchdog', wait: WATCHDOG_WAIT } as const;

function invalidHeader(word: number): BootStep[] {
  const text = `invalid header: 0x${hex(word, 8)}\r\n`;
  return Array.from({ length: INVALID_LINES }, (_, i) => ({ wait: i ? INVALID_WAIT : 0, text }));
}

function checksumText(chip: Chip, fault: Extract<ImageFault, { kind: 'checksum' }>): string {
  const sums = `0x${hex(fault.calculated, 2)}!=0x${hex(fault.stored, 2)}`;
  return `csum err:${sums}\r\n${chip.checksumPlace}`;
}

function loadText(chip: Chip, image: Image): string {
  const loads = image.segments.map((s) => `load:0x${hex(s.address, 8)},len:${s.length}\r\n`);
  return [chip.flashLines, ...loads, `entry 0x${hex(image.entry, 8)}\r\n`].join('');
}

/** The second stage: partition table, then the application. */
function bootApplication(chip: Chip, flash: Flash, steps: BootStep[]): BootPlan {
  const retry = { reset: 'loader-reboot', wait: RETRY_WAIT } as const;
  const fails = (...lines: string[]): BootPlan => ({
    steps: [...steps, { wait: 30, text: lines.map((line) => `${line}\r\n`).join('') }],
    outcome: retry,
  });
  const table = readPartitions(flash);
  if ('fault' in table) {
    const why =
      table.fault === 'md5'
        ? 'E (38) flash_parts: invalid MD5 checksum in partition table'
        : `E (38) flash_parts: partition ${table.entry} invalid magic number 0x${hex(table.found, 1)}`;
    const then = ['E (44) boot: Failed to verify partition table'];
    return fails(why, ...then, 'E (49) boot: load partition table error!');
  }
  const partition = bootPartition(table.partitions);
  const none = 'E (58) boot: No bootable app partitions in the partition table';
  if (!partition || partition.offset >= flash.size) return fails(none);
  const image = readImage(chip, flash, partition.offset, partition.size);
  if (image.fault) return fails(...imageText(chip, image, partition.offset), none);
  const name = image.project || 'without a name';
  if (image.project !== 'micropython' && !image.mentionsMicroPython) {
    const text =
      `Parley: a virtual board runs MicroPython alone, and the firmware in its flash ` +
      `(${printable(name)}) is another. It stands still here.\r\n`;
    return { steps: [...steps, { wait: 30, text }], outcome: 'halt' };
  }
  const text =
    "Parley: this is a virtual board; its built-in MicroPython runs in the image's place.\r\n";
  return { steps: [...steps, { wait: 0, text }], outcome: 'micropython' };
}

function imageText(chip: Chip, image: Image, offset: number): string[] {
  const bad = 'E (50) boot: Factory app partition is not bootable';
  const fault = image.fault!;
  switch (fault.kind) {
    case 'magic': {
      const where = `image at 0x${hex(offset, 1)} has invalid magic byte`;
      return [`E (46) esp_image: ${where} (nothing flashed here?)`, bad];
    }
    case 'chip': {
      const ids = `expected ${chip.imageChipId}, found ${image.chipId}`;
      return [`E (46) boot_comm: mismatch chip ID, ${ids}`, bad];
    }
    case 'segments':
      return [`E (46) esp_image: image at 0x${hex(offset, 1)} segment count ${fault.count}`, bad];
    case 'length':
      return [`E (46) esp_image: invalid segment length 0x${hex(fault.length, 1)}`, bad];
    case 'checksum': {
      const sums = `Calculated 0x${hex(fault.calculated, 1)} read 0x${hex(fault.stored, 1)}`;
      return [`E (46) esp_image: Checksum failed. ${sums}`, bad];
    }
    case 'hash':
      return ['E (46) esp_image: Image hash failed - image is corrupt', bad];
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
