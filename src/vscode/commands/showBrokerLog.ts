/** Show the Broker's Log: Mosquitto's own lines; Parley's log for the other kinds. */
import type { Command } from '../command';

export const showBrokerLog: Command = async (services) => services.brokerNews.showLog();
