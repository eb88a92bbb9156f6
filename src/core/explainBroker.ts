/**
 * The sentences for the broker, recordings, the Wi-Fi, and boards that say nothing.
 * Below: errors. Above: explain.ts puts them together with those of everything else.
 */
import type { BoardErrorCode } from './errors';
import { or, say, type Say } from './explanation';
import { t } from './words';

type BrokerCode = Extract<
  BoardErrorCode,
  | 'broker-port-taken'
  | 'broker-address'
  | 'address-gone'
  | 'broker-unreachable'
  | 'broker-closed'
  | 'board-refused'
  | 'broker-certificate'
  | 'broker-program'
  | 'broker-refused'
  | 'not-a-recording'
  | 'record-failed'
  | 'history-failed'
  | 'history-damaged'
  | 'history-locked'
  | 'history-unsupported'
  | 'wifi-failed'
  | 'no-conversation'
>;

export const brokerSentences: Record<BrokerCode, Say> = {
  'broker-port-taken': (_board, d) => {
    if (d['tls'] === 'yes') {
      return say(
        t(
          'Broker: port {port} on {host}, for TLS, is already used by {owner}. Stop that program, or name another port in parley.broker.tls.',
          {
            port: or(d['port'], '8883'),
            host: or(d['host'], t('this computer')),
            owner: or(d['owner'], t('another program')),
          },
        ),
        'openSettings',
      );
    }
    return say(
      t('Broker: port {port} on {host} is already used by {owner}{more}', {
        port: or(d['port'], '1883'),
        host: or(d['host'], t('this computer')),
        owner: or(d['owner'], t('another program')),
        more:
          d['mqtt'] === 'yes'
            ? t(', which is an MQTT broker. Use it, or start Parley’s on another port.')
            : t('. Stop that program, or use another port.'),
      }),
      ...(d['mqtt'] === 'yes' ? (['useThatBroker'] as const) : []),
      'useOtherPort',
    );
  },
  'broker-address': (_board, d) =>
    say(
      t(
        'Broker: this computer has no address {host}. Correct parley.broker.host, or leave it empty for an automatic choice.',
        { host: or(d['host'], '') },
      ),
      'openSettings',
    ),
  'address-gone': (_board, d) =>
    say(
      t(
        'Broker: this computer no longer has the address {host}, so boards on the network do not find it. {now} Put the boards’ files again, so that they know it.',
        {
          host: or(d['host'], ''),
          now: d['now']
            ? t('It has {now} now: restart the broker, which then listens there.', {
                now: d['now'],
              })
            : t('It is on no network: join one, then restart the broker.'),
        },
      ),
      'restartBroker',
    ),
  'broker-unreachable': (_board, d) =>
    say(
      t(
        'Broker: nothing answers at {host}:{port}. Start it, or correct parley.broker.host and parley.broker.port.',
        { host: or(d['host'], t('the address')), port: or(d['port'], '1883') },
      ),
      'startBroker',
      'openSettings',
    ),
  'broker-closed': (board, d) => {
    const why: Readonly<Record<string, string>> = {
      chosen: t('that was chosen for this workspace'),
      untrusted: t('this workspace is not trusted'),
    };
    const reason = why[String(d['reason'])];
    return say(
      reason
        ? t(
            'Broker: it listens on this computer alone, because {reason}, so {board} cannot reach it. Choose who may reach it, or use virtual boards.',
            { reason, board },
          )
        : t(
            'Broker: nothing was opened to the network, because nobody has said who may reach it. Start it again and choose, or use virtual boards, which need no network.',
          ),
      ...(d['reason'] === 'untrusted' ? [] : (['openBroker'] as const)),
    );
  },
  'board-refused': (board, d) =>
    say(
      d['named'] === 'yes'
        ? t(
            'Broker: {board} was not let in, because its user name or password is wrong. Put its folder again, so that both are filled in.',
            { board },
          )
        : d['named'] === 'no'
          ? t(
              "Broker: {board} was not let in, because its program gives no user name and password. It needs mqtt_user = '' and mqtt_password = '' at the left margin, handed to MQTTClient(user=mqtt_user, password=mqtt_password): put its folder again, and both are filled in. Or let everyone in.",
              { board },
            )
          : t(
              'Broker: {board} was not let in: its program gives no user name and password, or wrong ones. Put its folder again, so that mqtt_user and mqtt_password are filled in.',
              { board },
            ),
      'putFolder',
      'openBroker',
    ),
  'broker-certificate': (_board, d) =>
    say(
      t(
        'Broker: the certificate of {host}:{port} is not accepted ({reason}). Nothing was sent. Name the authority that signed it as "ca" in parley.broker.connection, and a client certificate there too if the broker asks for one.',
        {
          host: or(d['host'], t('the broker')),
          port: or(d['port'], '8883'),
          reason: or(d['reason'], t('no reason given')),
        },
      ),
      'chooseBroker',
      'openSettings',
    ),
  'broker-program': (_board, d) =>
    say(
      d['program'] === 'mosquitto'
        ? t(
            'Broker: Mosquitto does not run ({reason}). Install it (Debian: sudo apt install mosquitto; macOS: brew install mosquitto; Windows: mosquitto.org/download), or name it in parley.broker.mosquittoPath, or choose Parley’s own broker.',
            { reason: or(d['reason'], t('no reason given')) },
          )
        : t(
            'Broker: its process does not run ({reason}). Start it again; boards find it by themselves.',
            { reason: or(d['reason'], t('no reason given')) },
          ),
      ...(d['program'] === 'mosquitto'
        ? (['chooseBroker', 'openSettings', 'showLog'] as const)
        : (['startBroker', 'showLog'] as const)),
    ),
  'broker-refused': (_board, d) =>
    say(
      t('Broker: it refused ({reason}). Check its user name, password and access rules.', {
        reason: or(d['reason'], t('no reason given')),
      }),
      'setBrokerPassword',
      'openSettings',
    ),
  'not-a-recording': (_board, d) =>
    say(
      t(
        'Recording: {file} holds no recorded conversation, so nothing was opened. Pick a .jsonl file that “Record Conversation” or “Export the Conversation” wrote.',
        { file: or(d['file'], t('that file')) },
      ),
    ),
  'record-failed': (_board, d) =>
    say(
      t(
        'Recording: the conversation cannot be written to {file} ({reason}). What was written before is there. Choose another place, and look for room on the disk.',
        { file: or(d['file'], t('the file')), reason: or(d['reason'], t('no reason given')) },
      ),
      'showLog',
    ),
  'history-failed': (_board, d) =>
    say(
      t(
        'Recording: the conversation is not kept for the next time this window opens: {folder} cannot be written ({reason}). It goes on, and is held in memory. Look for room on the disk, then reload the window.',
        { folder: or(d['folder'], t('its folder')), reason: or(d['reason'], t('no reason given')) },
      ),
      'showLog',
    ),
  'history-damaged': (_board, d) =>
    say(
      t(
        'Recording: what was kept of the conversation is damaged. It was set aside in {folder}, what could be read of it is shown, and all that is said is kept anew. Look whether the disk is full or failing; the folder may be deleted.',
        { folder: or(d['folder'], t('its folder')) },
      ),
      'showLog',
    ),
  'history-locked': (_board, d) =>
    say(
      t(
        'Recording: another window already keeps the conversation in {folder}, so this window holds its own in memory, until it is closed. To keep it here, close the other window and reload this one.',
        { folder: or(d['folder'], t('its folder')) },
      ),
      'showLog',
    ),
  'history-unsupported': (_board, d) =>
    say(
      t(
        'Recording: the store for the conversation does not run on this kind of computer ({reason}). The conversation is held in memory, until this window is closed; record or export what you want to keep.',
        { reason: or(d['reason'], t('no reason given')) },
      ),
      'showLog',
    ),
  'wifi-failed': (board, d) =>
    say(
      t(
        '{board} does not get onto the Wi-Fi "{ssid}". Check parley.wifi.ssid and the password; an ESP32 joins 2.4 GHz networks only.',
        { board, ssid: or(d['ssid'], '') },
      ),
      'openSettings',
      'openTerminal',
    ),
  'no-conversation': (board, d) =>
    say(
      t(
        "{board} has not said anything{more}. Usually the Wi-Fi name, the password, or the broker's address is wrong: find out which, or open its prompt to see what it prints.",
        { board, more: d['seconds'] ? t(' for {seconds} s', { seconds: d['seconds'] }) : '' },
      ),
      'findOut',
      'openTerminal',
    ),
};
