/**
 * Programs the tests need that npm cannot bring: a browser, other MQTT brokers, pseudo terminals,
 * pyserial, and two of the tools that virtual boards are tried with. Debian and its children only;
 * elsewhere they are named and the tests that need them say why they are skipped.
 * Below: processes.mjs. Above: test.mjs.
 */
import { rootPower, run, which } from './processes.mjs';
import { say, step, yellow } from './say.mjs';

export const packages = [
  'chromium',
  'mosquitto',
  'mosquitto-clients',
  'nats-server',
  'picocom',
  'socat',
  'python3',
  'python3-serial',
  'thonny',
];

/** Those of `names` that dpkg does not know as installed. */
export async function missingPackages(names = packages) {
  const missing = [];
  for (const name of names) {
    const { code, output } = await run('dpkg', ['-s', name], { deadlineMs: 20_000 });
    if (code !== 0 || !/^Status: .* installed$/m.test(output)) missing.push(name);
  }
  return missing;
}

/**
 * Installs what is missing through apt-get. Throws when apt-get fails or may not be run;
 * says so and goes on where there is no apt-get at all.
 */
export async function ensureDebianPackages() {
  if (!which('dpkg') || !which('apt-get')) {
    say(yellow(`No apt-get here. The tests use, where they find them: ${packages.join(', ')}.`));
    return;
  }
  const missing = await missingPackages();
  if (missing.length === 0) return;
  const power = rootPower();
  const list = missing.join(' ');
  if (!power) throw new Error(`Missing: ${list}. Run: sudo apt-get install -y ${list}`);
  await step(`Installing ${missing.join(', ')} with apt-get`, async () => {
    await apt(power, ['update']);
    await apt(power, ['install', '-y', '--no-install-recommends', ...missing]);
  });
}

async function apt(power, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const whole = ['apt-get', '-q', ...args];
  const [command, rest] =
    power === 'sudo'
      ? ['sudo', ['-n', 'DEBIAN_FRONTEND=noninteractive', ...whole]]
      : ['apt-get', whole.slice(1)];
  const { code, output } = await run(command, rest, { env, deadlineMs: 10 * 60_000 });
  if (code === 0) return;
  throw new Error(`${whole.join(' ')} failed:\n${output.trim().split('\n').slice(-15).join('\n')}`);
}
