/** Copy for an Issue Report: versions, boards and the last lines of the log, to the clipboard. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { Command } from '../command';
import { issueReport } from '../issueReport';
import { tell } from '../notify';
import { t } from '../../core/words';

export const copyLog: Command = async ({ context, registry, recent }) => {
  const { version } = context.extension.packageJSON as { version: string };
  const text = issueReport({
    versions: [
      `Parley ${version}`,
      `${vscode.env.appName} ${vscode.version}`,
      `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    ],
    boards: registry.boards,
    lines: recent.lines,
    home: homedir(),
  });
  await vscode.env.clipboard.writeText(text);
  tell(
    t(
      'Copied: paste it into the report. Passwords are never in the log; addresses of boards and your folder’s name are left out.',
    ),
    { [t('Show Log')]: 'parley.showLog' },
  );
  return { lines: recent.lines.length };
};
