/**
 * Reset sequences as data and the one function that plays them. Below: port. Above: flasher.ts,
 * board. Written the way esptool's configuration writes them, times in ms:
 * `D0`/`D1` DTR, `R0`/`R1` RTS, `U<dtr>,<rts>` both at once, `W<ms>` wait; `|` between.
 *
 * On a DevKit EN is low (reset) while RTS is asserted and DTR is not, and GPIO0 is low (loader)
 * while DTR is asserted and RTS is not. A loader reset is: EN low, then EN up with GPIO0 low.
 */
import { systemClock, type Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import type { Port, PortInfo } from '../port/port';

/** esptool's ClassicReset; 50 ms suits most boards, 550 those with a large capacitor on EN. */
export const classicReset = (holdMs = 50): string => `D0|R1|W100|D1|R0|W${holdMs}|D0`;

/** esptool's UnixTightReset: both lines in one ioctl, so that GPIO0 is low when EN rises. */
export const tightReset = (holdMs = 50): string => `U0,0|U1,1|U0,1|W100|U1,0|W${holdMs}|U0,0`;

/**
 * ClassicReset for a port behind a network: the same states, but both lines of a step in one
 * segment. One by one, a round trip would lie between the two, longer than EN takes to rise.
 */
export const networkReset = (holdMs = 50): string => `U0,1|W100|U1,0|W${holdMs}|U0,0`;

/** esptool's USBJTAGSerialReset: goes through (1,1), as this peripheral wants it. */
export const usbJtagReset = 'R0|D0|W100|D1|R0|W100|R1|D0|R1|W100|D0|R0';

/** Into the application: EN low for 100 ms. */
const HARD_RESET = 'D0|R1|W100|R0';
/** The same on native USB, which needs longer and vanishes for a moment. */
const HARD_RESET_USB = 'D0|R1|W200|R0|W200';

type Step =
  | { readonly kind: 'lines'; readonly dtr?: boolean; readonly rts?: boolean }
  | { readonly kind: 'wait'; readonly ms: number };

/** @throws BoardError port-failed when `text` is no reset sequence; the message names the part */
export function parseResetSequence(text: string): Step[] {
  return text.split('|').map((part): Step => {
    const both = /^U([01]),([01])$/.exec(part);
    if (both) return { kind: 'lines', dtr: both[1] === '1', rts: both[2] === '1' };
    const one = /^([DR])([01])$/.exec(part);
    if (one) return { kind: 'lines', [one[1] === 'D' ? 'dtr' : 'rts']: one[2] === '1' };
    const wait = /^W(\d{1,5})$/.exec(part);
    if (wait) return { kind: 'wait', ms: Number(wait[1]) };
    throw new BoardError('port-failed', `"${part}" is no step of a reset sequence ("${text}")`);
  });
}

/**
 * Plays `text` on the lines of `port`.
 * @throws BoardError port-failed (no sequence, or the lines are refused), port-lost
 */
export async function runResetSequence(
  port: Port,
  text: string,
  clock: Clock = systemClock,
): Promise<void> {
  for (const step of parseResetSequence(text)) {
    if (step.kind === 'wait') await clock.sleep(step.ms);
    else if (step.dtr !== undefined && step.rts !== undefined) {
      await port.setSignals({ dtr: step.dtr, rts: step.rts });
    } else if (step.dtr !== undefined) await port.setSignals({ dtr: step.dtr });
    else await port.setSignals({ rts: step.rts });
  }
}

/** True for the USB-Serial-JTAG inside newer chips, which has sequences of its own. */
export function isUsbSerialJtag(info: PortInfo): boolean {
  return info.usb?.vendorId === 0x303a && info.usb.productId === 0x1001;
}

/** The sequences to try in turn, again and again, until the ROM loader answers (esptool's order). */
export function resetLadder(
  info: PortInfo,
  platform: NodeJS.Platform = process.platform,
): readonly string[] {
  if (isUsbSerialJtag(info)) return [usbJtagReset];
  // What kind of USB is at the far end nobody says.
  if (info.scheme === 'rfc2217') return [networkReset(50), networkReset(550), usbJtagReset];
  if (platform === 'win32') return [classicReset(50), classicReset(550)];
  return [tightReset(50), tightReset(550), classicReset(50), classicReset(550)];
}

/**
 * Resets the board into its application and lets go of both lines.
 * @throws BoardError port-lost, port-failed
 */
export async function hardReset(port: Port, clock: Clock = systemClock): Promise<void> {
  const sequence = isUsbSerialJtag(port.info) ? HARD_RESET_USB : HARD_RESET;
  await runResetSequence(port, sequence, clock);
}
