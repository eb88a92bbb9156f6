/**
 * Who may reach the broker: asked before it listens on a network, cancelled, answered, and what a
 * password means for the boards. Nothing here ever opens beyond this computer.
 * Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { connectClient } from '../../src/conversation/client';
import { eventually, parley, workspaceFolder } from './support';

const run = <T>(id: string, options: object = {}): Promise<T> =>
  Promise.resolve(vscode.commands.executeCommand<T>(`parley.${id}`, { throws: true, ...options }));

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => assert.fail('it did not fail'),
    (error: Error) => error.message,
  );

const lan = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

const setHost = (host: string | undefined): Thenable<void> =>
  vscode.workspace
    .getConfiguration('parley')
    .update('broker.host', host, vscode.ConfigurationTarget.Workspace);

const setFolders = (folders: object | undefined): Thenable<void> =>
  vscode.workspace
    .getConfiguration('parley')
    .update('folders', folders, vscode.ConfigurationTarget.Workspace);

const setTls = (value: object | undefined): Thenable<void> =>
  vscode.workspace
    .getConfiguration('parley')
    .update('broker.tls', value, vscode.ConfigurationTarget.Workspace);

/** What a person does with the question once it is there; it has no event that tells. */
async function whileAsked<T>(work: Promise<T>, press: string): Promise<T> {
  let over = false;
  const end = (): void => void (over = true);
  work.then(end, end);
  await eventually('the question is answered', async () => {
    if (!over) await vscode.commands.executeCommand(press);
    return over;
  });
  return work;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const reached = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });

describe('who may reach the broker', function () {
  this.timeout(120_000);
  const boards = ['machine1', 'machine2'];
  let root = '';

  before(async () => {
    root = workspaceFolder().fsPath;
    await parley().activate();
    await run('stopBroker');
  });

  after(async () => {
    await run('stopBroker');
    await setHost(undefined);
    await setTls(undefined);
    await setFolders(undefined);
    // As it was: no user, and nothing open.
    await run('startBroker', { port: 0, reach: 'open' });
    await run('closeBroker');
    await run('stopBroker');
    for (const board of boards) await run('removeVirtualBoard', { board, confirm: true });
    rmSync(path.join(root, 'machine1'), { recursive: true, force: true });
  });

  it('asks before it listens on a network; dismissed, nothing opens and a sentence says so', async function () {
    if (!lan) return this.skip();
    await setHost(lan);
    const starting = failure(run('startBroker', { port: 0 }));
    const said = await whileAsked(starting, 'workbench.action.closeQuickOpen');
    assert.match(said, /^Broker: nothing was opened to the network, because nobody has said/);
    assert.match(await failure(run('checkBroker')), /nothing answers/);
  });

  it('“Only this computer” is obeyed and remembered', async function () {
    if (!lan) return this.skip();
    const starting = run<{ address: string; port: number }>('startBroker', { port: 0 });
    // The first row, as Enter takes it: the safest.
    const accept = 'workbench.action.acceptSelectedQuickOpenItem';
    const { address, port } = await whileAsked(starting, accept);
    assert.equal(address, `127.0.0.1:${port}`);
    assert.ok(await reached('127.0.0.1', port));
    assert.ok(!(await reached(lan, port)), `${lan}:${port} is open`);
    // Without a question: it would not come back.
    const again = await run<{ address: string }>('restartBroker');
    assert.match(again.address, /^127\.0\.0\.1:/);
    await setHost(undefined);
  });

  it('with a password, boards are given it, and it is in no file of the workspace', async () => {
    await run('addVirtualBoards');
    await run('openBroker', { reach: 'password' });
    const settings = path.join(root, '.vscode', 'settings.json');
    await eventually('the user is named in the settings', () => {
      return existsSync(settings) && /"boards": \{\}/.test(readFileSync(settings, 'utf8'));
    });
    await vscode.env.clipboard.writeText('');
    await run('copyBrokerPassword');
    const password = await vscode.env.clipboard.readText();
    assert.match(password, /^\w{16}$/);
    assert.ok(!readFileSync(settings, 'utf8').includes(password));
    // They speak: so they were let in.
    await run('startConversation', { confirm: true });
  });

  it('with TLS, boards are given the certificate and speak to the port for it', async () => {
    const port = await freePort();
    await setTls({ port });
    await run('openBroker', { reach: 'tls' });
    await run('startConversation', { confirm: true });
    const read = async (name: string): Promise<string> => {
      const uri = vscode.Uri.parse(`parley-board:/machine1/${name}`);
      return Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('latin1');
    };
    const { fingerprint } = await run<{ fingerprint: string }>('putCertificate', {
      board: 'machine1',
    });
    const der = Buffer.from(await read('parley-ca.der'), 'latin1');
    assert.equal(new X509Certificate(der).fingerprint256, fingerprint);
    const program = await read('main.py');
    assert.match(program, new RegExp(`^mqtt_port = ${port}$`, 'm'));
    assert.match(program, /^mqtt_ca = 'parley-ca\.der'/m);
    // Both doors, the second with the certificate.
    await run('checkBroker');
    const bare = await failure(
      connectClient({ host: '127.0.0.1', port, protocol: 'mqtts', clientId: 'stranger' }),
    );
    assert.match(bare, /certificate of 127\.0\.0\.1:\d+ is not accepted/);
    await run('openBroker', { reach: 'password' });
    assert.ok(!(await reached('127.0.0.1', port)));
  });

  it('a program without a user name is named, with what it lacks', async () => {
    const folder = path.join(root, 'machine1');
    mkdirSync(folder, { recursive: true });
    const own = path.join(parley().extensionPath, 'firmware', 'machine1');
    const program = readFileSync(path.join(own, 'main.py'), 'utf8');
    writeFileSync(path.join(folder, 'boot.py'), readFileSync(path.join(own, 'boot.py')));
    const library = path.join(own, '..', 'lib', 'umqttsimple.py');
    writeFileSync(path.join(folder, 'umqttsimple.py'), readFileSync(library));
    // As it was written before there was a password: the names are not there.
    writeFileSync(
      path.join(folder, 'main.py'),
      program
        .replace(/^mqtt_user = .*\nmqtt_password = .*\n/m, '')
        .replace(/^ {4}(user|password)=.*\n/gm, ''),
    );
    // Other tests have named another one.
    await setFolders({ machine1: folder });
    const said = await failure(run('startConversation', { confirm: true }));
    assert.match(said, /^Broker: machine1 was not let in, because its program gives no user name/);
  });
});
