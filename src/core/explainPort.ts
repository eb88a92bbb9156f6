/**
 * The sentences for ports, drivers, power and the way into the loader.
 * Below: errors. Above: explain.ts has those of everything else and puts the two together.
 */
import type { BoardErrorCode, ErrorDetails } from './errors';
import { or, say, type Say } from './explanation';
import { t } from './words';

type PortCode = Extract<
  BoardErrorCode,
  | 'port-not-found'
  | 'port-busy'
  | 'port-permission'
  | 'port-failed'
  | 'driver-missing'
  | 'brown-out'
  | 'no-bootloader'
  | 'share-failed'
>;

/** Where the board is, unless it is called by that. */
const portOf = (board: string, { path, address }: ErrorDetails, otherwise: string): string => {
  const where = or(path ?? address, otherwise);
  return where === board ? otherwise : where;
};

/** For a person who has to press buttons by hand. */
const BY_HAND = t(
  'Hold BOOT, press and release EN, and keep BOOT held while you try again, until the bootloader answers.',
);

export const portSentences: Record<PortCode, Say> = {
  'port-not-found': (board, d) =>
    say(
      t(
        '{board}: nothing answers at {path}. Check that it is plugged in (and for a network board that its server runs), then try again.',
        { board, path: portOf(board, d, t('its port')) },
      ),
      'retry',
    ),
  'port-busy': (board, d) =>
    d['ask']
      ? say(
          t(
            '{board}: {path} is in use by {owner}. Ask for it, or let go of it there, then try again.',
            {
              board,
              path: portOf(board, d, t('its port')),
              owner: or(d['owner'], t('another program')),
            },
          ),
          'askForPort',
          'retry',
        )
      : say(
          t('{board}: {path} is in use by {owner}. Close it there{more}, then try again.', {
            board,
            path: portOf(board, d, t('its port')),
            owner: or(d['owner'], t('another program')),
            more: d['owner'] ? '' : t(' (Thonny, a serial monitor, another VS Code window)'),
          }),
          'retry',
        ),
  'port-permission': (board, d) => {
    const path = or(d['path'], t('the port'));
    if (d['relogin']) {
      return say(
        t(
          '{board}: this user is in the group {group}, but was not yet when this session began, so {path} stays closed. Log out and in again (or restart the computer), then try again.',
          { board, group: or(d['group'], ''), path },
        ),
        'retry',
      );
    }
    if (!d['command']) {
      return say(
        t(
          '{board}: this user may not open {path}. Allow this user to open serial ports, then try again.',
          { board, path },
        ),
        'retry',
      );
    }
    const why = d['group']
      ? t(' It belongs to the group {group}.', { group: d['group'] })
      : t(' It belongs to root alone.');
    const then = d['group'] ? t('log out and in again') : t('plug the board in again');
    return say(
      t(
        '{board}: this user may not open {path}.{why} Run: {command} – then {then}, and try again.',
        { board, path, why, command: d['command'], then },
      ),
      'copyCommand',
      'retry',
    );
  },
  'port-failed': (board, d, e) =>
    say(
      d['reason'] === 'damaged'
        ? t(
            '{board}: what it said arrived damaged, so this was not finished; what was there before is whole. Try again; if it happens twice, use another cable, or a lower parley.repl.baudRate where the board has one.',
            { board },
          )
        : t(
            '{board}: the port refused a setting ({message}). Unplug it, plug it in again, and try once more.',
            { board, message: e.message },
          ),
      'retry',
      'showLog',
    ),
  'driver-missing': (_board, d) => {
    const what = t('The board with a {bridge} ({ids}) is plugged in, but it has no port', {
      bridge: or(d['bridge'], t('USB bridge')),
      ids: or(d['ids'], t('unknown id')),
    });
    if (d['command']) {
      return say(
        t(
          '{what}: on Debian and Ubuntu, brltty takes such boards for a braille display. Run: {command} – then plug the board in again.',
          { what, command: d['command'] },
        ),
        'copyCommand',
        'retry',
      );
    }
    if (d['platform'] === 'linux') {
      return say(
        t(
          '{what}. Its driver is part of the kernel: run dmesg after plugging it in to see why it was not taken, and look again.',
          { what },
        ),
        'retry',
      );
    }
    return say(
      t(
        '{what}: its driver is missing. Install it from the maker’s page, plug the board in again, and look again.',
        { what },
      ),
      ...(d['url'] ? (['openPage'] as const) : []),
      'retry',
    );
  },
  'brown-out': (board) =>
    say(
      t(
        '{board}: its supply voltage broke down (brown-out), so it resets by itself. Use a short, thick USB cable or a powered hub, and take off what draws current from its 3V3 pin; then try again.',
        { board },
      ),
      'retry',
    ),
  'no-bootloader': (board, d) =>
    say(
      t(
        '{board}: the bootloader does not answer{more}. {BY_HAND} A charge-only USB cable looks the same.',
        { board, more: d['seen'] ? ` (${d['seen']})` : '', BY_HAND },
      ),
      'retry',
      'showButtons',
      'showLog',
    ),
  'share-failed': (board, d) =>
    say(
      t(
        '{board}: its port cannot be shared at {path} ({reason}). Nothing was changed. Choose another port number, or an address that this computer has.',
        {
          board,
          path: or(d['path'], t('the address')),
          reason: or(d['reason'], t('no reason given')),
        },
      ),
      'retry',
    ),
};
