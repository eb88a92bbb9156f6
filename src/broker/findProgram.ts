/**
 * Where Mosquitto is on this computer: what the settings say, the PATH, and where its installers
 * put it. Below: node:fs. Above: vscode/brokerControl.ts.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { BoardError } from '../core/errors';

/** Debian puts it where only root's PATH looks; Homebrew and the Windows installer likewise. */
const usual: Readonly<Record<string, readonly string[]>> = {
  linux: ['/usr/sbin', '/usr/local/sbin', '/snap/bin'],
  darwin: ['/opt/homebrew/sbin', '/opt/homebrew/opt/mosquitto/sbin', '/usr/local/sbin'],
  win32: ['C:\\Program Files\\mosquitto', 'C:\\Program Files (x86)\\mosquitto'],
};

/**
 * @param configured a path from the settings; '' looks for it
 * @throws BoardError 'broker-program' with details { program, reason } when it is not there
 */
export async function findMosquitto(
  configured: string,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  const name = platform === 'win32' ? 'mosquitto.exe' : 'mosquitto';
  const folders = [
    ...(environment['PATH'] ?? environment['Path'] ?? '').split(path.delimiter),
    ...(usual[platform] ?? []),
  ].filter((folder) => path.isAbsolute(folder));
  const candidates = configured ? [configured] : folders.map((folder) => path.join(folder, name));
  for (const candidate of candidates) if (await runs(candidate)) return candidate;
  const reason = configured ? `${configured} is no program` : 'it is not on the PATH';
  throw new BoardError('broker-program', `mosquitto: ${reason}`, {
    details: { program: 'mosquitto', reason },
  });
}

async function runs(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
