/**
 * What put and sync fill in on the way, as options of a command.
 * Below: operations/provision. Above: commands/files.ts, commands/sync.ts.
 */
import type { Command } from 'commander';
import type { ProvisionValues } from '../operations/provision';
import { PASSWORD_VARIABLE as BROKER_PASSWORD_VARIABLE } from './brokerDoor';
import { tcpPort } from './parse';
import { t } from '../core/words';

/** The Wi-Fi password comes from the environment: a command line is seen by every process. */
const PASSWORD_VARIABLE = 'PARLEY_WIFI_PASSWORD';

export interface ProvisionArguments {
  readonly ssid?: string;
  readonly mqttServer?: string;
  readonly mqttPort?: number;
  readonly mqttUser?: string;
}

export function addProvisionOptions(command: Command): Command {
  return command
    .option('--ssid <name>', t('fill in `ssid = "…"` on the way'))
    .option('--mqtt-server <host>', t('fill in `mqtt_server = "…"` on the way'))
    .option('--mqtt-port <port>', t('fill in `mqtt_port = …` on the way'), tcpPort)
    .option(
      '--mqtt-user <name>',
      t('fill in `mqtt_user = "…"` on the way, and `mqtt_password` from {variable}', {
        variable: BROKER_PASSWORD_VARIABLE,
      }),
    )
    .addHelpText(
      'after',
      `\n${t('`password = "…"` is filled in from {variable}.', { variable: PASSWORD_VARIABLE })}`,
    );
}

export function provisionValues(options: ProvisionArguments): ProvisionValues {
  const password = process.env[PASSWORD_VARIABLE];
  return {
    ...(options.ssid === undefined ? {} : { ssid: options.ssid }),
    ...(password === undefined ? {} : { password }),
    ...(options.mqttServer === undefined ? {} : { mqtt_server: options.mqttServer }),
    ...(options.mqttUser === undefined ? {} : brokerUser(options.mqttUser)),
    ...(options.mqttPort === undefined ? {} : { mqtt_port: options.mqttPort }),
  };
}

/** Only with a user: the variable may be there for `parley watch` alone. */
function brokerUser(name: string): ProvisionValues {
  const password = process.env[BROKER_PASSWORD_VARIABLE];
  return { mqtt_user: name, ...(password === undefined ? {} : { mqtt_password: password }) };
}
