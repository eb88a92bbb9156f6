/**
 * Who sits on a TCP port already, and does it speak MQTT? Only ever asked after listening failed.
 * Below: core, the operating system. Above: embedded.ts puts the answer into its error.
 */
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { holderByLsof, holderOnLinux, type Program } from '../core/openFiles';

/**
 * The program that listens on `port` of this computer, where it can be known: Linux (programs of
 * other users only as root) and macOS. Undefined elsewhere. Never throws; at most about 2 s.
 */
export async function ownerOfPort(port: number): Promise<Program | undefined> {
  try {
    if (process.platform === 'linux') return await ownerOnLinux(port);
    if (process.platform === 'darwin') {
      return await holderByLsof(['-nP', `-iTCP:${port}`, '-sTCP:LISTEN']);
    }
  } catch {
    // Not knowing is an answer too.
  }
  return undefined;
}

/**
 * Socket inodes that listen on `port`, from the text of /proc/net/tcp or tcp6 (proc_net_tcp(5):
 * fields sl, local_address, rem_address, st, …, inode; state 0A is LISTEN; numbers in hex).
 */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const listens = fields[3] === '0A' && fields[1]?.split(':')[1] === wanted;
    return listens && fields[9] ? [fields[9]] : [];
  });
}

async function ownerOnLinux(port: number): Promise<Program | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const sockets = new Set(
    tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`),
  );
  return sockets.size === 0 ? undefined : holderOnLinux(sockets);
}

/**
 * Sends an MQTT 3.1.1 CONNECT to `host:port` and looks for a CONNACK (sections 3.1 and 3.2), even
 * a refusing one. Never throws; answers within `timeoutMs` milliseconds.
 */
export function speaksMqtt(host: string, port: number, timeoutMs = 1500): Promise<boolean> {
  const id = Buffer.from(`parley-probe-${process.pid}`);
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('MQTT'),
    // Level 4, clean session, keep alive 5 s.
    Buffer.from([4, 2, 0, 5, 0, id.length]),
    id,
  ]);
  const connect = Buffer.concat([Buffer.from([0x10, body.length]), body]);
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const socket = createConnection({ host: anyToLoopback(host), port });
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      if (answer) socket.end(Buffer.from([0xe0, 0]));
      else socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.on('connect', () => socket.write(connect));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      if (got.length >= 2) end(got[0] === 0x20 && got[1] === 2);
    });
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}

/** An address to connect to for an address to listen on. */
function anyToLoopback(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
