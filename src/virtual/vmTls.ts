/**
 * The worker's side of TLS: certificates that a program gives, the handshake and how it went.
 * Below: vmSockets.ts (the connection). Above: vmHost.ts gives these to the module `tls` as functions.
 * What a program gives is made PEM here, so that the owner (tls.ts) sees one form alone.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { HostFunctions } from './vmEngine';
import type { VmMemory } from './vmMemory';
import type { SocketEvent, TlsWish } from './vmProtocol';
import type { VmSockets } from './vmSockets';

const EBADF = -9;
/** The handshake failed: `tls_errno` and `tls_text` say how. */
const FAILED = -1;

/** What is known of one connection's TLS. */
export class TlsState {
  /** 'asked' until the owner has begun: what arrives until then is not ours. */
  state: 'asked' | 'shaking' | 'done' | 'failed' = 'asked';
  cipher = '';
  version = '';
  peer: Uint8Array = new Uint8Array(0);
  errno = 0;
  text = '';

  constructor(readonly wish: TlsWish) {}

  hear(event: SocketEvent): void {
    if (event.on === 'securing') this.state = 'shaking';
    if (event.on === 'secured') Object.assign(this, { ...event, state: 'done' });
    if (event.on === 'insecure') {
      this.errno = event.errno;
      this.text = event.text;
      this.state = 'failed';
    }
  }
}

/** One certificate or several, PEM or DER, as PEM; undefined where it is none. */
export function certificatePem(given: Uint8Array): string | undefined {
  try {
    const text = Buffer.from(given).toString('latin1');
    const parts = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g);
    if (!parts) return new X509Certificate(given).toString();
    return parts.map((part) => new X509Certificate(part).toString()).join('');
  } catch {
    return undefined;
  }
}

/** A private key without a password, PEM or DER, as PEM; undefined where it is none. */
export function keyPem(given: Uint8Array): string | undefined {
  const data = Buffer.from(given);
  const forms = data.includes('-----BEGIN ')
    ? [{ key: data }]
    : (['pkcs8', 'pkcs1', 'sec1'] as const).map((type) => ({
        ...{ key: data, format: 'der' as const, type },
      }));
  for (const form of forms) {
    try {
      return createPrivateKey(form).export({ type: 'pkcs8', format: 'pem' }).toString();
    } catch {
      // the next form
    }
  }
  return undefined;
}

export class VmTls {
  constructor(
    private readonly sockets: VmSockets,
    private readonly memory: () => VmMemory,
  ) {}

  /** 0 when it is over, {@link FAILED}, or as a socket's wait. */
  private handshake(id: number, ms: number): number {
    const tls = this.sockets.find(id)?.tls;
    if (!tls) return EBADF;
    const settled = (): boolean => tls.state === 'done' || tls.state === 'failed';
    const waited = this.sockets.wait(settled, ms);
    if (waited) return waited;
    return tls.state === 'done' ? 0 : FAILED;
  }

  functions(): HostFunctions {
    const n = Number;
    const of = (id: unknown): TlsState | undefined => this.sockets.find(n(id))?.tls;
    return {
      /** A certificate or a key as PEM, "" where it is none. */
      tls_pem: (what, at, length) => {
        const given = this.memory().copy(n(at), n(length));
        return (what === 'key' ? keyPem(given) : certificatePem(given)) ?? '';
      },
      tls_start: (id, server, verify, hostname, ca, cert, key) => {
        const pems = { ca: String(ca), cert: String(cert), key: String(key) };
        const how = { server: server === 1, verify: n(verify), hostname: String(hostname) };
        const tls = new TlsState({ ...how, ...pems });
        return this.sockets.secure(n(id), tls) ? 0 : EBADF;
      },
      tls_handshake: (id, ms) => this.handshake(n(id), n(ms)),
      tls_errno: (id) => of(id)?.errno ?? 0,
      tls_text: (id) => of(id)?.text ?? '',
      tls_cipher: (id) => of(id)?.cipher ?? '',
      tls_version: (id) => of(id)?.version ?? '',
      /** The other end's certificate into VM memory; its length, with no memory given. */
      tls_peer: (id, at, length) => {
        const peer = of(id)?.peer ?? new Uint8Array(0);
        if (n(length) >= peer.length) this.memory().bytes.set(peer, n(at));
        return peer.length;
      },
    };
  }
}
