/**
 * Where Mosquitto is on this computer: what the settings say, the PATH, and where its installers
 * put it. Below: core/findProgram.ts. Above: vscode/brokerControl.ts.
 */
import { BoardError } from '../core/errors';
import { findProgram } from '../core/findProgram';
import { t } from '../core/words';

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
  const found = await findProgram('mosquitto', {
    configured,
    usual: usual[platform],
    environment,
    platform,
  });
  if (found) return found;
  const reason = configured
    ? t('{configured} is no program', { configured })
    : t('it is not on the PATH');
  throw new BoardError('broker-program', `mosquitto: ${reason}`, {
    details: { program: 'mosquitto', reason },
  });
}
