import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NetworkLook } from '../micropython/network';
import { diagnose, type BoardLook, type BrokerLook, type Finding } from './diagnose';
import type { Examination, Prompt } from './examine';

const broker: BrokerLook = { address: '192.168.1.7:1883', check: 3, tells: true };
const target = { host: '192.168.1.7', port: 1883 };
const online: NetworkLook = { wifi: 'connected', ssid: 'Home', address: '192.168.1.20', reach: 0 };
const fine: Prompt = {
  version: '1.27.0',
  network: online,
  boot: { ssid: 'Home' },
  main: { mqtt_server: '192.168.1.7' },
};

function about(found: Examination, more: Partial<BoardLook> = {}): Finding[] {
  const board = { name: 'machine1', virtual: false, target, ssid: 'Home', found, ...more };
  return diagnose(broker, [board]).filter((finding) => finding.board === 'machine1');
}

/** The last finding, which is the one that is wrong. */
function wrong(prompt: Partial<Prompt>, more: Partial<BoardLook> = {}): Finding {
  const found = about({ is: 'at-prompt', ...fine, ...prompt }, more);
  assert.deepEqual(
    found.filter(({ state }) => state !== 'good'),
    [found.at(-1)],
  );
  return found.at(-1)!;
}

describe('what is wrong with the broker', () => {
  test('there is none; it does not pass messages on; all is well', () => {
    const [none] = diagnose({ address: '', tells: false }, []);
    assert.equal(none?.remedy, 'startBroker');
    const [deaf] = diagnose({ ...broker, check: 'It refuses us.' }, []);
    assert.equal(deaf?.remedy, 'checkBroker');
    assert.match(deaf.sentence, /192\.168\.1\.7:1883 .* It refuses us\./);
    assert.equal(diagnose(broker, [])[0]?.state, 'good');
  });
});

describe('what is wrong with a board', () => {
  test('connected: what it listens to; connected and deaf', () => {
    const look = { name: 'machine1', virtual: true, target, ssid: '' };
    const [, hears] = diagnose(broker, [{ ...look, subscribed: ['esp32/output', 'hello/#'] }]);
    assert.equal(hears?.state, 'good');
    assert.match(hears.sentence, /listens to “esp32\/output”, “hello\/#”/);
    const [, deaf] = diagnose(broker, [{ ...look, subscribed: [] }]);
    assert.equal(deaf?.state, 'bad');
    assert.match(deaf.sentence, /subscribed to nothing/);
  });

  test('not at its prompt', () => {
    const remedies = (['unplugged', 'busy', 'running', 'no-micropython', 'silent'] as const).map(
      (is) => about({ is })[0]?.remedy,
    );
    assert.deepEqual(remedies, ['plugIn', undefined, 'stopAndLook', 'flash', 'openTerminal']);
    assert.equal(about({ is: 'running' })[0]?.state, 'unknown');
  });

  test('its files: no main.py, another address, another port, another network', () => {
    assert.match(wrong({ main: undefined }).sentence, /no main\.py/);
    const lost = wrong({ main: { mqtt_server: '10.0.0.1' } });
    assert.match(lost.sentence, /wrong address: .* “10\.0\.0\.1”, .* 192\.168\.1\.7\./);
    assert.equal(lost.remedy, 'put');
    assert.match(wrong({ main: { mqtt_server: '' } }).sentence, /says nothing/);
    assert.match(wrong({ main: { mqtt_port: 1884 } }).sentence, /1884, .* 1883/);
    const network = { ...online, wifi: 'no-network' as const };
    assert.match(wrong({ boot: { ssid: 'Old' }, network }).sentence, /“Old”, not “Home”/);
    // A board that is in another network on purpose is not blamed for it.
    assert.equal(wrong({ boot: { ssid: 'Old' } }).remedy, 'reset');
  });

  test('its Wi-Fi', () => {
    const state = (wifi: NetworkLook['wifi'], more: Partial<BoardLook> = {}): Finding =>
      wrong({ network: { wifi, ssid: '', address: '', reach: undefined } }, more);
    assert.equal(state('none').remedy, 'flash');
    assert.equal(state('wrong-password').remedy, 'setWifi');
    assert.match(state('no-network').sentence, /2\.4 GHz/);
    assert.doesNotMatch(state('no-network', { virtual: true }).sentence, /GHz/);
    assert.equal(state('connecting').state, 'unknown');
    assert.equal(state('off').remedy, 'reset');
    const network = { wifi: 'off' as const, ssid: '', address: '', reach: undefined };
    assert.equal(wrong({ network, boot: undefined }).remedy, 'put');
  });

  test('the way to the broker', () => {
    const errno = (reach: number, more: Partial<BoardLook> = {}): Finding =>
      wrong({ network: { ...online, reach } }, more);
    assert.equal(errno(111).remedy, 'startBroker');
    assert.match(errno(116).sentence, /firewall/);
    assert.match(errno(113, { virtual: true }).sentence, /virtual board reaches this computer/);
    assert.match(errno(-202).sentence, /cannot look up “192\.168\.1\.7”/);
  });

  test('all is there, and nothing runs', () => {
    const found = about({ is: 'at-prompt', ...fine });
    assert.deepEqual(
      found.map(({ state }) => state),
      ['good', 'good', 'good', 'bad'],
    );
    assert.equal(found.at(-1)?.remedy, 'reset');
  });

  test('no sentence is without the name of its board, and none is left open', () => {
    const all = [about({ is: 'silent' }), about({ is: 'at-prompt', ...fine })].flat();
    for (const { sentence } of all) assert.match(sentence, /machine1.*[.)]$/);
  });
});
