/**
 * The sentences for images, flashing, backups and the loader.
 * Below: errors. Above: explain.ts puts them together with those of everything else.
 */
import type { BoardErrorCode, ErrorDetails } from './errors';
import { kb, or, say, type Say } from './explanation';
import { t } from './words';

type FlashCode = Extract<
  BoardErrorCode,
  | 'bootloader-failed'
  | 'unsupported'
  | 'not-an-image'
  | 'wrong-chip'
  | 'wrong-revision'
  | 'wrong-offset'
  | 'image-corrupt'
  | 'image-too-large'
  | 'wrong-backup'
  | 'backup-failed'
  | 'verify-failed'
  | 'no-firmware'
  | 'download-failed'
  | 'not-blank'
  | 'in-loader'
>;

/** What the flash holds after work that did not end well, as esp/flasher.ts left it in the details. */
export const holds = ({ flash, restoring }: ErrorDetails): string => {
  if (flash === 'untouched') return t(' Its flash is as it was.');
  if (flash === 'erased') return t(' Its flash is erased: flash it before it can run anything.');
  if (flash !== 'partly') return '';
  return restoring
    ? t(
        ' Its flash is only partly written, so it will not start: restore it again, which goes on where this stopped.',
      )
    : t(
        ' Its flash is only partly written, so it will not start: flash it again, which goes on where this stopped.',
      );
};

export const flashSentences: Record<FlashCode, Say> = {
  'bootloader-failed': (board, d, e) =>
    d['reason'] === 'flash'
      ? say(
          t(
            '{board}: its flash chip does not answer (its id reads as ffffff). Take off what is wired to GPIO6 to GPIO11 and to GPIO12, and try again; if it stays so, the module is damaged.',
            { board },
          ),
          'retry',
          'showLog',
        )
      : say(
          t(
            '{board}: the bootloader stopped answering ({message}).{flash} If it happens twice, use another cable or a lower parley.flash.baudRate.',
            {
              board,
              message: e.message,
              flash: holds(d) || t(' The flash may be half written: flash again.'),
            },
          ),
          'retry',
          'openSettings',
          'showLog',
        ),
  unsupported: (board, d, e) =>
    say(
      d['reason'] === 'secure'
        ? t(
            '{board} is locked: its chip is in secure download mode and lets nobody read or compare its flash, so it cannot be verified, backed up, restored or erased whole, and nothing was written to it. Update it over the air, as whoever locked it meant, or take another board.',
            { board },
          )
        : t('{board}: this chip cannot do that here ({message}).', { board, message: e.message }),
    ),
  'not-an-image': (board, d) =>
    say(
      t(
        '{file} is no ESP32 firmware image{more}, so {board} was left as it was. Pick a .bin made for flashing, such as one from micropython.org/download.',
        {
          file: or(d['file'], t('This file')),
          more: d['reason'] ? ` (${d['reason']})` : '',
          board,
        },
      ),
      'pickImage',
    ),
  'wrong-chip': (board, d) =>
    say(
      t(
        '{file} is for {imageChip}, but {board} is {boardChip}; nothing was written. Pick the image for {itsChip}.',
        {
          file: or(d['file'], t('This image')),
          imageChip: or(d['imageChip'], t('another chip')),
          board,
          boardChip: or(d['boardChip'], t('a different one')),
          itsChip: or(d['boardChip'], t('its chip')),
        },
      ),
      'pickImage',
    ),
  'wrong-revision': (board, d) =>
    say(
      t(
        '{file} needs chip revision {needs}, but {board} has {revision}; nothing was written. Pick an image that was built for revision {itsRevision}.',
        {
          file: or(d['file'], t('This image')),
          needs: or(d['needs'], t('another')),
          board,
          revision: or(d['revision'], t('a different one')),
          itsRevision: or(d['revision'], t('its')),
        },
      ),
      'pickImage',
    ),
  'wrong-offset': (board, d) =>
    say(
      t(
        '{file} cannot go there: {reason}. {board} was left as it was. Flash it again without an offset, or with the right one.',
        {
          file: or(d['file'], t('The image')),
          reason: or(d['reason'], t('the offset is wrong')),
          board,
        },
      ),
      'pickImage',
    ),
  'image-corrupt': (board, d) =>
    say(
      t('{file} is damaged ({reason}), so {board} was left as it was. Download it again.', {
        file: or(d['file'], t('The image')),
        reason: or(d['reason'], t('its checksum or hash is wrong')),
        board,
      }),
      'pickImage',
    ),
  'image-too-large': (board, d) =>
    say(
      t('{file} ({size}) does not fit the flash of {board} ({room} there). Pick a smaller image.', {
        file: or(d['file'], t('The image')),
        size: kb(d['size']),
        board,
        room: kb(d['room']),
      }),
      'pickImage',
    ),
  'wrong-backup': (board, d) =>
    say(
      t(
        '{file} cannot be restored onto {board}: {reason}. Nothing was written. Choose a backup of this board, or flash the file if it is a firmware image.',
        {
          file: or(d['file'], t('The file')),
          board,
          reason: or(d['reason'], t('it is no backup of its flash')),
        },
      ),
      'flash',
    ),
  'backup-failed': (board, d) =>
    say(
      t(
        '{board}: its flash cannot be saved to {file} ({reason}). The board is as it was. Make room there and try again, or begin anew with another place.',
        {
          board,
          file: or(d['file'], t('the file')),
          reason: or(d['reason'], t('no reason given')),
        },
      ),
      'retry',
    ),
  'verify-failed': (board, d) =>
    say(
      d['restoring']
        ? t(
            '{board}: what is in the flash differs from what was written. Restore it again; if it happens twice, lower parley.flash.baudRate or change the cable.',
            { board },
          )
        : t(
            '{board}: what is in the flash differs from what was written. Flash it again; if it happens twice, lower parley.flash.baudRate or change the cable.',
            { board },
          ),
      'retry',
      'openSettings',
    ),
  'no-firmware': (board) =>
    say(
      t(
        '{board} has no MicroPython yet, and there is no firmware chosen for it. Pick a .bin for its chip from micropython.org/download.',
        { board },
      ),
      'pickImage',
    ),
  'download-failed': (board, d) =>
    say(
      t(
        '{board} was left as it was: {url} cannot be downloaded ({reason}). Check the connection and parley.firmware.index; trying again goes on where it stopped.',
        {
          board,
          url: or(d['url'], t('the firmware')),
          reason: or(d['reason'], t('no reason given')),
        },
      ),
      'retry',
      'pickImage',
      'openSettings',
    ),
  'not-blank': (board) =>
    say(
      t('{board} is not blank and has no MicroPython. It is not wiped unless you say so.', {
        board,
      }),
      'flash',
    ),
  'in-loader': (board) =>
    say(
      t(
        '{board} waits in its bootloader, where MicroPython does not run. Reset it (or press EN), then try again.',
        { board },
      ),
      'retry',
    ),
};
