/** Restart the Broker: with the settings and passwords as they are now. */
import type { Command } from '../command';
import { startAgain } from './startBroker';

export const restartBroker: Command = (services) => startAgain(services);
