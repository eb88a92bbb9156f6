/**
 * Which address of this computer a board on the Wi-Fi can reach. A guess, best first; the person
 * can always say otherwise in the settings.
 * Below: the operating system. Above: vscode offers the list and takes the first as default.
 */
import { isIPv4 } from 'node:net';
import { networkInterfaces, release } from 'node:os';
import { t } from '../core/words';

/** `away`: an address that only this computer, its containers or a private network can reach. */
export type AddressKind = 'wifi' | 'wired' | 'other' | 'away';

export interface LanAddress {
  /** IPv4, dotted. */
  readonly address: string;
  /** The interface's name as the system shows it ("wlan0", "Wi-Fi", "en0"). */
  readonly name: string;
  readonly kind: AddressKind;
}

/** What is needed of `os.networkInterfaces()`. */
export type Interfaces = Readonly<
  Record<
    string,
    | readonly { readonly address: string; readonly family: string; readonly internal: boolean }[]
    | undefined
  >
>;

/** Containers, virtual machines, WSL's NAT, and VPNs: a board is never behind one of these. */
const AWAY =
  /docker|podman|^br-|^veth|virbr|vmnet|vboxnet|virtualbox|vmware|vethernet|hyper-v|wsl|^cni|^flannel|^lxc|^lxd|^utun|^tun|^tap|^wg|wireguard|tailscale|^zt|zerotier|openvpn|vpn|^ppp|hamachi|^awdl|^llw|^bridge|loopback/i;
const WIFI = /^wl|wi-?fi|wlan|wireless|^ath|airport/i;
const WIRED = /^eth|^en|^em\d|ethernet|^usb/i;

/**
 * This computer's IPv4 addresses, best first for a board on a Wi-Fi. Loopback is not among them;
 * containers and VPNs come last.
 */
export function lanAddresses(interfaces: Interfaces = networkInterfaces()): LanAddress[] {
  const found: { entry: LanAddress; rank: number }[] = [];
  for (const [name, addresses] of Object.entries(interfaces)) {
    for (const { address, family, internal } of addresses ?? []) {
      if (internal || family !== 'IPv4') continue;
      const kind = kindOf(name, address);
      found.push({ entry: { address, name, kind }, rank: rankOf(kind, address) });
    }
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry);
}

const VPN = /^utun|^tun|^tap|^wg|wireguard|tailscale|^zt|zerotier|vpn|^ppp|hamachi/i;

/**
 * Who reaches a broker on that address, in a sentence or two, for the person who chooses.
 * @param wsl this window runs in Windows' Subsystem for Linux
 */
export function addressNote({ name, kind, address }: LanAddress, wsl = inWsl()): string {
  const firewall = t('A firewall on this computer may have to let the port in.');
  if (address.startsWith('169.254.'))
    return t('No address was given by a router: nothing reaches it.');
  if (VPN.test(name) || isCarrierNat(address)) {
    return t('A VPN: boards are not in it and do not reach this address.');
  }
  if (wsl) {
    return t(
      'WSL’s own network: boards on the Wi-Fi do not reach it, unless Windows passes the port on or WSL mirrors its network (networkingMode=mirrored).',
    );
  }
  switch (kind) {
    case 'wifi':
      return t('The Wi-Fi: boards that joined it reach this address. {firewall}', { firewall });
    case 'wired':
      return t(
        'A cable: boards reach it where Wi-Fi and cable are one network, as at home. {firewall}',
        { firewall },
      );
    case 'other':
      return t('Boards reach it if they are on that network. {firewall}', { firewall });
    case 'away':
      return t(
        'A network of this computer’s own, for containers or virtual machines: boards do not reach it.',
      );
  }
}

/** As Microsoft's kernel for it says itself. */
function inWsl(): boolean {
  return process.platform === 'linux' && /microsoft/i.test(release());
}

/** This computer, for itself alone. */
export const loopback = '127.0.0.1';

/** True for an address that only this computer reaches. A name that merely begins like one is none. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** The first of {@link lanAddresses} that another machine may reach; undefined without a network. */
export function bestLanAddress(interfaces: Interfaces = networkInterfaces()): string | undefined {
  const [first] = lanAddresses(interfaces);
  return first && first.kind !== 'away' ? first.address : undefined;
}

function kindOf(name: string, address: string): AddressKind {
  // 100.64/10 is carriers' and Tailscale's (RFC 6598); 169.254/16 means no DHCP (RFC 3927).
  if (AWAY.test(name) || isCarrierNat(address) || address.startsWith('169.254.')) return 'away';
  if (WIFI.test(name)) return 'wifi';
  return WIRED.test(name) ? 'wired' : 'other';
}

function isCarrierNat(address: string): boolean {
  const [a, b] = address.split('.').map(Number);
  return a === 100 && b !== undefined && b >= 64 && b < 128;
}

/**
 * Kind first; among equals the ranges of RFC 1918 as homes use them: 192.168, then 10, then
 * 172.16/12 (where Docker and WSL live), then anything public.
 */
function rankOf(kind: AddressKind, address: string): number {
  const byKind = { wifi: 0, wired: 10, other: 20, away: 100 }[kind];
  const [a, b] = address.split('.').map(Number);
  if (a === 192 && b === 168) return byKind;
  if (a === 10) return byKind + 1;
  // A wired 172.x is most likely a NAT of WSL or a container: behind every other real address.
  if (a === 172 && b !== undefined && b >= 16 && b < 32) return byKind + 30;
  return byKind + 3;
}
