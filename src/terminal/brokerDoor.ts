/**
 * Who may come into `parley broker`: nobody beyond this computer, unless a flag says so.
 * Below: broker/access, broker/addresses. Above: commands/broker.ts.
 */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { userWith, type BrokerUser } from '../broker/access';
import { isLoopback, loopback } from '../broker/addresses';
import type { TlsListener } from '../broker/embedded';
import { t } from '../core/words';
import { UsageError } from './usage';

/** A password on the command line would be seen by every program. */
export const PASSWORD_VARIABLE = 'PARLEY_BROKER_PASSWORD';

export interface DoorOptions {
  readonly host: string;
  readonly user?: string;
  readonly open?: boolean;
  /** Paths of PEM files: the network is let in over TLS alone then. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsPort?: number;
}

/**
 * The users of the broker; undefined lets everyone in.
 * @throws UsageError that names the flag, where the address is not this computer's alone
 */
export function usersOf(
  { host, user, open = false }: DoorOptions,
  environment: NodeJS.ProcessEnv,
): readonly BrokerUser[] | undefined {
  if (user !== undefined) {
    if (open)
      throw new UsageError(t('--open lets everyone in, --user does not: give one of them.'));
    const password = environment[PASSWORD_VARIABLE];
    if (!password) {
      throw new UsageError(
        t('--user needs a password: set {variable}.', { variable: PASSWORD_VARIABLE }),
      );
    }
    return [userWith({ name: user }, password)];
  }
  if (open || isLoopback(host)) return undefined;
  throw new UsageError(
    t(
      '{host} is reached from the network. Say who may come in: --user NAME, with its password in {variable}, or --open for everyone.',
      { host, variable: PASSWORD_VARIABLE },
    ),
  );
}

/** Where it listens: with a certificate in the clear on this computer alone. @throws UsageError */
export async function listenersOf({
  host,
  tlsCert,
  tlsKey,
  tlsPort = 8883,
}: DoorOptions): Promise<{ hosts: readonly string[]; tls?: TlsListener }> {
  if (tlsCert === undefined && tlsKey === undefined) return { hosts: [host] };
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError(t('TLS needs both --tls-cert and --tls-key.'));
  }
  const [cert, key] = await Promise.all([text(tlsCert), text(tlsKey)]);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new UsageError(
      t('{cert} and {key} are no certificate with its key ({reason}).', {
        cert: tlsCert,
        key: tlsKey,
        reason: (error as Error).message,
      }),
    );
  }
  return { hosts: [loopback], tls: { hosts: [host], port: tlsPort, cert, key } };
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(t('{path} cannot be read ({reason}).', { path, reason }));
  }
}
