import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VmWifi, WIFI } from './vmWifi';

function wifi(): { wifi: VmWifi; pass: (ms: number) => void } {
  let now = 0;
  const networks = [{ ssid: 'Home', password: 'right' }, { ssid: 'Cafe' }];
  return { wifi: new VmWifi(networks, () => now), pass: (ms) => void (now += ms) };
}

describe('the air around a board', () => {
  test('joining takes time, and needs an active interface', () => {
    const { wifi: air, pass } = wifi();
    assert.equal(air.connect('Home', 'right'), -1);
    air.setActive(true);
    assert.equal(air.status(), WIFI.idle);
    assert.equal(air.connect('Home', 'right'), 0);
    assert.equal(air.status(), WIFI.connecting);
    pass(299);
    assert.equal(air.connected(), false);
    pass(700);
    assert.equal(air.status(), WIFI.connected);
    air.disconnect();
    assert.equal(air.status(), WIFI.idle);
  });

  test('a wrong name or password never connects, and the status says which it was', () => {
    const { wifi: air, pass } = wifi();
    air.setActive(true);
    air.connect('home', 'right');
    pass(60_000);
    assert.equal(air.status(), WIFI.noSuchNetwork);
    air.connect('Home', 'wrong');
    pass(60_000);
    assert.equal(air.status(), WIFI.wrongPassword);
  });

  test('a network without a password takes any', () => {
    const { wifi: air, pass } = wifi();
    air.setActive(true);
    air.connect('Cafe', 'whatever');
    pass(1000);
    assert.equal(air.connected(), true);
    air.setActive(false);
    assert.equal(air.connected(), false);
  });
});
