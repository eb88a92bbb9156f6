/** I2C Scan: what answers on the bus, with what it usually is; an address is copied when picked. */
import * as vscode from 'vscode';
import { DEFAULT_I2C, i2cText, scanI2c as scan, type I2cPins } from '../../micropython/tools';
import { boardFor, textFor, type Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const scanI2c: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Scan the I2C bus of which board?'));
  const pins = parsePins(
    await textFor(call.options.name, {
      title: t('I2C pins of {board}', { board: board.name }),
      prompt: t('GPIO numbers of SDA and SCL'),
      value: `${DEFAULT_I2C.sda}, ${DEFAULT_I2C.scl}`,
      validateInput: (text) =>
        parsePins(text) ? undefined : t('Two GPIO numbers, SDA first: 21, 22'),
    }),
  );
  const { sda, scl } = pins ?? DEFAULT_I2C;
  const title = t('I2C scan on {board}', { board: board.name });
  const addresses = await withJob(services.activity, { title, board }, (job) =>
    board.withRawRepl('I2C Scan', job, (repl) => scan(repl, { sda, scl }, job), {
      onlyAtPrompt: true,
    }),
  );
  const found = addresses.map(i2cText);
  if (call.options.throws) return { board: board.id, found };
  if (found.length === 0) {
    tell(
      t(
        'Nothing answers on SDA {sda}, SCL {scl} of {board}. Look at the wires, the power of the part, and whether SDA and SCL are swapped.',
        { sda, scl, board: board.name },
      ),
    );
    return { board: board.id, found };
  }
  const picked = await vscode.window.showQuickPick(
    found.map(({ address, part }) => ({ label: address, description: part ?? '' })),
    {
      title: t('On the I2C bus of {board}', { board: board.name }),
      placeHolder: t('Pick an address to copy it'),
    },
  );
  if (picked) await vscode.env.clipboard.writeText(picked.label);
  return { board: board.id, found };
};

function parsePins(text: string): I2cPins | undefined {
  const [, sda, scl] = /^\s*(\d{1,2})\s*[,; ]\s*(\d{1,2})\s*$/.exec(text) ?? [];
  return sda !== undefined && scl !== undefined && sda !== scl
    ? { sda: Number(sda), scl: Number(scl) }
    : undefined;
}
