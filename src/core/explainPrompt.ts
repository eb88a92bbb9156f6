/**
 * The sentences of what goes wrong at MicroPython's prompt: no prompt, a restart, a program.
 * Below: explanation.ts, pythonAdvice.ts. Above: explain.ts.
 */
import { or, say, type Say } from './explanation';
import { adviceForLine } from './pythonAdvice';
import { t } from './words';

type PromptCode = 'no-micropython' | 'program-running' | 'prompt-timeout' | 'python-error';

export const promptSentences: Record<PromptCode, Say> = {
  'no-micropython': (board, d) =>
    d['reason'] === 'silent'
      ? say(
          t(
            '{board} does not answer as MicroPython: it says nothing at all. Look at its cable and at parley.repl.baudRate, reset it, and try again. If it stays silent, it may be blank or run something else: flash MicroPython onto it.',
            { board },
          ),
          'resetBoard',
          'retry',
          'flash',
        )
      : say(
          t(
            '{board} does not answer as MicroPython: it is blank or runs something else. Flash MicroPython onto it first.',
            { board },
          ),
          'flash',
          'resetBoard',
        ),
  'program-running': (board) =>
    say(
      t(
        '{board} runs a program, or does not answer, so its files are left alone. Stop the program to see and change them.',
        { board },
      ),
      'stopAndRetry',
    ),
  'prompt-timeout': (board, d) => {
    switch (d['reason']) {
      case 'reset':
        return say(
          t(
            '{board} restarted in the middle, so this was not finished; each file is whole, the old one or the new one. Try again; if it restarts again, look at its power and its cable.',
            { board },
          ),
          'retry',
          'showLog',
        );
      case 'no-answer':
        return say(
          t(
            '{board} stopped answering in the middle, so this was not finished; each file is whole, the old one or the new one. Look at its cable, reset it, and try again.',
            { board },
          ),
          'resetBoard',
          'retry',
        );
      case 'download-mode':
        return say(
          t(
            '{board} waits in its bootloader, where MicroPython does not run. Reset it (or press EN), then try again.',
            { board },
          ),
          'resetBoard',
          'retry',
        );
      case 'locked':
        return say(
          t(
            '{board} cannot be stopped: Ctrl-C, and EN with Ctrl-C while it boots, were tried for {seconds} s. Its boot.py shuts Ctrl-C out at once. Erase and flash the board; its files are lost by that.',
            { board, seconds: or(d['seconds'], t('some')) },
          ),
          'flash',
          'retry',
        );
      default:
        return say(
          t(
            '{board} runs a program that does not let go of the prompt. Reset it and try again at once; if that does not help, erase and flash it.',
            { board },
          ),
          'resetBoard',
          'retry',
        );
    }
  },
  'python-error': (board, d) => {
    const line = lastLine(d['traceback']);
    const advice = adviceForLine(line);
    const after = advice ? ` ${advice.text}` : '';
    return say(
      t('{board}: the program ended with {line}.{after}', { board, line, after }),
      'openTerminal',
    );
  },
};

function lastLine(traceback: string | number | undefined): string {
  const lines = String(traceback ?? '')
    .trim()
    .split('\n');
  return lines.at(-1)?.trim() || t('an error');
}
