/**
 * The air around a virtual board: which networks there are, and how joining one goes.
 * Below: nothing. Above: vmHost.ts; firmware/virtual/network.py is the module made of it.
 * Status codes are those of MicroPython's ESP32 port (network.STAT_*).
 */
import type { HostFunctions } from './vmEngine';

export const WIFI = {
  idle: 1000,
  connecting: 1001,
  connected: 1010,
  noSuchNetwork: 201,
  wrongPassword: 202,
} as const;

/** Joining takes a real board a few seconds; long enough here to be seen, short enough to wait for. */
const JOIN_MS = 400;
const FAIL_MS = 1200;

export class VmWifi {
  private active = false;
  private wanted: { ssid: string; password: string; from: number } | undefined;

  constructor(
    private networks: readonly { ssid: string; password?: string }[],
    private readonly now: () => number = () => performance.now(),
    private readonly airGone: () => boolean = () => false,
  ) {}

  /** Other networks are in the air: who is in one that is gone, or has another password, is out. */
  setNetworks(networks: readonly { ssid: string; password?: string }[]): void {
    this.networks = networks;
  }

  setActive(on: boolean): void {
    this.active = on;
    if (!on) this.wanted = undefined;
  }

  /** 0, or -1 while the interface is not active (then MicroPython raises "Wifi Not Started"). */
  connect(ssid: string, password: string): number {
    if (!this.active) return -1;
    this.wanted = { ssid, password, from: this.now() };
    return 0;
  }

  disconnect(): void {
    this.wanted = undefined;
  }

  status(now = this.now()): number {
    if (!this.active || !this.wanted) return WIFI.idle;
    if (this.airGone()) {
      // The station goes on looking, and joins anew once there is something to join.
      this.wanted.from = now;
      return WIFI.noSuchNetwork;
    }
    const { ssid, password, from } = this.wanted;
    const found = this.networks.find((network) => network.ssid === ssid);
    const right = found && (found.password === undefined || found.password === password);
    if (now - from < (right ? JOIN_MS : FAIL_MS)) return WIFI.connecting;
    if (!found) return WIFI.noSuchNetwork;
    return right ? WIFI.connected : WIFI.wrongPassword;
  }

  connected(now = this.now()): boolean {
    return this.status(now) === WIFI.connected;
  }

  functions(): HostFunctions {
    return {
      wifi_active: (on) => {
        if (on !== -1) this.setActive(on === 1);
        return this.active ? 1 : 0;
      },
      wifi_connect: (ssid, password) => this.connect(String(ssid), String(password)),
      wifi_disconnect: () => this.disconnect(),
      wifi_status: () => this.status(),
      wifi_ssid: () => this.wanted?.ssid ?? '',
      wifi_count: () => (this.airGone() ? 0 : this.networks.length),
      wifi_name: (index) => this.networks[Number(index)]?.ssid ?? '',
      wifi_secured: (index) => (this.networks[Number(index)]?.password ? 1 : 0),
    };
  }
}
