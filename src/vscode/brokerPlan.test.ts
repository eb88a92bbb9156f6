import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  addressFor,
  goneAddress,
  isOpenToNetwork,
  planBroker,
  type BrokerSituation,
} from './brokerPlan';

const lan = '192.168.1.20';
const situation = (change: Partial<BrokerSituation> = {}): BrokerSituation => ({
  kind: 'embedded',
  host: '',
  own: [lan, '172.17.0.1'],
  lan,
  realBoards: false,
  ...change,
});
const virtual = { virtual: true };
const real = { virtual: false };

describe('where the broker listens and what a board is told', () => {
  test('with virtual boards only, nobody else can reach it', () => {
    const plan = planBroker(situation());
    assert.deepEqual(plan, { kind: 'embedded', hosts: ['127.0.0.1'] });
    assert.equal(isOpenToNetwork(['127.0.0.1']), false);
  });

  test('a real board opens it to the network, and is told that address', () => {
    const here = situation({ realBoards: true });
    assert.deepEqual(planBroker(here), { kind: 'embedded', hosts: ['127.0.0.1', lan] });
    assert.equal(isOpenToNetwork(['127.0.0.1', lan]), true);
    assert.equal(addressFor(real, here, undefined), lan);
    assert.equal(addressFor(virtual, here, undefined), '127.0.0.1');
  });

  test('an address that this computer has no more is found; loopback and “every address” stay', () => {
    assert.equal(goneAddress(['127.0.0.1', lan], [lan]), undefined);
    assert.equal(goneAddress(['127.0.0.1', lan], ['10.0.0.9']), lan);
    assert.equal(goneAddress(['127.0.0.1', lan], []), lan);
    assert.equal(goneAddress(['0.0.0.0'], []), undefined);
    assert.equal(goneAddress(['localhost', '127.0.1.1', '::1'], []), undefined);
  });

  test('without a network a real board has no address, rather than a wrong one', () => {
    const here = situation({ realBoards: true, lan: undefined, own: [] });
    assert.deepEqual(planBroker(here), { kind: 'embedded', hosts: ['127.0.0.1'] });
    assert.equal(addressFor(real, here, undefined), undefined);
  });

  test('an address of this computer is listened on; anybody else’s is a broker to be used', () => {
    assert.deepEqual(planBroker(situation({ host: '172.17.0.1' })), {
      kind: 'embedded',
      hosts: ['127.0.0.1', '172.17.0.1'],
    });
    assert.deepEqual(planBroker(situation({ host: 'localhost' })), {
      kind: 'embedded',
      hosts: ['127.0.0.1'],
    });
    assert.deepEqual(planBroker(situation({ host: 'mqtt.example.org' })), {
      kind: 'existing',
      host: 'mqtt.example.org',
    });
    assert.equal(addressFor(virtual, situation(), 'mqtt.example.org'), 'mqtt.example.org');
  });

  test('a broker found on loopback is told to real boards by this computer’s address', () => {
    const here = situation({ realBoards: true });
    assert.equal(addressFor(real, here, '127.0.0.1'), lan);
    assert.equal(addressFor(virtual, here, '127.0.0.1'), '127.0.0.1');
  });

  test('Mosquitto listens where Parley’s own would; an existing broker needs no address of ours', () => {
    const here = situation({ kind: 'mosquitto', realBoards: true });
    assert.deepEqual(planBroker(here), { kind: 'mosquitto', hosts: ['127.0.0.1', lan] });
    assert.deepEqual(planBroker(situation({ kind: 'existing', host: lan })), { kind: 'existing' });
  });

  test('every address means every address', () => {
    const here = situation({ host: '0.0.0.0', realBoards: true });
    assert.deepEqual(planBroker(here), { kind: 'embedded', hosts: ['0.0.0.0'] });
    assert.equal(addressFor(real, here, undefined), lan);
  });
});
