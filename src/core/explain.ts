/**
 * What happened, to which board, and what to do next: the sentence for every error code.
 * Below: errors. Above: notify.ts makes a notification of it, the terminal prints it; both the
 * same words, written once.
 */
import { BoardError, type BoardErrorCode, type ErrorDetails } from './errors';
import { or, say, type Explanation, type Say } from './explanation';
import { portSentences } from './explainPort';
import { adviceForLine } from './pythonAdvice';

export type { ExplainAction, Explanation } from './explanation';

/** Bytes in the unit a person compares sizes in. */
const kb = (value: string | number | undefined): string =>
  typeof value === 'number' ? `${Math.ceil(value / 1024)} KB` : 'an unknown size';

/** What the flash holds after work that did not end well, as esp/flasher.ts left it in the details. */
const holds = ({ flash, restoring }: ErrorDetails): string => {
  const again = restoring ? 'restore' : 'flash';
  if (flash === 'untouched') return ' Its flash is as it was.';
  if (flash === 'erased') return ' Its flash is erased: flash it before it can run anything.';
  if (flash === 'partly') {
    return ` Its flash is only partly written, so it will not start: ${again} it again, which goes on where this stopped.`;
  }
  return '';
};

const sentences: Record<BoardErrorCode, Say> = {
  ...portSentences,
  cancelled: (board, d) =>
    d['flash'] === 'erased' || d['flash'] === 'partly'
      ? say(`${board}: cancelled.${holds(d)}`, 'retry')
      : say(`${board}: cancelled. Nothing more is being done to it.${holds(d)}`),
  'port-lost': (board, d) =>
    say(
      `${board}: the port went away in the middle${d['doing'] ? ` of ${d['doing']}` : ''}.${holds(d)} Check the cable, plug it in again, and repeat the step: ${d['flash'] ? 'what is right already is not sent again' : 'it starts from the beginning and harms nothing'}.`,
      'retry',
      'showLog',
    ),
  'board-busy': (board, d) =>
    say(
      `${board} is busy with ${or(d['operation'], 'something else')}. Wait for it, or cancel it.`,
    ),
  'bootloader-failed': (board, d, e) =>
    d['reason'] === 'flash'
      ? say(
          `${board}: its flash chip does not answer (its id reads as ffffff). Take off what is wired to GPIO6 to GPIO11 and to GPIO12, and try again; if it stays so, the module is damaged.`,
          'retry',
          'showLog',
        )
      : say(
          `${board}: the bootloader stopped answering (${e.message}).${holds(d) || ' The flash may be half written: flash again.'} If it happens twice, use another cable or a lower parley.flash.baudRate.`,
          'retry',
          'openSettings',
          'showLog',
        ),
  unsupported: (board, d, e) =>
    say(
      d['reason'] === 'secure'
        ? `${board} is locked: its chip is in secure download mode and lets nobody read or compare its flash, so it cannot be verified, backed up, restored or erased whole, and nothing was written to it. Update it over the air, as whoever locked it meant, or take another board.`
        : `${board}: this chip cannot do that here (${e.message}).`,
    ),
  'not-an-image': (board, d) =>
    say(
      `${or(d['file'], 'This file')} is no ESP32 firmware image${d['reason'] ? ` (${d['reason']})` : ''}, so ${board} was left as it was. Pick a .bin made for flashing, such as one from micropython.org/download.`,
      'pickImage',
    ),
  'wrong-chip': (board, d) =>
    say(
      `${or(d['file'], 'This image')} is for ${or(d['imageChip'], 'another chip')}, but ${board} is ${or(d['boardChip'], 'a different one')}; nothing was written. Pick the image for ${or(d['boardChip'], 'its chip')}.`,
      'pickImage',
    ),
  'wrong-revision': (board, d) =>
    say(
      `${or(d['file'], 'This image')} needs chip revision ${or(d['needs'], 'another')}, but ${board} has ${or(d['revision'], 'a different one')}; nothing was written. Pick an image that was built for revision ${or(d['revision'], 'its')}.`,
      'pickImage',
    ),
  'wrong-offset': (board, d) =>
    say(
      `${or(d['file'], 'The image')} cannot go there: ${or(d['reason'], 'the offset is wrong')}. ${board} was left as it was. Flash it again without an offset, or with the right one.`,
      'pickImage',
    ),
  'image-corrupt': (board, d) =>
    say(
      `${or(d['file'], 'The image')} is damaged (${or(d['reason'], 'its checksum or hash is wrong')}), so ${board} was left as it was. Download it again.`,
      'pickImage',
    ),
  'image-too-large': (board, d) =>
    say(
      `${or(d['file'], 'The image')} (${kb(d['size'])}) does not fit the flash of ${board} (${kb(d['room'])} there). Pick a smaller image.`,
      'pickImage',
    ),
  'wrong-backup': (board, d) =>
    say(
      `${or(d['file'], 'The file')} cannot be restored onto ${board}: ${or(d['reason'], 'it is no backup of its flash')}. Nothing was written. Choose a backup of this board, or flash the file if it is a firmware image.`,
      'flash',
    ),
  'backup-failed': (board, d) =>
    say(
      `${board}: its flash cannot be saved to ${or(d['file'], 'the file')} (${or(d['reason'], 'no reason given')}). The board is as it was. Make room there and try again, or begin anew with another place.`,
      'retry',
    ),
  'verify-failed': (board, d) =>
    say(
      `${board}: what is in the flash differs from what was written. ${d['restoring'] ? 'Restore' : 'Flash'} it again; if it happens twice, lower parley.flash.baudRate or change the cable.`,
      'retry',
      'openSettings',
    ),
  'no-firmware': (board) =>
    say(
      `${board} has no MicroPython yet, and there is no firmware chosen for it. Pick a .bin for its chip from micropython.org/download.`,
      'pickImage',
    ),
  'download-failed': (board, d) =>
    say(
      `${board} was left as it was: ${or(d['url'], 'the firmware')} cannot be downloaded (${or(d['reason'], 'no reason given')}). Check the connection and parley.firmware.index; trying again goes on where it stopped.`,
      'retry',
      'pickImage',
      'openSettings',
    ),
  'package-failed': (board, d) =>
    say(
      `${board} was left as it was: the package ${or(d['package'], 'asked for')} cannot be had (${or(d['reason'], 'no reason given')}). Check how it is written and the connection.`,
      'retry',
    ),
  'no-micropython': (board) =>
    say(
      `${board} does not answer as MicroPython: it is blank or runs something else. Flash MicroPython onto it first.`,
      'flash',
      'resetBoard',
    ),
  'program-running': (board) =>
    say(
      `${board} runs a program, so its files are left alone. Stop the program to see and change them.`,
      'stopAndRetry',
    ),
  'prompt-timeout': (board, d) =>
    say(
      d['reason'] === 'locked'
        ? `${board} cannot be stopped: Ctrl-C, and EN with Ctrl-C while it boots, were tried for ${or(d['seconds'], 'some')} s. Its boot.py shuts Ctrl-C out at once. Erase and flash the board; its files are lost by that.`
        : `${board} runs a program that does not let go of the prompt. Reset it and try again at once; if that does not help, erase and flash it.`,
      ...(d['reason'] === 'locked'
        ? (['flash', 'retry'] as const)
        : (['resetBoard', 'retry'] as const)),
    ),
  'python-error': (board, d) => {
    const line = lastLine(d['traceback']);
    const advice = adviceForLine(line);
    const after = advice ? ` ${advice.text}` : '';
    return say(`${board}: the program ended with ${line}.${after}`, 'openTerminal');
  },
  'disk-full': (board, d) =>
    say(
      `${board} has no room for ${or(d['path'], 'the files')}${
        // The file system may run full in the middle, and then tells no number.
        d['free'] === undefined ? '' : `: ${kb(d['needed'])} needed, ${kb(d['free'])} free`
      }. What was there is untouched. Remove files from the board first.`,
      'openTerminal',
    ),
  'file-missing': (board, d) =>
    say(`${or(d['path'], 'A file')} is not there, so nothing was done to ${board}.`),
  'file-exists': (board, d) =>
    say(
      `${board} has ${or(d['path'], 'that file')} already; nothing was changed. Use another name.`,
    ),
  'folder-not-empty': (_board, d) =>
    say(
      `${or(d['path'], 'The folder')} is there already and not empty, so nothing was written. Choose another place.`,
      'retry',
    ),
  'put-failed': (board, d) =>
    say(
      `${board}: ${or(d['path'], 'a file')} did not arrive whole. The old one is untouched. Try again.`,
      'retry',
      'showLog',
    ),
  'broker-port-taken': (_board, d) =>
    say(
      `Broker: port ${or(d['port'], '1883')} on ${or(d['host'], 'this computer')} is already used by ${or(d['owner'], 'another program')}` +
        (d['mqtt'] === 'yes'
          ? ', which is an MQTT broker. Use it, or start Parley’s on another port.'
          : '. Stop that program, or use another port.'),
      ...(d['mqtt'] === 'yes' ? (['useThatBroker'] as const) : []),
      'useOtherPort',
    ),
  'broker-address': (_board, d) =>
    say(
      `Broker: this computer has no address ${or(d['host'], '')}. Correct parley.broker.host, or leave it empty for an automatic choice.`,
      'openSettings',
    ),
  'broker-unreachable': (_board, d) =>
    say(
      `Broker: nothing answers at ${or(d['host'], 'the address')}:${or(d['port'], '1883')}. Start it, or correct parley.broker.host and parley.broker.port.`,
      'startBroker',
      'openSettings',
    ),
  'broker-certificate': (_board, d) =>
    say(
      `Broker: the certificate of ${or(d['host'], 'the broker')}:${or(d['port'], '8883')} is not accepted (${or(d['reason'], 'no reason given')}). Nothing was sent. Name the authority that signed it as "ca" in parley.broker.connection, and a client certificate there too if the broker asks for one.`,
      'chooseBroker',
      'openSettings',
    ),
  'broker-program': (_board, d) =>
    say(
      d['program'] === 'mosquitto'
        ? `Broker: Mosquitto does not run (${or(d['reason'], 'no reason given')}). Install it (Debian: sudo apt install mosquitto; macOS: brew install mosquitto; Windows: mosquitto.org/download), or name it in parley.broker.mosquittoPath, or choose Parley’s own broker.`
        : `Broker: its process does not run (${or(d['reason'], 'no reason given')}). Start it again; boards find it by themselves.`,
      ...(d['program'] === 'mosquitto'
        ? (['chooseBroker', 'openSettings', 'showLog'] as const)
        : (['startBroker', 'showLog'] as const)),
    ),
  'broker-refused': (_board, d) =>
    say(
      `Broker: it refused (${or(d['reason'], 'no reason given')}). Check its user name, password and access rules.`,
      'setBrokerPassword',
      'openSettings',
    ),
  'not-a-recording': (_board, d) =>
    say(
      `Recording: ${or(d['file'], 'that file')} holds no recorded conversation, so nothing was opened. Pick a .jsonl file that “Record Conversation” or “Export the Conversation” wrote.`,
    ),
  'record-failed': (_board, d) =>
    say(
      `Recording: the conversation cannot be written to ${or(d['file'], 'the file')} (${or(d['reason'], 'no reason given')}). What was written before is there. Choose another place, and look for room on the disk.`,
      'showLog',
    ),
  'file-not-written': (_board, d) =>
    say(
      `The file ${or(d['file'], 'that was chosen')} cannot be written on this computer (${or(d['reason'], 'no reason given')}). Nothing that was there is changed. Choose another place, or make room on the disk, then try again.`,
      'retry',
      'showLog',
    ),
  'history-failed': (_board, d) =>
    say(
      `Recording: the conversation is not kept for the next time this window opens: ${or(d['folder'], 'its folder')} cannot be written (${or(d['reason'], 'no reason given')}). It goes on, and is held in memory. Look for room on the disk, then reload the window.`,
      'showLog',
    ),
  'wifi-failed': (board, d) =>
    say(
      `${board} does not get onto the Wi-Fi "${or(d['ssid'], '')}". Check parley.wifi.ssid and the password; an ESP32 joins 2.4 GHz networks only.`,
      'openSettings',
      'openTerminal',
    ),
  'no-conversation': (board, d) =>
    say(
      `${board} has not said anything${d['seconds'] ? ` for ${d['seconds']} s` : ''}. Usually the Wi-Fi name, the password, or the broker's address is wrong: find out which, or open its prompt to see what it prints.`,
      'findOut',
      'openTerminal',
    ),
  'virtual-failed': (board, d) =>
    say(
      `${board}: the virtual board did not start (${or(d['why'], 'no reason given')}). Try again; the log has the details.`,
      'retry',
      'showLog',
    ),
  'virtual-ended': (board, d) =>
    d['again'] === 'yes'
      ? say(
          `${board}: this virtual board ended by itself (${or(d['why'], 'no reason given')}) and was started again. Its flash and its files are as it left them; what it was doing begins anew.`,
          'showLog',
        )
      : say(
          `${board}: this virtual board ended by itself (${or(d['why'], 'no reason given')}) and does not run now. Its flash and its files are kept. Start it again; if it ends again, the log has the details for an issue report.`,
          'retry',
          'showLog',
        ),
  'not-blank': (board) =>
    say(
      `${board} is not blank and has no MicroPython. It is not wiped unless you say so.`,
      'flash',
    ),
  'no-folder': (board) =>
    say(
      `No folder of this workspace belongs to ${board}. Choose one, or set parley.folders.`,
      'openSettings',
    ),
  'in-loader': (board) =>
    say(
      `${board} waits in its bootloader, where MicroPython does not run. Reset it (or press EN), then try again.`,
      'retry',
    ),
  'mpy-missing': (board, d) =>
    say(
      `${board}: nothing was put. Files are to be compiled first (parley.mpy.compile), and mpy-cross does not run: ${or(d['reason'], 'it is not there')}. Install it, name it in parley.mpy.crossPath, or turn compiling off.`,
      'openSettings',
    ),
  'mpy-version': (board, d) =>
    say(
      Number(d['boardVersion']) === 0
        ? `${board}: nothing was put. Its MicroPython takes no compiled files (.mpy). Turn parley.mpy.compile off for this workspace.`
        : `${board}: nothing was put. Its MicroPython takes files of mpy version ${or(d['boardVersion'], 'unknown')}, and mpy-cross here makes version ${or(d['version'], 'unknown')}. Install the mpy-cross that belongs to the board’s MicroPython, or turn parley.mpy.compile off.`,
      'openSettings',
    ),
  'mpy-compile': (board, d) =>
    say(
      `${board}: nothing was put, because ${or(d['path'], 'a file')}${d['line'] === undefined ? '' : `, line ${d['line']},`} does not compile: ${or(d['error'], 'mpy-cross refuses it')}.`,
      'retry',
    ),
  'no-workspace': () =>
    say('The folder to work in is missing: open one in this window, then try again.'),
};

/** The sentence for `error`, naming `board` where one is concerned. Never shows a stack. */
export function explain(error: unknown, board = 'The board'): Explanation {
  if (error instanceof BoardError) return sentences[error.code](board, error.details, error);
  const text = error instanceof Error ? error.message : String(error);
  return say(`${board}: ${text.split('\n')[0]}. The log has the details.`, 'retry', 'showLog');
}

/** `sentence` with the code of `error` behind its first line, by which docs/errors.md finds it. */
export function withCode(sentence: string, error: unknown): string {
  if (!(error instanceof BoardError)) return sentence;
  const [first = '', ...rest] = sentence.split('\n');
  return [`${first} [${error.code}]`, ...rest].join('\n');
}

function lastLine(traceback: string | number | undefined): string {
  const lines = String(traceback ?? '')
    .trim()
    .split('\n');
  return lines.at(-1)?.trim() || 'an error';
}
