/**
 * The one error class of the domain: a literal code, a message for maintainers, facts as data.
 * Below: nothing. Above: `explain.ts` makes the sentence a user reads; nobody else does.
 */

/** Every way a board, a port, a file or a broker can fail. A doc line each. */
export type BoardErrorCode =
  /** The user or a caller cancelled the work; not a failure to be shown. */
  | 'cancelled'
  /** No such port (unplugged before it was opened, or an address nobody listens on). */
  | 'port-not-found'
  /** Another program, or another client of an RFC 2217 server, has the port. details: { path, owner? } */
  | 'port-busy'
  /** The operating system refuses the port to this user. details: { path, group?, command?, relogin? } */
  | 'port-permission'
  /** The port went away while it was in use. */
  | 'port-lost'
  /** The driver or server refused something on an open port. */
  | 'port-failed'
  /** A USB bridge is plugged in and has no port. details: { bridge, ids, platform, url?, command? } */
  | 'driver-missing'
  /** The board said that its supply voltage broke down. */
  | 'brown-out'
  /** Another operation of this window is using the board. */
  | 'board-busy'
  /** The ROM loader does not answer SYNC. */
  | 'no-bootloader'
  /** The loader answered with an error, or not at all, in the middle of the work. */
  | 'bootloader-failed'
  /** The loader cannot do this on this chip without the stub. */
  | 'unsupported'
  /** The file is no ESP image. details: { file } */
  | 'not-an-image'
  /** The image is for another chip. details: { imageChip, boardChip } */
  | 'wrong-chip'
  /** The image is for newer or older chips of this kind. details: { needs, revision } */
  | 'wrong-revision'
  /** The image cannot go to that place in the flash. details: { reason } */
  | 'wrong-offset'
  /** The image's checksum or hash is wrong. details: { file } */
  | 'image-corrupt'
  /** The image does not fit. details: { size, room } in bytes */
  | 'image-too-large'
  /** The file is not the whole flash of such a board. details: { file, reason } */
  | 'wrong-backup'
  /** A backup of a flash cannot be written on this computer. details: { file, reason } */
  | 'backup-failed'
  /** The board needs MicroPython and no image was chosen for it. */
  | 'no-firmware'
  /** A page or a file could not be had from the network. details: { url, reason } */
  | 'download-failed'
  /** What was read back differs from what was written. */
  | 'verify-failed'
  /** There is no MicroPython prompt: the board is blank or runs something else. */
  | 'no-micropython'
  /** A package (mip) cannot be had. */
  | 'package-failed'
  /** A program runs, and what was asked for must not stop it. */
  | 'program-running'
  /** MicroPython may be there, but no prompt came before the deadline. */
  | 'prompt-timeout'
  /** Python code on the board raised. details: { traceback } */
  | 'python-error'
  /** No room on the board's file system. details: { needed, free } in bytes */
  | 'disk-full'
  /** A file on the board or on this computer is not there. details: { path } */
  | 'file-missing'
  /** A file or folder of that name is there already. details: { path } */
  | 'file-exists'
  /** A folder of this computer that was to be new holds something. details: { path } */
  | 'folder-not-empty'
  /** A file did not arrive whole; the old one is untouched. details: { path } */
  | 'put-failed'
  /** The broker's port is taken. details: { host, port, owner? } */
  | 'broker-port-taken'
  /** This computer has no such address to listen on. details: { host } */
  | 'broker-address'
  /** The broker's address does not answer. details: { host, port } */
  | 'broker-unreachable'
  /** The broker listens on this computer alone. details: { reason: 'unanswered' | 'chosen' | 'untrusted' } */
  | 'broker-closed'
  /** The broker did not let a board in. details: { client?, address?, named } */
  | 'board-refused'
  /** The broker listens on an address that this computer has no more. details: { host, now } */
  | 'address-gone'
  /** A TLS certificate is not accepted, the broker's or the client's. details: { host, port, reason } */
  | 'broker-certificate'
  /** A broker's program is not there, does not start or ended. details: { program, reason } */
  | 'broker-program'
  /** The broker refused the client or a message. details: { reason } */
  | 'broker-refused'
  /** The file holds no recorded conversation. details: { file } */
  | 'not-a-recording'
  /** A recording cannot be written. details: { file, reason } */
  | 'record-failed'
  /** A file cannot be written on this computer. details: { file, reason } */
  | 'file-not-written'
  /** What is said cannot be kept for the next window. details: { folder, reason } */
  | 'history-failed'
  /** What was kept of the conversation is damaged and lies elsewhere now. details: { folder } */
  | 'history-damaged'
  /** Another window keeps the conversation in that folder. details: { folder } */
  | 'history-locked'
  /** The store of the conversation does not run on this kind of computer. details: { reason } */
  | 'history-unsupported'
  /** The board did not join the Wi-Fi. details: { ssid } */
  | 'wifi-failed'
  /** The board did not start to talk in time. */
  | 'no-conversation'
  /** A virtual board's process could not start. */
  | 'virtual-failed'
  /** A virtual board's process ended by itself. details: { why, again: 'yes' | 'no' } */
  | 'virtual-ended'
  /** A real board is not blank and nobody said it may be wiped. */
  | 'not-blank'
  /** No folder of the workspace belongs to this board. */
  | 'no-folder'
  /** The board waits in its ROM loader, where there is no prompt. */
  | 'in-loader'
  /** mpy-cross, which compiles Python, is not on this computer. */
  | 'mpy-missing'
  /** mpy-cross makes files for another MicroPython than the board's. */
  | 'mpy-version'
  /** mpy-cross refuses a file: a SyntaxError, most often. */
  | 'mpy-compile'
  /** A port cannot be shared at that address of this computer. details: path, reason */
  | 'share-failed'
  /** The window has no folder open, or not this one. */
  | 'no-workspace';

/** Facts that the sentence needs; never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | undefined>>;

export class BoardError extends Error {
  override readonly name = 'BoardError';

  /** @param message for a maintainer or a log; must hold no secret. */
  constructor(
    readonly code: BoardErrorCode,
    message: string,
    readonly options: ErrorOptions & { details?: ErrorDetails } = {},
  ) {
    super(message, options);
  }

  get details(): ErrorDetails {
    return this.options.details ?? {};
  }
}

/** True for a {@link BoardError}, of the code `code` where one is given. */
export function isBoardError(error: unknown, code?: BoardErrorCode): error is BoardError {
  return error instanceof BoardError && (code === undefined || error.code === code);
}

/** `error` as a {@link BoardError}: itself, or wrapped under `code` with its cause kept. */
export function toBoardError(error: unknown, code: BoardErrorCode, message?: string): BoardError {
  if (error instanceof BoardError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new BoardError(code, message ? `${message}: ${said}` : said, { cause: error });
}
