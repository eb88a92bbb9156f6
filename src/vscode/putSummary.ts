/**
 * What is said after a folder was put: on one board, and on several, each failed one with its cause.
 * Below: putFolder, putMany, core/explain; no `vscode`, so plain Node can test it. Above: putFolder.ts.
 */
import { t } from '../core/words';
import type { PutOutcome } from '../operations/putMany';
import { failureTexts } from './flashSummary';

/** One or more sentences about all boards; every failed board is named. */
export function putSummary(outcomes: readonly PutOutcome[]): string {
  const failed = outcomes.filter(({ error }) => error !== undefined);
  const good = outcomes.length - failed.length;
  const changed = outcomes.filter(({ report }) => report && report.sent.length > 0).length;
  if (failed.length === 0) {
    return changed === 0
      ? t('{good} boards had every file already.', { good })
      : t('{good} boards have their files. Reset them to run them.', { good });
  }
  const said = failureTexts(failed, (names) =>
    t('Cancelled, so nothing was put on: {names}.', { names }),
  );
  const all = outcomes.length;
  return [t('{good} of {all} boards have their files.', { good, all }), ...said].join(' ');
}
