/** Stop Broker: everyone is disconnected and the port is free at once. */
import type { Command } from '../command';

export const stopBroker: Command = async (services) => {
  await services.broker.stop();
  return { running: services.broker.running };
};
