import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressNote, bestLanAddress, lanAddresses, type Interfaces } from './addresses';

const v4 = (address: string, internal = false) => [{ address, family: 'IPv4', internal }];

describe('the address a board can reach', () => {
  test('Wi-Fi before cable before containers, whatever the order', () => {
    const interfaces: Interfaces = {
      lo: v4('127.0.0.1', true),
      docker0: v4('172.17.0.1'),
      'br-1f2e3d': v4('192.168.99.1'),
      eth0: v4('10.1.2.3'),
      wlp3s0: v4('192.168.1.20'),
      tailscale0: v4('100.101.102.103'),
    };
    assert.deepEqual(
      lanAddresses(interfaces).map((a) => `${a.address} ${a.kind}`),
      [
        '192.168.1.20 wifi',
        '10.1.2.3 wired',
        '172.17.0.1 away',
        '192.168.99.1 away',
        '100.101.102.103 away',
      ].sort((a, b) => rank(a) - rank(b)),
    );
    assert.equal(bestLanAddress(interfaces), '192.168.1.20');
  });

  test('each address tells who reaches it: VPN, WSL, containers, no router, firewall', () => {
    const interfaces: Interfaces = {
      wlan0: v4('192.168.1.20'),
      eth0: v4('192.168.1.21'),
      xyz0: v4('192.168.1.22'),
      docker0: v4('172.17.0.1'),
      wg0: v4('10.9.0.2'),
      tailscale0: v4('100.101.102.103'),
      eth1: v4('169.254.3.4'),
    };
    const notes = new Map(lanAddresses(interfaces).map((a) => [a.name, addressNote(a, false)]));
    assert.match(notes.get('wlan0') ?? '', /^The Wi-Fi: .*firewall/);
    assert.match(notes.get('eth0') ?? '', /^A cable/);
    assert.match(notes.get('xyz0') ?? '', /if they are on that network/);
    assert.match(notes.get('docker0') ?? '', /containers/);
    assert.match(notes.get('wg0') ?? '', /^A VPN/);
    assert.match(notes.get('tailscale0') ?? '', /^A VPN/);
    assert.match(notes.get('eth1') ?? '', /nothing reaches it/);
    const [wsl] = lanAddresses({ eth0: v4('172.20.1.2') });
    assert.match(wsl ? addressNote(wsl, true) : '', /^WSL’s own network/);
  });

  /** What is away is only held to be behind the rest, and in RFC 1918's order among itself. */
  function rank(line: string): number {
    if (line.endsWith('wifi')) return 0;
    if (line.endsWith('wired')) return 1;
    return line.startsWith('192') ? 2 : line.startsWith('100') ? 3 : 4;
  }

  test('names as Windows and macOS give them', () => {
    const windows = {
      'vEthernet (WSL (Hyper-V firewall))': v4('172.29.16.1'),
      'VirtualBox Host-Only Network': v4('192.168.56.1'),
      Ethernet: v4('192.168.178.5'),
      'Wi-Fi': v4('192.168.178.6'),
    };
    assert.deepEqual(
      lanAddresses(windows).map((a) => a.name),
      ['Wi-Fi', 'Ethernet', 'VirtualBox Host-Only Network', 'vEthernet (WSL (Hyper-V firewall))'],
    );
    const mac = { utun3: v4('10.8.0.2'), en0: v4('192.168.0.7'), awdl0: v4('169.254.9.9') };
    assert.equal(bestLanAddress(mac), '192.168.0.7');
  });

  test('without a network, or only an inner one, there is no best address', () => {
    assert.equal(bestLanAddress({ lo: v4('127.0.0.1', true) }), undefined);
    assert.equal(bestLanAddress({ docker0: v4('172.17.0.1') }), undefined);
    assert.equal(bestLanAddress({ eth0: v4('169.254.3.4') }), undefined);
    const six = { eth0: [{ address: 'fe80::1', family: 'IPv6', internal: false }] };
    assert.deepEqual(lanAddresses(six), []);
  });

  test('the real interfaces of this machine can be read', () => {
    for (const { address } of lanAddresses()) assert.match(address, /^\d+\.\d+\.\d+\.\d+$/);
  });
});
