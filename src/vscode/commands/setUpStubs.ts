/** Complete and Check MicroPython Here: stubs into the workspace, and the settings that lead to them. */
import * as vscode from 'vscode';
import type { Command } from '../command';
import { tell } from '../notify';
import { setUpStubs as setUp } from '../stubs';
import { t } from '../../core/words';

export const setUpStubs: Command = async (services, { options }) => {
  const report = await setUp(services, options.folder);
  const place = vscode.workspace.asRelativePath(report.folder);
  if (report.lines !== undefined) {
    await vscode.env.clipboard.writeText(report.lines);
    tell(
      t(
        'MicroPython’s modules are in {place}. The settings file has comments, so it was left alone: add what is on the clipboard now.',
        { place },
      ),
    );
  } else tell(t('The editor knows MicroPython’s modules now: they are in {place}.', { place }));
  return report;
};
