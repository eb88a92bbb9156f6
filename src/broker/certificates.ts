/**
 * An authority of a workspace's own, and the certificate it gives the broker: boards trust the first,
 * so the second may name other addresses each time. Node can read such certificates, not make them.
 * Below: node-forge, loaded when first needed. Above: vscode/brokerTls.ts keeps the authority's key.
 */
import { generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { pki } from 'node-forge';

/** A certificate and its key, PEM. The key is a secret. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A board without a clock believes it is the year 2000, and has to find it valid. */
const FROM = new Date('1999-12-31T00:00:00Z');
/** UTCTime ends in 2049 (RFC 5280 section 4.1.2.5); some boards read no other. */
const UNTIL = new Date('2049-12-31T00:00:00Z');

/** Makes an authority that signs nothing but the broker of one workspace. */
export async function makeAuthority(name: string): Promise<Identity> {
  const subject = [{ name: 'commonName', value: name }];
  return sign(subject, undefined, [
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
}

/** Gives a server that listens on `hosts` a certificate. */
export async function issueFor(authority: Identity, hosts: readonly string[]): Promise<Identity> {
  const subject = [{ name: 'commonName', value: 'Parley broker' }];
  const altNames = [...new Set(hosts)].flatMap((host) =>
    // Older mbedTLS, as on many boards, looks for an address among the names only.
    isIP(host)
      ? [
          { type: 7, ip: host },
          { type: 2, value: host },
        ]
      : [{ type: 2, value: host }],
  );
  return sign(subject, authority, [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'subjectKeyIdentifier' },
  ]);
}

/** SHA-256 of the certificate, as browsers and openssl show it: "AB:CD:…". */
export function fingerprintOf(cert: string | Uint8Array): string {
  return new X509Certificate(cert).fingerprint256;
}

/** The certificate as MicroPython reads it: DER. @throws Error where it is none */
export function derOf(cert: string | Uint8Array): Uint8Array {
  return new Uint8Array(new X509Certificate(cert).raw);
}

async function sign(
  subject: pki.CertificateField[],
  authority: Identity | undefined,
  extensions: readonly object[],
): Promise<Identity> {
  const { default: forge } = await import('node-forge');
  // RSA, because forge signs with no other; 2048 bits, because an ESP32 has little room.
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const made = forge.pki.createCertificate();
  made.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  // Positive and not empty (RFC 5280 section 4.1.2.2).
  made.serialNumber = `01${randomBytes(15).toString('hex')}`;
  made.validity.notBefore = FROM;
  made.validity.notAfter = UNTIL;
  made.setSubject(subject);
  const issuer = authority && forge.pki.certificateFromPem(authority.cert);
  made.setIssuer(issuer ? issuer.subject.attributes : subject);
  made.setExtensions([...extensions]);
  const signer = forge.pki.privateKeyFromPem(authority?.key ?? pair.privateKey);
  made.sign(signer, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(made), key: pair.privateKey };
}
