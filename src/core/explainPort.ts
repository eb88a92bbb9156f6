/**
 * The sentences for ports, drivers, power and the way into the loader.
 * Below: errors. Above: explain.ts has those of everything else and puts the two together.
 */
import type { BoardErrorCode } from './errors';
import { or, say, type Say } from './explanation';

type PortCode = Extract<
  BoardErrorCode,
  | 'port-not-found'
  | 'port-busy'
  | 'port-permission'
  | 'port-failed'
  | 'driver-missing'
  | 'brown-out'
  | 'no-bootloader'
>;

/** For a person who has to press buttons by hand. */
const BY_HAND =
  'Hold BOOT, press and release EN, and keep BOOT held while you try again, until the bootloader answers.';

export const portSentences: Record<PortCode, Say> = {
  'port-not-found': (board, d) =>
    say(
      `${board}: nothing answers at ${or(d['path'] ?? d['address'], 'its port')}. Check that it is plugged in (and for a network board that its server runs), then try again.`,
      'retry',
    ),
  'port-busy': (board, d) =>
    say(
      `${board}: ${or(d['path'] ?? d['address'], 'the port')} is in use by ${or(d['owner'], 'another program')}. Close it there${d['owner'] ? '' : ' (Thonny, a serial monitor, another VS Code window)'}, then try again.`,
      'retry',
    ),
  'port-permission': (board, d) => {
    const path = or(d['path'], 'the port');
    if (d['relogin']) {
      return say(
        `${board}: this user is in the group ${or(d['group'], '')}, but was not yet when this session began, so ${path} stays closed. Log out and in again (or restart the computer), then try again.`,
        'retry',
      );
    }
    if (!d['command']) {
      return say(
        `${board}: this user may not open ${path}. Allow this user to open serial ports, then try again.`,
        'retry',
      );
    }
    const why = d['group']
      ? ` It belongs to the group ${d['group']}.`
      : ' It belongs to root alone.';
    const then = d['group'] ? 'log out and in again' : 'plug the board in again';
    return say(
      `${board}: this user may not open ${path}.${why} Run: ${d['command']} – then ${then}, and try again.`,
      'copyCommand',
      'retry',
    );
  },
  'port-failed': (board, _d, e) =>
    say(
      `${board}: the port refused a setting (${e.message}). Unplug it, plug it in again, and try once more.`,
      'retry',
      'showLog',
    ),
  'driver-missing': (_board, d) => {
    const what = `The board with a ${or(d['bridge'], 'USB bridge')} (${or(d['ids'], 'unknown id')}) is plugged in, but it has no port`;
    if (d['command']) {
      return say(
        `${what}: on Debian and Ubuntu, brltty takes such boards for a braille display. Run: ${d['command']} – then plug the board in again.`,
        'copyCommand',
        'retry',
      );
    }
    if (d['platform'] === 'linux') {
      return say(
        `${what}. Its driver is part of the kernel: run dmesg after plugging it in to see why it was not taken, and look again.`,
        'retry',
      );
    }
    return say(
      `${what}: its driver is missing. Install it from the maker’s page, plug the board in again, and look again.`,
      ...(d['url'] ? (['openPage'] as const) : []),
      'retry',
    );
  },
  'brown-out': (board) =>
    say(
      `${board}: its supply voltage broke down (brown-out), so it resets by itself. Use a short, thick USB cable or a powered hub, and take off what draws current from its 3V3 pin; then try again.`,
      'retry',
    ),
  'no-bootloader': (board, d) =>
    say(
      `${board}: the bootloader does not answer${d['seen'] ? ` (${d['seen']})` : ''}. ${BY_HAND} A charge-only USB cable looks the same.`,
      'retry',
      'showButtons',
      'showLog',
    ),
};
