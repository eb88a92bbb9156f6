/**
 * TLS on a connection of a virtual board. The board's program sees mbedTLS's module `tls`; what it
 * asks for is done here, by this computer's TLS, in the bounds of the ESP32 port's.
 * Below: node:tls. Above: network.ts, which has the connection.
 */
import { isIP, type Socket } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { TlsWish } from './vmProtocol';

/** The ESP32 port has TLS 1.2 alone: ESP-IDF has 1.3 off unless a project asks (mbedtls Kconfig). */
const VERSIONS = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

/** Numbers and names as mbedTLS 3 has them (include/mbedtls/ssl.h, x509.h, rsa.h). */
export const MBEDTLS = {
  caRequired: [-0x7680, 'MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED'],
  alert: [-0x7780, 'MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE'],
  closed: [-0x7280, 'MBEDTLS_ERR_SSL_CONN_EOF'],
  invalidRecord: [-0x7200, 'MBEDTLS_ERR_SSL_INVALID_RECORD'],
  badVersion: [-0x6e80, 'MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION'],
  noClientCertificate: [-0x7480, 'MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE'],
  handshake: [-0x6e00, 'MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE'],
  verify: [-0x2700, 'MBEDTLS_ERR_X509_CERT_VERIFY_FAILED'],
} as const satisfies Record<string, readonly [number, string]>;

/** What mbedTLS says of a certificate (x509_crt.h, X509_CRT_ERROR_INFO_LIST), by OpenSSL's code. */
const VERDICTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate validity has expired',
  CERT_NOT_YET_VALID: 'The certificate validity starts in the future',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate Common Name (CN) does not match with the expected CN',
};
const NOT_TRUSTED = 'The certificate is not correctly signed by the trusted CA';

const NONE = 0;
const REQUIRED = 2;

/** Why a connection could not be secured. */
export interface TlsTrouble {
  /** Of mbedTLS when below zero, else of {@link TlsHeard.errnoOf}. */
  readonly errno: number;
  readonly text: string;
}

export interface TlsHeard {
  /** The handshake is over: `socket` carries what the two say to each other. */
  secured(socket: TLSSocket, facts: { cipher: string; version: string; peer: Uint8Array }): void;
  failed(trouble: TlsTrouble): void;
  /** The ESP32's number for an error of the network, or undefined where it is none. */
  errnoOf(error: NodeJS.ErrnoException): number | undefined;
}

/**
 * Secures `raw`, which nobody listens to any more; what was read of it too early stands in front
 * of it again. Calls one function of `heard`, once.
 */
export function secure(raw: Socket, wish: TlsWish, heard: TlsHeard): void {
  let settled = false;
  const fail = (trouble: TlsTrouble): void => {
    if (settled) return;
    settled = true;
    heard.failed(trouble);
    raw.destroy();
  };
  const refused = (error: NodeJS.ErrnoException): void => fail(troubleOf(error, heard));
  const done = (socket: TLSSocket): void => {
    const problem = problemOf(socket, wish);
    if (problem) {
      socket.on('error', () => undefined).destroy();
      return fail(problem);
    }
    if (settled) return;
    settled = true;
    const { standardName, version } = socket.getCipher();
    const peer = socket.getPeerX509Certificate()?.raw ?? new Uint8Array(0);
    heard.secured(socket, { cipher: standardName.replaceAll('_', '-'), version, peer });
  };
  raw.on('error', refused).on('close', () => fail(named(MBEDTLS.closed)));
  if (!wish.server && wish.verify === REQUIRED && !wish.ca) return fail(named(MBEDTLS.caRequired));
  try {
    if (wish.server) serve(raw, wish, done, refused);
    else ask(raw, wish, done, refused);
  } catch {
    // A key that is not the certificate's, and what else OpenSSL does not take.
    fail(named(MBEDTLS.handshake));
  }
}

const named = ([errno, text]: readonly [number, string]): TlsTrouble => ({ errno, text });

function ask(
  raw: Socket,
  { hostname, ca, cert, key }: TlsWish,
  done: (socket: TLSSocket) => void,
  refused: (error: Error) => void,
): void {
  const socket = connect({
    socket: raw,
    ...VERSIONS,
    // A name is asked for; an address is not (RFC 6066, 3). Both are looked for in the certificate.
    ...(hostname && !isIP(hostname) ? { servername: hostname } : {}),
    ...(hostname ? { host: hostname } : { checkServerIdentity: () => undefined }),
    // The verdict is ours to act upon: it depends on what the program asked for.
    rejectUnauthorized: false,
    // Nobody is trusted but whom the program names, as on the board.
    ca: ca ? [ca] : [],
    ...(cert ? { cert, key } : {}),
  });
  socket.once('secureConnect', () => done(socket)).once('error', refused);
}

function serve(
  raw: Socket,
  { verify, ca, cert, key }: TlsWish,
  done: (socket: TLSSocket) => void,
  refused: (error: Error) => void,
): void {
  const server = createServer({
    ...VERSIONS,
    requestCert: verify !== NONE,
    rejectUnauthorized: false,
    ca: ca ? [ca] : [],
    ...(cert ? { cert, key } : {}),
  });
  server.once('secureConnection', done).once('tlsClientError', refused);
  server.emit('connection', raw);
}

/** What is wrong with the other end's certificate, if that matters. */
function problemOf(socket: TLSSocket, { server, verify }: TlsWish): TlsTrouble | undefined {
  if (verify !== REQUIRED || socket.authorized) return undefined;
  if (server && !socket.getPeerX509Certificate()) return named(MBEDTLS.noClientCertificate);
  const text = VERDICTS[String(socket.authorizationError)] ?? NOT_TRUSTED;
  return { errno: MBEDTLS.verify[0], text };
}

function troubleOf(error: NodeJS.ErrnoException, { errnoOf }: TlsHeard): TlsTrouble {
  const { code = '', message } = error;
  if (/ALERT/.test(code)) return named(MBEDTLS.alert);
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST|BAD_RECORD/.test(code))
    return named(MBEDTLS.invalidRecord);
  if (/PROTOCOL|VERSION/.test(code)) return named(MBEDTLS.badVersion);
  // The other end closed in the middle, which Node tells as a reset of its own making.
  if (/before secure TLS connection|socket hang up/.test(message)) return named(MBEDTLS.closed);
  const errno = errnoOf(error);
  return errno === undefined ? named(MBEDTLS.handshake) : { errno, text: '' };
}
