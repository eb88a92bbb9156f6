/** Who May Reach the Broker: asks, whatever was answered before, and starts it so. */
import { BoardError } from '../../core/errors';
import { parseReach } from '../brokerOpening';
import type { Command } from '../command';
import { startAgain } from './startBroker';

export const openBroker: Command = async (services, { options }) => {
  const { broker } = services;
  const reach = parseReach(options.reach);
  if (reach) await broker.reach.choose(reach);
  else if (
    options.reach !== undefined ||
    !(await broker.reach.ask(broker.openToNetwork ? broker.address : ''))
  ) {
    // It stays as it is.
    throw new BoardError('cancelled', 'no answer');
  }
  const started = await startAgain(services);
  return { reach: broker.reach.chosen, ...started };
};
