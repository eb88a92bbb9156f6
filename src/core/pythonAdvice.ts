/**
 * What to do about an error that Python code on a board raised, in a sentence or two.
 * Below: nothing. Above: explain.ts adds it to what a command says, the terminal shows it as a hover.
 * errno are those of MicroPython on the ESP32: its own (py/mperrno.h) and, from sockets, lwIP's.
 */
import { t } from './words';

export interface PythonAdvice {
  readonly text: string;
  /** The module that an ImportError misses, without what follows its first dot. */
  readonly module?: string;
  /** The package of micropython-lib that has it. */
  readonly package?: string;
}

/** Modules of the extension's `firmware/lib`; Put brings them. */
const ours = new Set(['umqttsimple']);
/** Modules of micropython-lib that are not in an ESP32's firmware, by the name that is imported. */
const inMicropythonLib = new Set([
  ...['umqtt', 'urequests', 'requests', 'logging', 'datetime', 'copy', 'functools', 'unittest'],
  ...['aioble', 'ssd1306', 'sdcard', 'mip', 'base64', 'hmac', 'itertools', 'string', 'traceback'],
]);
/** Modules of CPython that no ESP32 has. */
const cpythonOnly = new Set([
  'typing',
  'threading',
  'subprocess',
  'pathlib',
  'numpy',
  'dataclasses',
]);

const byErrno: Readonly<Record<number, string>> = {
  1: t('The operation is not permitted here. A folder must be empty before it is removed.'),
  2: t(
    'No file of that name is on the board. Names are exact (upper and lower case count); put the file, or look in the Boards view what is there.',
  ),
  5: t(
    'The device or the file system answered with an error. On I2C: look at the wiring, power and pull-ups, and scan the bus.',
  ),
  11: t(
    'There is nothing to read or no room to write right now (EAGAIN). Try again a moment later.',
  ),
  12: t('Not enough memory for that: free some with gc.collect(), or ask for less at a time.'),
  13: t('Not permitted: the file is open elsewhere or read-only.'),
  16: t('That is in use already. Close or deinit() the first user.'),
  17: t('A file or folder of that name is there already.'),
  19: t(
    'No such device: nothing answers at that address or bus. Scan the I2C bus, look at pins and wiring.',
  ),
  20: t('A part of the path is a file, not a folder.'),
  21: t('That is a folder, not a file.'),
  22: t('An argument has a value that is not possible here.'),
  28: t('The file system is full. Remove files in the Boards view; its row shows the free space.'),
  98: t(
    'The port is still in use, often by the program before. Set SO_REUSEADDR, or reset the board.',
  ),
  101: t('The network cannot be reached: join the Wi-Fi first.'),
  103: t('The other side ended the connection. Connect again; umqtt: use a keepalive and ping.'),
  104: t(
    'The other side dropped the connection. Two MQTT clients with one id push each other out so.',
  ),
  107: t('The socket is not connected. Connect first, and again after an error.'),
  110: t('No answer in time. Is the other side on, and in the same network?'),
  111: t(
    'Nothing listens at that address and port. Start the broker; “localhost” on a board is the board itself.',
  ),
  113: t(
    'The board is not connected to a network, or the address cannot be reached from it. Join the Wi-Fi first and check the address.',
  ),
  118: t('The board has no network connection. Join the Wi-Fi first.'),
};

/**
 * Advice for a line such as "OSError: [Errno 2] ENOENT", the last of a traceback; undefined for any
 * other line and where there is nothing sensible to say. Firmware before 1.14 prints "OSError: 2".
 */
export function adviceForLine(line: string): PythonAdvice | undefined {
  const [, type, message = ''] = /^(?:\w+\.)*([A-Z]\w+)(?:: ?(.*))?$/.exec(line.trim()) ?? [];
  if (type === undefined) return undefined;
  const number = /^(?:\[Errno (-?\d+)\]|\(?(-?\d+)\b)/.exec(message);
  return pythonAdvice(type, message, number ? Number(number[1] ?? number[2]) : undefined);
}

/**
 * Advice for an exception, or undefined where there is nothing sensible to say.
 * @param type the exception's class; @param message what follows it; @param errno of an OSError
 */
export function pythonAdvice(
  type: string,
  message: string,
  errno?: number,
): PythonAdvice | undefined {
  switch (type) {
    case 'MemoryError':
      return {
        text: t(
          'The heap of the board is full or in pieces. Call gc.collect() before, make big buffers once and early, read files and answers in pieces, and import big modules first (or as .mpy).',
        ),
      };
    case 'ImportError':
    case 'ModuleNotFoundError':
      return importAdvice(message);
    case 'OSError':
      return errno === undefined ? wordAdvice(message) : errnoAdvice(errno);
    case 'KeyboardInterrupt':
      return { text: t('The program was stopped with Ctrl-C. Nothing is wrong.') };
    case 'MQTTException':
      return {
        text: /^[45]\b/.test(message)
          ? t(
              'The broker refused the user name or password. Give them to MQTTClient(user=…, password=…), or let everyone in at the broker.',
            )
          : t('The broker answered with something MQTT does not allow here. Look at its log.'),
      };
    case 'IndentationError':
      return {
        text: t('The spaces at the line’s beginning do not match. Do not mix tabs and spaces.'),
      };
    case 'SyntaxError':
      return {
        text: t(
          'MicroPython cannot read this line. It knows Python 3.4 and parts of later versions (f-strings since 1.17, := since 1.12; no match statement).',
        ),
      };
    default:
      return undefined;
  }
}

function importAdvice(message: string): PythonAdvice {
  const missing = /no module named '?([\w.]+)'?/i.exec(message)?.[1];
  if (missing === undefined) {
    return {
      text: t('The module is there, but not that name in it. Firmware differs: try dir(module).'),
    };
  }
  const module = missing.split('.')[0] ?? missing;
  const name = !ours.has(module) && inMicropythonLib.has(module) ? packageOf(module) : undefined;
  return { module, text: moduleAdvice(module), ...(name ? { package: name } : {}) };
}

/** The package of micropython-lib that has a module. */
function packageOf(module: string): string {
  return module === 'umqtt' ? 'umqtt.simple' : module;
}

function moduleAdvice(module: string): string {
  if (ours.has(module)) {
    return t('{module}.py is not on the board. Put the board’s folder: its library goes along.', {
      module,
    });
  }
  if (inMicropythonLib.has(module)) {
    return t(
      '{module} is not in this firmware; it is in micropython-lib: Install a Package (mip) puts {packageOf} on the board, with or without Wi-Fi.',
      { module, packageOf: packageOf(module) },
    );
  }
  if (cpythonOnly.has(module)) {
    return t('{module} belongs to Python on computers; MicroPython does not have it.', { module });
  }
  return t(
    'No {module}.py is on the board or in its /lib, and the firmware has no such module. Put the file; names are exact.',
    { module },
  );
}

function errnoAdvice(errno: number): PythonAdvice | undefined {
  if (errno === -2 || errno === -202) {
    return {
      text: t('The name cannot be resolved. Join the Wi-Fi first, or use a numeric address.'),
    };
  }
  const text = byErrno[errno];
  return text === undefined ? undefined : { text };
}

/** OSError with words, as the ESP32 port's network module raises it. */
function wordAdvice(message: string): PythonAdvice | undefined {
  if (/wifi internal/i.test(message)) {
    return {
      text: t(
        'The Wi-Fi was not ready. Call active(False), then active(True), and wait before connect().',
      ),
    };
  }
  if (/wifi|sta not|ssid/i.test(message)) {
    return {
      text: t(
        'The Wi-Fi could not be joined. Check name and password; an ESP32 joins 2.4 GHz networks only.',
      ),
    };
  }
  return undefined;
}
