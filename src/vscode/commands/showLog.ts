/** Show Log: the output channel. */
import type { Command } from '../command';

export const showLog: Command = (services) => Promise.resolve(services.log.show());
