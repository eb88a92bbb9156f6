/**
 * The certificate with which a broker of Parley's listens, and what a board needs to trust it: the
 * user's own files, or one that this workspace's authority signs for the addresses of the day.
 * Below: broker/certificates.ts, secrets.ts, which keeps the authority's key. Above: brokerKinds.ts.
 */
import { readFile } from 'node:fs/promises';
import { lanAddresses, loopback } from '../broker/addresses';
import { derOf, fingerprintOf, issueFor, makeAuthority } from '../broker/certificates';
import type { TlsListener } from '../broker/embedded';
import { BoardError } from '../core/errors';
import { t } from '../core/words';
import type { Secrets } from './secrets';
import type { Settings } from './settings';

/** Where a board keeps what it trusts: the name that is filled into `mqtt_ca`. */
export const CERTIFICATE_ON_BOARD = 'parley-ca.der';

export interface Trusted {
  /** PEM. */
  readonly cert: string;
  /** The same for MicroPython. */
  readonly der: Uint8Array;
  /** SHA-256, "AB:CD:…". */
  readonly fingerprint: string;
}

export class BrokerTls {
  constructor(
    private readonly settings: Settings,
    private readonly secrets: Secrets,
    /** What tells this workspace from others. */
    private readonly workspace: string,
  ) {}

  /** @throws BoardError file-missing, broker-certificate for files that are none */
  async listenerOn(hosts: readonly string[]): Promise<TlsListener> {
    const { port, cert, key } = this.settings.brokerTls;
    if (cert && key) {
      return { hosts, port, cert: await this.file(cert), key: await this.file(key) };
    }
    const named = hosts.flatMap((host) =>
      host === '0.0.0.0' ? lanAddresses().map(({ address }) => address) : [host],
    );
    const names = [loopback, 'localhost', ...named];
    return { hosts, port, ...(await issueFor(await this.authority(), names)) };
  }

  /** What boards and Parley's own clients trust. @throws BoardError as {@link listenerOn} */
  async trusted(): Promise<Trusted> {
    const { ca, cert: own, key } = this.settings.brokerTls;
    const cert = own && key ? await this.file(ca || own) : (await this.authority()).cert;
    try {
      return { cert, der: derOf(cert), fingerprint: fingerprintOf(cert) };
    } catch (cause) {
      const reason = t('{path} is no certificate', { path: ca || own });
      throw new BoardError('broker-certificate', reason, { cause, details: { reason } });
    }
  }

  private async authority(): Promise<{ cert: string; key: string }> {
    const known = await this.secrets.authority(this.workspace);
    if (known) return known;
    const made = await makeAuthority('Parley');
    await this.secrets.setAuthority(this.workspace, made);
    return made;
  }

  private async file(path: string): Promise<string> {
    return (await brokerFile(this.settings, path)).toString('utf8');
  }
}

/** A file that the settings of the broker name. @throws BoardError file-missing */
export async function brokerFile(settings: Settings, path: string): Promise<Buffer> {
  try {
    return await readFile(settings.resolve(path));
  } catch (cause) {
    const details = { path, board: t('The broker') };
    throw new BoardError('file-missing', `cannot read ${path}`, { cause, details });
  }
}
