/**
 * Who may come into `parley broker`: nobody beyond this computer, unless a flag says so.
 * Pure. Below: broker/access, broker/addresses. Above: commands/broker.ts.
 */
import { userWith, type BrokerUser } from '../broker/access';
import { isLoopback } from '../broker/addresses';
import { t } from '../core/words';
import { UsageError } from './usage';

/** A password on the command line would be seen by every program. */
export const PASSWORD_VARIABLE = 'PARLEY_BROKER_PASSWORD';

export interface DoorOptions {
  readonly host: string;
  readonly user?: string;
  readonly open?: boolean;
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
