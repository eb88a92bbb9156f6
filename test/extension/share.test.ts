/**
 * Share this Port from the window: another program opens the address that was copied and talks to the
 * board, which is busy with it until the board goes. Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { addFlashedBoard, eventually } from './support';

const board = 'shared';
const run = <T>(id: string, options: object = {}): Promise<T> =>
  Promise.resolve(
    vscode.commands.executeCommand<T>(`parley.${id}`, { throws: true, board, ...options }),
  );

describe('a port that is shared', function () {
  this.timeout(90_000);

  before(() => addFlashedBoard(board));

  it('is talked over by another program, and the board is busy with it meanwhile', async () => {
    await vscode.env.clipboard.writeText('');
    const sharing = run('sharePort');
    sharing.catch(() => undefined); // what goes wrong before its end shows below
    const address = await eventually('its address is copied', async () => {
      const text = await vscode.env.clipboard.readText();
      return /^rfc2217:\/\/127\.0\.0\.1:\d+$/.test(text) && text;
    });
    // A program of its own, as far as the window knows: it has nothing but the address.
    const provider = new Rfc2217Provider();
    const port = await provider.open(provider.add(address), { baudRate: 115_200 });
    let said = '';
    port.onData((bytes) => (said += Buffer.from(bytes).toString()));
    await port.write(Buffer.from('\r\x03'));
    await eventually('the prompt', () => said.includes('>>> '));
    await port.write(Buffer.from('print(6*7)\r'));
    await eventually('the answer', () => /\n42\r?\n/.test(said));

    await assert.rejects(run('resetBoard'), /shared is busy with Share/);
    await port.close();
    provider.dispose();
    // A board that is shared is not removed under its user; taken out of the settings, it is unplugged.
    await assert.rejects(run('removeVirtualBoard', { confirm: true }), /shared is busy with Share/);
    const settings = vscode.workspace.getConfiguration('parley');
    const others = settings.get<string[]>('virtualBoards', []).filter((name) => name !== board);
    await settings.update('virtualBoards', others, vscode.ConfigurationTarget.Workspace);
    assert.deepEqual(await sharing, { board: `virtual:${board}` });
  });
});
