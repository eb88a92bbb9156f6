/**
 * What is said after a board was flashed, and after several: how many, and each failed one with its
 * cause. Below: flash, flashMany, core/explain; no `vscode`, so plain Node can test it.
 * Above: flashBoard.ts, flashBoards.ts.
 */
import { isBoardError } from '../core/errors';
import { explain } from '../core/explain';
import { formatBytes, formatSeconds } from '../core/rate';
import { filesText, type FlashReport } from '../operations/flash';
import { failedOf, type FlashOutcome } from '../operations/flashMany';
import { listText } from './boardText';
import { t } from '../core/words';

/** This many failures are told with the whole sentence each; more would not fit a notification. */
const WHOLE_SENTENCES = 2;

/** What became of one board: written or there already, its files, its rate. */
export function flashedText(board: string, firmware: string, report: FlashReport): string {
  const { writtenBytes, unchangedBytes, baudRate, slowedFrom } = report;
  const seconds = (report.milliseconds / 1000).toFixed(1);
  const bytes = unchangedBytes
    ? t('{writtenBytes} written, {unchangedBytes} were there already', {
        writtenBytes: formatBytes(writtenBytes),
        unchangedBytes: formatBytes(unchangedBytes),
      })
    : formatBytes(writtenBytes);
  const said =
    writtenBytes === 0
      ? t(
          '{firmware} is there already, byte for byte (compared in {seconds} s). Nothing was written.',
          { firmware, seconds },
        )
      : t('{firmware} ({bytes}) is written and verified, in {seconds} s.', {
          firmware,
          bytes,
          seconds,
        });
  const slow = slowedFrom
    ? t(
        '{slowedFrom} baud is too fast for it or its cable: from now on it is flashed at {baudRate}.',
        { slowedFrom, baudRate },
      )
    : '';
  return [`${board}: ${said}`, filesText(report), slow].filter(Boolean).join(' ');
}

/** One or more sentences about all boards; every failed board is named. */
export function flashSummary(
  outcomes: readonly FlashOutcome[],
  firmware: string,
  milliseconds: number,
): string {
  const failed = failedOf(outcomes);
  const good = outcomes.length - failed.length;
  const time = formatSeconds(milliseconds / 1000);
  if (failed.length === 0) {
    const same = outcomes.filter(({ report }) => report?.writtenBytes === 0).length;
    const there =
      same === 0
        ? ''
        : t(' {more} had it already.', {
            more: same === good ? t('Each') : t('{same} of them', { same }),
          });
    return t('{good} boards: {firmware} is written and verified on each, in {time}.{there}', {
      good,
      firmware,
      time,
      there,
    });
  }
  const counted = t('{good} of {outcomes} boards are flashed with {firmware}, in {time}.', {
    good,
    outcomes: outcomes.length,
    firmware,
    time,
  });
  const said = failureTexts(failed, (names) => t('Cancelled, so not flashed: {names}.', { names }));
  return [counted, ...said].join(' ');
}

interface Failure {
  readonly board: { readonly name: string };
  readonly error?: unknown;
}

/** A sentence for each board that failed, shorter where there are many, and one for all that were cancelled. */
export function failureTexts(
  failed: readonly Failure[],
  cancelledText: (names: string) => string,
): string[] {
  const cancelled = failed.filter(({ error }) => isBoardError(error, 'cancelled'));
  const others = failed.filter((outcome) => !cancelled.includes(outcome));
  const said = others.map(({ board, error }) => {
    const { sentence } = explain(error, board.name);
    return others.length > WHOLE_SENTENCES ? firstSentence(sentence) : sentence;
  });
  if (cancelled.length > 0)
    said.push(cancelledText(listText(cancelled.map((one) => one.board.name))));
  return said;
}

/** Up to the first full stop that ends a sentence; "s3.bin" has none. */
function firstSentence(text: string): string {
  return /^.*?[.?](?=\s[A-Z]|$)/.exec(text)?.[0] ?? text;
}
