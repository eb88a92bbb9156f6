/**
 * Why a serial port of this computer does not open, and what would help: who has it, which group
 * it belongs to, which command lets this user in. Below: the operating system. Above: serial.ts.
 */
import { readFile, stat } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { BoardError, type BoardErrorCode, type ErrorDetails } from '../core/errors';
import { holderByLsof, holderOnLinux, type Program } from '../core/openFiles';
import type { UsbIdentity } from './port';
import { t } from '../core/words';

/**
 * What an error of opening means, by the words of the bindings: POSIX says "Error: Permission
 * denied, cannot open …" or "Cannot lock port", Windows "Opening COM3: Access denied".
 */
export function openError(
  error: Error,
  path: string,
  platform: NodeJS.Platform = process.platform,
): BoardError {
  const said = error.message;
  let code: BoardErrorCode = 'port-failed';
  if (/no such (file|device)|file not found|not found|no such device or address/i.test(said)) {
    code = 'port-not-found';
  } else if (/cannot lock|resource (busy|temporarily)|device or resource busy/i.test(said)) {
    code = 'port-busy';
  } else if (/permission denied|access( is)? denied|operation not permitted/i.test(said)) {
    // Windows has no permissions on ports: denied means that a program has it.
    code = platform === 'win32' ? 'port-busy' : 'port-permission';
  }
  const user = code === 'port-permission' ? userName() : undefined;
  return new BoardError(code, `${path}: ${said}`, { cause: error, details: { path, user } });
}

/**
 * `error` with what this system knows beside it: details { owner } of a busy port; { group, command,
 * relogin } of one this user may not open. Takes at most about 2 s. Never throws.
 */
export async function withRemedy(
  error: BoardError,
  usb: UsbIdentity | undefined,
  platform: NodeJS.Platform = process.platform,
): Promise<BoardError> {
  const path = String(error.details['path'] ?? '');
  let more: ErrorDetails = {};
  try {
    if (error.code === 'port-busy') {
      const program = await holderOf(path, platform);
      more = program
        ? { owner: t('{who}, process {pid}', { who: program.name, pid: program.pid }) }
        : {};
    } else if (error.code === 'port-permission' && platform === 'linux') {
      const { mode, gid } = await stat(path);
      const groups = await readFile('/etc/group', 'utf8').catch(() => '');
      more = permissionRemedy({ mode, gid, groups, user: userName(), ours: ourGroups() }, usb);
    }
  } catch {
    // Not knowing more is no fault of the port.
  }
  return new BoardError(error.code, error.message, {
    cause: error.cause,
    details: { ...error.details, ...more },
  });
}

/** The program that has the port open; undefined where the system does not tell. */
export function holderOf(path: string, platform: NodeJS.Platform): Promise<Program | undefined> {
  if (platform === 'linux') return holderOnLinux(new Set([path, realPath(path)]));
  return platform === 'darwin' ? holderByLsof([path]) : Promise.resolve(undefined);
}

export interface Permissions {
  /** As stat(2) has them. */
  readonly mode: number;
  readonly gid: number;
  /** The text of /etc/group (group(5): name, password, number, members). */
  readonly groups: string;
  readonly user: string | undefined;
  /** Groups of this process. */
  readonly ours: readonly number[];
}

/**
 * The command that lets the user in. A device that a group may read and write (dialout, uucp,
 * plugdev): join it. One that root alone may: a udev rule for this USB device.
 */
export function permissionRemedy(
  { mode, gid, groups, user, ours }: Permissions,
  usb: UsbIdentity | undefined,
): ErrorDetails {
  const entry = groups.split('\n').find((line) => line.split(':')[2] === String(gid));
  const [group, , , members = ''] = entry?.split(':') ?? [];
  const forGroup = (mode & 0o060) === 0o060 && gid !== 0 && group !== undefined;
  if (!forGroup) return usb ? { command: udevCommand(usb) } : {};
  const member = user !== undefined && members.split(',').includes(user);
  // In the group by its file, but not in this session: groups are read at login.
  if (member && !ours.includes(gid)) return { group, relogin: 'yes' };
  return { group, command: `sudo usermod -aG ${group} $USER` };
}

/** A rule as udev(7) has it: `uaccess` gives the device to whoever sits at the computer. */
function udevCommand({ vendorId, productId }: UsbIdentity): string {
  const hex = (n: number): string => n.toString(16).padStart(4, '0');
  const rule = `SUBSYSTEM=="tty", ATTRS{idVendor}=="${hex(vendorId)}", ATTRS{idProduct}=="${hex(productId)}", MODE="0660", TAG+="uaccess"`;
  return `echo '${rule}' | sudo tee /etc/udev/rules.d/70-esp32.rules && sudo udevadm control --reload && sudo udevadm trigger`;
}

function ourGroups(): readonly number[] {
  return process.getgroups?.() ?? [];
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // no entry in passwd, as in some containers
  }
}
