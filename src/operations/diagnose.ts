/**
 * Diagnose: why two boards do not talk, from what the broker and the boards themselves tell. For each
 * part a sentence, and what mends it. Pure.
 * Below: examine.ts. Above: the doctor of the window and of the command line.
 */
import type { NetworkLook, Target } from '../micropython/network';
import type { Examination, Prompt } from './examine';
import { t } from '../core/words';

/** What mends it; the edge decides how. */
export type Remedy =
  | 'startBroker'
  | 'checkBroker'
  | 'plugIn'
  | 'flash'
  | 'put'
  | 'setWifi'
  | 'stopAndLook'
  | 'reset'
  | 'openTerminal';

export interface Finding {
  /** The board it is about; undefined: the broker. */
  readonly board?: string;
  readonly state: 'good' | 'bad' | 'unknown';
  readonly sentence: string;
  readonly remedy?: Remedy;
}

export interface BrokerLook {
  /** "127.0.0.1:1883"; '' while none runs. */
  readonly address: string;
  /** The tutorial's check: milliseconds, or the sentence of why it failed. */
  readonly check?: number | string;
  /** Whether it tells which clients are there. */
  readonly tells: boolean;
}

export interface BoardLook {
  readonly name: string;
  readonly virtual: boolean;
  /** Where it should find the broker; undefined where nobody knows. */
  readonly target?: Target;
  /** The network it should be in; '' where nobody has said. */
  readonly ssid: string;
  /** What it listens to, where the broker knows its client; undefined: it is not connected. */
  readonly subscribed?: readonly string[];
  /** Not needed for a board that is connected. */
  readonly found?: Examination;
}

/** The findings, in the order of the tutorial: the broker, then each board. */
export function diagnose(broker: BrokerLook, boards: readonly BoardLook[]): Finding[] {
  return [...aboutBroker(broker), ...boards.flatMap((board) => aboutBoard(board, broker))];
}

function aboutBroker({ address, check }: BrokerLook): Finding[] {
  if (!address) {
    return [bad(t('No broker runs: the boards have nobody to talk to.'), 'startBroker')];
  }
  if (typeof check === 'string') {
    return [
      bad(
        t('The broker at {address} does not pass messages on: {check}', { address, check }),
        'checkBroker',
      ),
    ];
  }
  return [good(t('The broker at {address} runs and passes messages on.', { address }))];
}

function aboutBoard(look: BoardLook, broker: BrokerLook): Finding[] {
  const { name, subscribed, found } = look;
  const findings: Finding[] = [];
  if (subscribed && subscribed.length > 0) {
    const topics = subscribed.map((filter) => `“${filter}”`).join(', ');
    findings.push(
      good(t('{name} is connected to the broker and listens to {topics}.', { name, topics })),
    );
  } else if (subscribed) {
    const sentence = t(
      '{name} is connected to the broker, but has subscribed to nothing: it can speak and hears nobody. Its main.py needs client.subscribe(…).',
      { name },
    );
    findings.push({ state: 'bad', sentence });
  } else if (found) findings.push(...aboutFound(look, found, broker));
  return findings.map((finding) => ({ ...finding, board: name }));
}

function aboutFound(look: BoardLook, found: Examination, broker: BrokerLook): Finding[] {
  const { name } = look;
  switch (found.is) {
    case 'unplugged':
      return [bad(t('{name} is not plugged in.', { name }), 'plugIn')];
    case 'busy':
      return [unknown(t('{name} is busy just now: look again when it is free.', { name }))];
    case 'silent':
      return [bad(t('{name} does not answer, not even to Ctrl-C.', { name }), 'openTerminal')];
    case 'no-micropython':
      return [bad(t('{name} has no MicroPython.', { name }), 'flash')];
    case 'running': {
      const away = broker.tells && broker.address ? t(' that is not connected to the broker') : '';
      const sentence = t(
        '{name} runs a program{away}. To look inside, the program has to be stopped.',
        { name, away },
      );
      return [unknown(sentence, 'stopAndLook')];
    }
    case 'at-prompt':
      return atPrompt(look, found);
  }
}

/** The first thing that is wrong, and before it what is right. */
function atPrompt(look: BoardLook, prompt: Prompt): Finding[] {
  const { name, target } = look;
  const { main, network } = prompt;
  const findings = [
    good(t('{name} answers: MicroPython {version}.', { name, version: prompt.version })),
  ];
  const wrong = files(look, prompt) ?? wifi(look, prompt);
  if (wrong) return [...findings, wrong];
  if (network.wifi === 'connected') {
    const where = network.ssid ? ` “${network.ssid}”` : '';
    findings.push(
      good(
        t('{name} is in the Wi-Fi{where} as {address}.', { name, where, address: network.address }),
      ),
    );
  }
  const far = target && reach(look, target, network);
  if (far) return [...findings, far];
  if (network.reach === 0 && target) {
    findings.push(
      good(
        t('{name} gets through to the broker at {host}:{port}.', {
          name,
          host: target.host,
          port: target.port,
        }),
      ),
    );
  }
  const at = main?.mqtt_server;
  const told = at ? t(' and main.py knows the broker’s address') : '';
  const sentence = t(
    '{name} waits at its prompt{told}: no program runs. A reset starts main.py; what it prints then tells the rest.',
    { name, told },
  );
  return [...findings, bad(sentence, 'reset')];
}

function files({ name, target, ssid }: BoardLook, prompt: Prompt): Finding | undefined {
  const { boot, main } = prompt;
  if (!main)
    return bad(t('{name} has no main.py: it does nothing when it starts.', { name }), 'put');
  const server = main.mqtt_server ?? boot?.mqtt_server;
  const port = main.mqtt_port ?? boot?.mqtt_port;
  if (target && server !== undefined && server !== target.host) {
    const said = server ? `“${server}”` : t('nothing');
    const sentence = t(
      '{name} looks for the broker at the wrong address: its mqtt_server says {said}, and the broker is at {host}.',
      { name, said, host: target.host },
    );
    return bad(sentence, 'put');
  }
  if (target && port !== undefined && port !== target.port) {
    const sentence = t(
      '{name} looks for the broker at the wrong port: its mqtt_port says {port}, and the broker is on {right}.',
      { name, port, right: target.port },
    );
    return bad(sentence, 'put');
  }
  const network = boot?.ssid ?? main.ssid;
  if (ssid && network !== undefined && network !== ssid && prompt.network.wifi !== 'connected') {
    const said = network ? `“${network}”` : t('empty');
    return bad(
      t('{name} does not know your Wi-Fi: its ssid is {said}, not “{ssid}”.', { name, said, ssid }),
      'put',
    );
  }
  return undefined;
}

function wifi({ name, ssid, virtual }: BoardLook, prompt: Prompt): Finding | undefined {
  const network = prompt.boot?.ssid ?? prompt.main?.ssid ?? ssid;
  const where = network ? `“${network}”` : t('the Wi-Fi');
  switch (prompt.network.wifi) {
    case 'connected':
      return undefined;
    case 'none':
      return bad(
        t('The firmware of {name} has no Wi-Fi: flash one for its chip that has.', { name }),
        'flash',
      );
    case 'wrong-password':
      return bad(
        t('{name} is refused by {where}: the password is wrong.', { name, where }),
        'setWifi',
      );
    case 'no-network': {
      const hint = virtual
        ? t('the settings say which network a virtual board can see.')
        : t('is the name right, is it near, and does it have 2.4 GHz? An ESP32 joins no other.');
      return bad(t('{name} does not find {where}: {hint}', { name, where, hint }), 'setWifi');
    }
    case 'connecting':
      return unknown(
        t('{name} is just connecting to {where}: look again in a moment.', { name, where }),
      );
    case 'off':
    case 'idle': {
      const sentence = t(
        '{name} is in no Wi-Fi: nothing on it has asked for one since it started. boot.py does that at a reset.',
        { name },
      );
      return prompt.boot
        ? bad(sentence, 'reset')
        : bad(t('{name} has no boot.py.', { name }), 'put');
    }
  }
}

/** Numbers of MicroPython's `errno` on the ESP32 (lwIP). */
const [ECONNRESET, ECONNREFUSED, EHOSTUNREACH] = [104, 111, 113];

function reach({ name, virtual }: BoardLook, target: Target, network: NetworkLook) {
  const { reach: errno } = network;
  if (errno === undefined || errno === 0) return undefined;
  const at = `${target.host}:${target.port}`;
  if (errno === ECONNREFUSED || errno === ECONNRESET) {
    return bad(
      t('{name} reaches {host}, but nobody listens on port {port}.', {
        name,
        host: target.host,
        port: target.port,
      }),
      'startBroker',
    );
  }
  if (errno < 0)
    return bad(t('{name} cannot look up “{host}”.', { name, host: target.host }), 'put');
  const why =
    virtual && errno === EHOSTUNREACH
      ? t('a virtual board reaches this computer and the chosen broker only.')
      : t(
          'a firewall on this computer, or a guest network that keeps its devices apart, is the usual cause.',
        );
  return bad(
    t('{name} ({address}) gets no answer from the broker at {at}: {why}', {
      name,
      address: network.address,
      at,
      why,
    }),
    'checkBroker',
  );
}

const good = (sentence: string): Finding => ({ state: 'good', sentence });
const bad = (sentence: string, remedy: Remedy): Finding => ({ state: 'bad', sentence, remedy });
const unknown = (sentence: string, remedy?: Remedy): Finding => ({
  state: 'unknown',
  sentence,
  ...(remedy ? { remedy } : {}),
});
