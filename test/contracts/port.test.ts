/** The port contract on every kind of port there is; a kind that is missing here is skipped by name. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PortInfo, PortProvider } from '../../src/port/port';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { SerialProvider } from '../../src/port/serial';
import { portContract, until, type Pair } from './port';
import { startTestServer } from './rfc2217TestServer';

const OPEN = { baudRate: 115200 };

const hasSocat = spawnSync('socat', ['-V']).status === 0;

portContract('serial over a pseudo terminal', socatPair, {
  skip: hasSocat ? undefined : 'socat is not installed',
});

portContract('rfc2217 against a small server', rfc2217Pair);

const VIRTUAL = 'dist/virtual/main.js';

portContract('rfc2217 against a virtual board', virtualPair, {
  skip: existsSync(VIRTUAL) ? undefined : `${VIRTUAL} has not been built`,
  speaks: false,
});

const hardware = process.env['PARLEY_TEST_PORT'];

portContract('serial on hardware', hardwarePair, {
  skip: hardware ? undefined : 'set PARLEY_TEST_PORT to the path of a port with a board on it',
  speaks: false,
});

async function socatPair(): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-pty-'));
  const near = join(folder, 'near');
  // The far end is socat's own standard input and output.
  const socat = spawn('socat', [`PTY,link=${near},raw,echo=0,b115200`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await until(() => existsSync(near));
  const heard: Buffer[] = [];
  socat.stdout.on('data', (chunk: Buffer) => heard.push(chunk));
  socat.stdin.on('error', () => undefined);
  const provider = new SerialProvider();
  const info: PortInfo = { scheme: 'serial', address: near, label: 'pty' };
  const missing: PortInfo = { ...info, address: join(folder, 'missing') };
  return {
    port: await provider.open(info, OPEN),
    openAgain: () => provider.open(info, OPEN),
    openMissing: () => provider.open(missing, OPEN),
    drop: () => socat.kill(),
    far: {
      write: (bytes) => void socat.stdin.write(bytes),
      heard: () => Buffer.concat(heard),
    },
    // The lock (TIOCEXCL) does not hold against root, which the tests may be.
    exclusive: process.getuid?.() !== 0,
    dispose: async () => {
      await ended(socat);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function rfc2217Pair(): Promise<Pair> {
  const server = await startTestServer();
  const provider = new Rfc2217Provider();
  const info = provider.add(`127.0.0.1:${server.port}`);
  const port = await provider.open(info, OPEN);
  return {
    port,
    openAgain: () => provider.open(info, OPEN),
    openMissing: () => openMissing(provider, info),
    drop: () => server.drop(),
    far: { write: (bytes) => server.write(bytes), heard: () => Uint8Array.from(server.heard) },
    lines: () => server.lines,
    baudRate: () => server.baudRate,
    exclusive: true,
    dispose: () => server.close(),
  };
}

async function virtualPair(): Promise<Pair> {
  const state = mkdtempSync(join(tmpdir(), 'parley-virtual-'));
  const child = spawn(process.execPath, [VIRTUAL, '--name', 'contract', '--state', state], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the virtual board ended')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { event: string; host: string; port: number };
      if (said.event === 'listening') resolve(`${said.host}:${said.port}`);
    });
  });
  const provider = new Rfc2217Provider();
  const info = provider.add(address);
  return {
    port: await provider.open(info, OPEN),
    openAgain: () => provider.open(info, OPEN),
    openMissing: () => openMissing(provider, info),
    drop: () => child.kill('SIGKILL'),
    exclusive: true,
    dispose: async () => {
      await ended(child);
      rmSync(state, { recursive: true, force: true });
    },
  };
}

async function hardwarePair(): Promise<Pair> {
  const provider = new SerialProvider();
  const info: PortInfo = { scheme: 'serial', address: hardware ?? '', label: 'hardware' };
  const port = await provider.open(info, OPEN);
  return {
    port,
    openAgain: () => provider.open(info, OPEN),
    openMissing: () => provider.open({ ...info, address: `${info.address}-missing` }, OPEN),
    exclusive: process.getuid?.() !== 0,
    dispose: () => Promise.resolve(),
  };
}

/** A loopback port that was free a moment ago. */
async function openMissing(
  provider: PortProvider,
  info: PortInfo,
): ReturnType<PortProvider['open']> {
  const server = await startTestServer();
  await server.close();
  return provider.open({ ...info, address: `127.0.0.1:${server.port}` }, OPEN);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exit;
}
