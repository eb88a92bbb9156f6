/**
 * Certificates for the length of a test. Below: openssl. Above: the suites of brokers over TLS.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** An authority, a server's certificate for two names, and a client's; valid for a day. */
export function makeCertificates(folder: string): void {
  const run = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    'req',
    '-x509',
    ...key,
    '-days',
    '1',
    '-subj',
    '/CN=Test CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  for (const [name, subject, names] of [
    ['server', '/CN=broker.test', 'subjectAltName=DNS:broker.test,IP:127.0.0.1'],
    ['client', '/CN=parley', 'subjectAltName=DNS:parley'],
  ] as const) {
    run('req', ...key, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(path.join(folder, 'names'), names);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
    run('x509', '-req', '-days', '1', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`);
    // Started by root, Mosquitto becomes a user of its own and reads it as that one.
    chmodSync(path.join(folder, `${name}.key`), 0o644);
  }
}
