/** Install a Package: mip through this computer, for boards without Wi-Fi too. */
import * as path from 'node:path';
import { installPackages } from '../../operations/installPackages';
import { boardFor, textFor, type Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const installPackage: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Install a package on which board?'));
  const text = await textFor(call.options.name, {
    title: t('Install a package on {board} (mip)', { board: board.name }),
    prompt: t('A name of micropython-lib, or github:org/repo; several with a space between'),
    placeHolder: 'umqtt.simple   aiohttp@0.0.2   github:org/repo@v1.2',
    validateInput: (typed) => (typed.trim() ? undefined : t('A package’s name')),
  });
  const specs = text.trim().split(/\s+/);
  const { settings, context } = services;
  const cacheFolder = path.join(context.globalStorageUri.fsPath, 'packages');
  const options = { index: settings.mipIndex, cacheFolder };
  const title = t('Install on {board}', { board: board.name });
  const report = await withJob(services.activity, { title, board }, (job) =>
    installPackages(board, specs, options, job),
  );
  const names = report.packages.map(({ name, version }) => `${name} ${version}`).join(', ');
  const had = report.sent.length === 0 ? t(' It was there already.') : '';
  tell(
    t('{names}: in {target} of {board}.{had}', {
      names,
      target: report.target,
      board: board.name,
      had,
    }),
  );
  return { board: board.id, ...report };
};
