/**
 * The chips this project can flash, as data. Below: nothing. Above: image.ts, flasher.ts.
 * Image chip ids: esp_chip_id_t in ESP-IDF's esp_app_format.h. Offsets: each board's page on
 * micropython.org; the ROM of a chip looks for its bootloader there and nowhere else.
 */

export interface Chip {
  /** As the ROM loader's tools call it. */
  readonly name: string;
  /** u16 at byte 12 of an image's header; undefined for the ESP8266, whose header has none. */
  readonly imageChipId: number | undefined;
  /** Where MicroPython's image goes, in bytes from the start of the flash. */
  readonly microPythonOffset: number;
  /** The generic board's page below micropython.org/download. */
  readonly downloadPage: string;
  /** Why it goes there, where that is worth a word. */
  readonly note?: string;
}

export const chips: readonly Chip[] = [
  {
    name: 'ESP32',
    downloadPage: 'ESP32_GENERIC',
    imageChipId: 0,
    microPythonOffset: 0x1000,
    note: 'The first sector holds the secure boot digest.',
  },
  { name: 'ESP32-S2', downloadPage: 'ESP32_GENERIC_S2', imageChipId: 2, microPythonOffset: 0x1000 },
  { name: 'ESP32-C3', downloadPage: 'ESP32_GENERIC_C3', imageChipId: 5, microPythonOffset: 0 },
  { name: 'ESP32-S3', downloadPage: 'ESP32_GENERIC_S3', imageChipId: 9, microPythonOffset: 0 },
  {
    name: 'ESP32-C2',
    downloadPage: 'ESP32_GENERIC_C2',
    imageChipId: 12,
    microPythonOffset: 0,
    note: 'Sold as ESP8684.',
  },
  { name: 'ESP32-C6', downloadPage: 'ESP32_GENERIC_C6', imageChipId: 13, microPythonOffset: 0 },
  { name: 'ESP32-H2', downloadPage: 'ESP32_GENERIC_H2', imageChipId: 16, microPythonOffset: 0 },
  {
    name: 'ESP32-P4',
    downloadPage: 'ESP32_GENERIC_P4',
    imageChipId: 18,
    microPythonOffset: 0x2000,
    note: 'The first two sectors belong to the key manager.',
  },
  {
    name: 'ESP32-C5',
    downloadPage: 'ESP32_GENERIC_C5',
    imageChipId: 23,
    microPythonOffset: 0x2000,
    note: 'The first two sectors belong to the key manager.',
  },
  {
    name: 'ESP8266',
    downloadPage: 'ESP8266_GENERIC',
    imageChipId: undefined,
    microPythonOffset: 0,
    note: 'An older image format; recognised, so that it can be named.',
  },
];

export function chipByName(name: string): Chip | undefined {
  return chips.find((chip) => chip.name === name);
}

export function chipByImageId(id: number): Chip | undefined {
  return chips.find((chip) => chip.imageChipId === id);
}
