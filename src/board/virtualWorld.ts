/**
 * What stands around a virtual board, as its process tells it and as its panel shows it: pins, lights,
 * sensors, trouble. Below: nothing. Above: virtualBoards.ts, vscode/virtualPanel.ts, and the webview in
 * media/virtual, which imports this file alone.
 */

export interface PinState {
  readonly pin: number;
  readonly mode: 'in' | 'out' | 'open-drain' | 'pwm';
  /** 0 or 1. */
  readonly level: number;
  /** Of PWM, 0 to 65535. */
  readonly duty: number;
  /** Of PWM, hertz. */
  readonly frequency: number;
}

export interface World {
  readonly pins: readonly PinState[];
  /** Strips of lights, each light "#rrggbb". */
  readonly strips: readonly { readonly pin: number; readonly colours: readonly string[] }[];
  /** Readings that the program has looked at: "dht.4.temperature", "adc.34", "pin.5". */
  readonly asked: readonly string[];
}

/** What a person has set: a number, or null for "nothing is wired there". */
export type Readings = Readonly<Record<string, number | null>>;

/** Trouble that can be made with one click, and what it is to the process (virtual/faults.ts). */
export const troubles = {
  unplug: { kind: 'unplug', ms: 3000 },
  brownOut: { kind: 'brown-out' },
  wifi: { kind: 'wifi-gone', ms: 10_000 },
  lose: { kind: 'drop', bytes: 3 },
  flip: { kind: 'flip', bytes: 3 },
  stall: { kind: 'stall', ms: 3000 },
  slowFlash: { kind: 'slow-flash', ms: 40 },
} as const;
export type Trouble = keyof typeof troubles;

/** All that the panel shows; sent whole, it is small. */
export interface PanelState {
  readonly type: 'state';
  readonly name: string;
  readonly chip: string;
  readonly mac: string;
  /** "running a program", "not running". */
  readonly status: string;
  /** Its process runs: what is set has an effect. */
  readonly alive: boolean;
  /** The network it can see, and whether that asks for a password. */
  readonly air: { readonly ssid: string; readonly secured: boolean };
  readonly world: World;
  readonly readings: Readings;
}

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'set'; readonly name: string; readonly value: number | null | undefined }
  | { readonly type: 'trouble'; readonly trouble: Trouble }
  | { readonly type: 'peace' }
  /** The person wants another network around the board. */
  | { readonly type: 'air' }
  /** The person wants a board that does not run to run. */
  | { readonly type: 'start' };

export const emptyWorld: World = { pins: [], strips: [], asked: [] };

/** Names of readings: what kind, which pin, and what of it. */
const READING =
  /^(dht\.\d{1,2}\.(temperature|humidity)|ds18x20\.\d{1,2}\.[0-7]|adc\.\d{1,2}|rfid\.\d{1,2}|pin\.\d{1,2})$/;

/** True for the name of something that can be set around a board. */
export function isReading(name: unknown): name is string {
  return typeof name === 'string' && READING.test(name);
}

const MODES: readonly unknown[] = ['in', 'out', 'open-drain', 'pwm'] satisfies PinState['mode'][];

/** A world as the process tells it; what does not look like one is left out. */
export function parseWorld(value: unknown): World {
  const { pins, strips, asked } = record(value);
  return {
    pins: list(pins).flatMap((one) => {
      const { pin, mode, level, duty, frequency } = record(one);
      const numbers = [pin, level, duty, frequency];
      if (!MODES.includes(mode) || !numbers.every(Number.isFinite)) return [];
      return [{ pin, mode, level, duty, frequency } as unknown as PinState];
    }),
    strips: list(strips).flatMap((one) => {
      const { pin, colours } = record(one);
      if (typeof pin !== 'number') return [];
      const valid = (c: unknown): c is string => typeof c === 'string' && /^#[0-9a-f]{6}$/.test(c);
      return [{ pin, colours: list(colours).filter(valid) }];
    }),
    asked: list(asked).filter(isReading),
  };
}

/** What the webview asked for; undefined for anything it cannot have sent. */
export function parseFromPanel(value: unknown): FromPanel | undefined {
  const { type, name, value: to, trouble } = record(value);
  if (type === 'ready' || type === 'peace' || type === 'air' || type === 'start') return { type };
  if (type === 'trouble' && typeof trouble === 'string' && Object.hasOwn(troubles, trouble)) {
    return { type, trouble: trouble as Trouble };
  }
  const settable = to === null || to === undefined || (typeof to === 'number' && isFinite(to));
  if (type === 'set' && isReading(name) && settable) return { type, name, value: to };
  return undefined;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
