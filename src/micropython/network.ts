/**
 * How a board stands in the network, asked at its prompt: its Wi-Fi, and whether it gets through to a
 * TCP port. Nothing on the board is changed.
 * Below: boardCode.ts. Above: operations/examine.ts.
 */
import type { Job } from '../core/job';
import { ask, pyString } from './boardCode';
import type { RawRepl } from './rawRepl';

/** What `WLAN.status()` of an ESP32 means (MicroPython, library/network.WLAN and ports/esp32). */
export type WifiState =
  | 'connected'
  /** The interface is off: no program has asked for Wi-Fi since the board started. */
  | 'off'
  /** On, and connected to nothing. */
  | 'idle'
  | 'connecting'
  | 'no-network'
  | 'wrong-password'
  /** This firmware has no Wi-Fi. */
  | 'none';

export interface NetworkLook {
  readonly wifi: WifiState;
  /** The network's name; '' where there is none or the firmware does not tell. */
  readonly ssid: string;
  /** IPv4, dotted; '' while not connected. */
  readonly address: string;
  /** Of the TCP connection: 0 it came about; an errno (negative: of getaddrinfo); undefined: not tried. */
  readonly reach: number | undefined;
}

export interface Target {
  readonly host: string;
  /** 1 to 65535 */
  readonly port: number;
}

/** Time that a TCP connection may take, in seconds. */
const CONNECT_S = 5;
/** ETIMEDOUT of MicroPython on the ESP32, for what lwIP says without a number. */
export const ETIMEDOUT = 116;

const states: Readonly<Record<number, WifiState>> = {
  200: 'no-network', // STAT_BEACON_TIMEOUT
  201: 'no-network', // STAT_NO_AP_FOUND
  202: 'wrong-password', // STAT_WRONG_PASSWORD
  203: 'wrong-password', // STAT_ASSOC_FAIL
  204: 'wrong-password', // STAT_HANDSHAKE_TIMEOUT: what most access points do with a wrong one
  1001: 'connecting',
  1010: 'connected',
};

/** @throws BoardError as {@link RawRepl.exec}; port-failed when the answer is damaged */
export async function readNetwork(
  repl: RawRepl,
  target: Target | undefined,
  job: Job,
): Promise<NetworkLook> {
  const code = `
try:
 N=M('network')
 w=N.WLAN(0)
except Exception:
 say(['none','','',None])
 return
a=w.active()
c=w.isconnected()
e=i=''
try:
 e=w.config('essid') if a else ''
except Exception:
 pass
if c:
 i=w.ifconfig()[0]
r=None
${target ? connecting(target) : 'pass'}
say([1010 if c else w.status() if a else 'off',e,i,r])
`;
  const limits = { timeoutMs: (CONNECT_S + 25) * 1000 };
  const [answer] = await ask(repl, code, job, limits);
  const [status, ssid, address, reach] = answer as [number | string, string, string, number | null];
  return {
    wifi: status === 'none' || status === 'off' ? status : (states[Number(status)] ?? 'idle'),
    ssid: String(ssid),
    address: String(address),
    reach: reach ?? undefined,
  };
}

/** A connection that is opened and closed again: `r` is how it went. */
function connecting({ host, port }: Target): string {
  return `
if c:
 S=M('socket')
 s=S.socket()
 try:
  s.settimeout(${CONNECT_S})
  s.connect(S.getaddrinfo(${pyString(host)},${port})[0][-1])
  r=0
 except OSError as x:
  r=x.args[0] if x.args and isinstance(x.args[0],int) else ${ETIMEDOUT}
 finally:
  s.close()`.trim();
}
