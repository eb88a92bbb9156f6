/**
 * What happened, to which board, and what to do next: the sentence for every error code.
 * Below: errors. Above: notify.ts makes a notification of it, the terminal prints it; both the
 * same words, written once.
 */
import { BoardError, type BoardErrorCode } from './errors';
import { kb, or, say, type Explanation, type Say } from './explanation';
import { brokerSentences } from './explainBroker';
import { flashSentences, holds } from './explainFlash';
import { portSentences } from './explainPort';
import { promptSentences } from './explainPrompt';
import { t } from './words';
import { operationText } from './operationWords';

export type { ExplainAction, Explanation } from './explanation';

const sentences: Record<BoardErrorCode, Say> = {
  ...portSentences,
  ...promptSentences,
  ...flashSentences,
  ...brokerSentences,
  cancelled: (board, d) =>
    d['flash'] === 'erased' || d['flash'] === 'partly'
      ? say(t('{board}: cancelled.{flash}', { board, flash: holds(d) }), 'retry')
      : say(
          t('{board}: cancelled. Nothing more is being done to it.{flash}', {
            board,
            flash: holds(d),
          }),
        ),
  'port-lost': (board, d) =>
    say(
      t(
        '{board}: the port went away in the middle{more}.{flash} Check the cable, plug it in again, and repeat the step: {more2}.',
        {
          board,
          more: d['doing'] ? t(' of {doing}', { doing: d['doing'] }) : '',
          flash: holds(d),
          more2: d['flash']
            ? t('what is right already is not sent again')
            : t('it starts from the beginning and harms nothing'),
        },
      ),
      'retry',
      'showLog',
    ),
  'board-busy': (board, d) =>
    say(
      t('{board} is busy with {operation}. Wait for it, or cancel it.', {
        board,
        operation: d['operation'] ? operationText(String(d['operation'])) : t('something else'),
      }),
    ),
  'package-failed': (board, d) =>
    say(
      t(
        '{board} was left as it was: the package {package} cannot be had ({reason}). Check how it is written and the connection.',
        {
          board,
          package: or(d['package'], t('asked for')),
          reason: or(d['reason'], t('no reason given')),
        },
      ),
      'retry',
    ),
  'disk-full': (board, d) =>
    say(
      t(
        '{board} has no room for {path}{more}. What was there is untouched. Remove files from the board first.',
        {
          board,
          path: or(d['path'], t('the files')),
          more:
            d['free'] === undefined
              ? ''
              : t(': {needed} needed, {free} free', {
                  needed: kb(d['needed']),
                  free: kb(d['free']),
                }),
        },
      ),
      'openTerminal',
    ),
  'file-missing': (board, d) =>
    say(
      t('{path} is not there, so nothing was done to {board}.', {
        path: or(d['path'], t('A file')),
        board,
      }),
    ),
  'file-exists': (board, d) =>
    say(
      t('{board} has {path} already; nothing was changed. Use another name.', {
        board,
        path: or(d['path'], t('that file')),
      }),
    ),
  'folder-not-empty': (_board, d) =>
    say(
      t('{path} is there already and not empty, so nothing was written. Choose another place.', {
        path: or(d['path'], t('The folder')),
      }),
      'retry',
    ),
  'put-failed': (board, d) =>
    say(
      t('{board}: {path} did not arrive whole. The old one is untouched. Try again.', {
        board,
        path: or(d['path'], t('a file')),
      }),
      'retry',
      'showLog',
    ),
  'file-not-written': (_board, d) =>
    say(
      t(
        'The file {file} cannot be written on this computer ({reason}). Nothing that was there is changed. Choose another place, or make room on the disk, then try again.',
        {
          file: or(d['file'], t('that was chosen')),
          reason: or(d['reason'], t('no reason given')),
        },
      ),
      'retry',
      'showLog',
    ),
  'virtual-failed': (board, d) =>
    say(
      t('{board}: the virtual board did not start ({why}). Try again; the log has the details.', {
        board,
        why: or(d['why'], t('no reason given')),
      }),
      'retry',
      'showLog',
    ),
  'virtual-ended': (board, d) =>
    d['again'] === 'yes'
      ? say(
          t(
            '{board}: this virtual board ended by itself ({why}) and was started again. Its flash and its files are as it left them; what it was doing begins anew.',
            { board, why: or(d['why'], t('no reason given')) },
          ),
          'showLog',
        )
      : say(
          t(
            '{board}: this virtual board ended by itself ({why}) and does not run now. Its flash and its files are kept. Start it again; if it ends again, the log has the details for an issue report.',
            { board, why: or(d['why'], t('no reason given')) },
          ),
          'retry',
          'showLog',
        ),
  'no-folder': (board) =>
    say(
      t('No folder of this workspace belongs to {board}. Choose one, or set parley.folders.', {
        board,
      }),
      'openSettings',
    ),
  'mpy-missing': (board, d) =>
    say(
      t(
        '{board}: nothing was put. Files are to be compiled first (parley.mpy.compile), and mpy-cross does not run: {reason}. Install it, name it in parley.mpy.crossPath, or turn compiling off.',
        { board, reason: or(d['reason'], t('it is not there')) },
      ),
      'openSettings',
    ),
  'mpy-version': (board, d) =>
    say(
      Number(d['boardVersion']) === 0
        ? t(
            '{board}: nothing was put. Its MicroPython takes no compiled files (.mpy). Turn parley.mpy.compile off for this workspace.',
            { board },
          )
        : t(
            '{board}: nothing was put. Its MicroPython takes files of mpy version {boardVersion}, and mpy-cross here makes version {version}. Install the mpy-cross that belongs to the board’s MicroPython, or turn parley.mpy.compile off.',
            {
              board,
              boardVersion: or(d['boardVersion'], t('unknown')),
              version: or(d['version'], t('unknown')),
            },
          ),
      'openSettings',
    ),
  'mpy-compile': (board, d) =>
    say(
      t('{board}: nothing was put, because {path}{more} does not compile: {error}.', {
        board,
        path: or(d['path'], t('a file')),
        more: d['line'] === undefined ? '' : t(', line {line},', { line: d['line'] }),
        error: or(d['error'], t('mpy-cross refuses it')),
      }),
      'retry',
    ),
  'no-workspace': () =>
    say(t('The folder to work in is missing: open one in this window, then try again.')),
};

/** The sentence for `error`, naming `board` where one is concerned. Never shows a stack. */
export function explain(error: unknown, board = t('The board')): Explanation {
  if (error instanceof BoardError) return sentences[error.code](board, error.details, error);
  const text = error instanceof Error ? error.message : String(error);
  return say(
    t('{board}: {more}. The log has the details.', { board, more: text.split('\n')[0] }),
    'retry',
    'showLog',
  );
}

/** `sentence` with the code of `error` behind its first line, by which docs/errors.md finds it. */
export function withCode(sentence: string, error: unknown): string {
  if (!(error instanceof BoardError)) return sentence;
  const [first = '', ...rest] = sentence.split('\n');
  return [`${first} [${error.code}]`, ...rest].join('\n');
}
