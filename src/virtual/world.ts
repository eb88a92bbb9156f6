/**
 * What a program does to the outside of its board: what it drives its pins with, and the lights on
 * them. Lies in memory that both threads see, so that a program which blinks pays nothing for it.
 * Below: nothing. Above: vmHost.ts writes, runtime.ts reads, main.ts tells.
 */

/** How a pin is used, as `machine.Pin` numbers its modes; PWM has a number of its own here. */
export const PIN_MODES = { 1: 'in', 3: 'out', 7: 'open-drain', 8: 'pwm' } as const;
export const PWM_MODE = 8;
export type PinMode = (typeof PIN_MODES)[keyof typeof PIN_MODES];

export interface PinState {
  readonly pin: number;
  readonly mode: PinMode;
  /** 0 or 1. */
  readonly level: number;
  /** Of PWM, 0 to 65535. */
  readonly duty: number;
  /** Of PWM, hertz. */
  readonly frequency: number;
}

export interface Strip {
  readonly pin: number;
  /** "#rrggbb" each; at most {@link MOST_LIGHTS}. */
  readonly colours: readonly string[];
}

export interface World {
  readonly pins: readonly PinState[];
  readonly strips: readonly Strip[];
}

/** The world, and what of it the program has looked at: names of readings (vmProtocol.ts). */
export interface Outside extends World {
  readonly asked: readonly string[];
}

const PINS = 49;
const PIN_WORDS = 4;
/** Strips at once, and lights of each that are shown; what is beyond runs unseen. */
const STRIPS = 4;
export const MOST_LIGHTS = 64;
const STRIP_WORDS = 2 + MOST_LIGHTS;
/** Word 0 goes up with every change. */
const VERSION = 0;
const FIRST_PIN = 1;
const FIRST_STRIP = FIRST_PIN + PINS * PIN_WORDS;
const WORDS = FIRST_STRIP + STRIPS * STRIP_WORDS;

export function worldBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * 4);
}

/** The program's side. */
export class WorldWriter {
  private readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer);
  }

  /** @param mode as `machine.Pin` numbers them; -1 leaves it */
  pin(pin: number, mode: number, level: number): void {
    if (pin < 0 || pin >= PINS) return;
    const at = FIRST_PIN + pin * PIN_WORDS;
    if (mode !== -1) this.words[at] = mode;
    this.words[at + 1] = level;
    this.changed();
  }

  /** @param frequency hertz; 0 gives the pin back @param duty 0 to 65535 */
  pwm(pin: number, frequency: number, duty: number): void {
    if (pin < 0 || pin >= PINS) return;
    const at = FIRST_PIN + pin * PIN_WORDS;
    this.words[at] = frequency > 0 ? PWM_MODE : 3;
    this.words[at + 2] = duty;
    this.words[at + 3] = frequency;
    this.changed();
  }

  /**
   * What a strip was sent.
   * @param size bytes of a light: green, red, blue (and white)
   */
  lights(pin: number, size: number, bytes: Uint8Array): void {
    if (size < 3) return;
    const at = this.stripOf(pin);
    if (at === undefined) return;
    const count = Math.min(MOST_LIGHTS, Math.floor(bytes.length / size));
    this.words[at] = pin + 1;
    this.words[at + 1] = count;
    for (let i = 0; i < count; i++) {
      const [green, red, blue] = bytes.subarray(i * size, i * size + 3) as unknown as number[];
      this.words[at + 2 + i] = (red! << 16) | (green! << 8) | blue!;
    }
    this.changed();
  }

  private stripOf(pin: number): number | undefined {
    for (let i = 0; i < STRIPS; i++) {
      const at = FIRST_STRIP + i * STRIP_WORDS;
      if (this.words[at] === pin + 1 || this.words[at] === 0) return at;
    }
    return undefined;
  }

  private changed(): void {
    Atomics.add(this.words, VERSION, 1);
  }
}

/** A number that is another after every change. */
export function worldVersion(buffer: SharedArrayBuffer): number {
  return Atomics.load(new Int32Array(buffer), VERSION);
}

/** What stands there now. A program may be changing it: the version is then another. */
export function readWorld(buffer: SharedArrayBuffer): World {
  const words = new Int32Array(buffer);
  const pins: PinState[] = [];
  for (let pin = 0; pin < PINS; pin++) {
    const at = FIRST_PIN + pin * PIN_WORDS;
    const mode = PIN_MODES[words[at] as keyof typeof PIN_MODES];
    if (!mode) continue;
    const [level, duty, frequency] = [words[at + 1]!, words[at + 2]!, words[at + 3]!];
    pins.push({ pin, mode, level, duty, frequency });
  }
  const strips: Strip[] = [];
  for (let i = 0; i < STRIPS; i++) {
    const at = FIRST_STRIP + i * STRIP_WORDS;
    if (!words[at]) continue;
    const lights = [...words.subarray(at + 2, at + 2 + words[at + 1]!)];
    const colours = lights.map((rgb) => `#${rgb.toString(16).padStart(6, '0')}`);
    strips.push({ pin: words[at]! - 1, colours });
  }
  return { pins, strips };
}
