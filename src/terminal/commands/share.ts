/**
 * share: a port of this computer for another one, over RFC 2217, until Ctrl-C.
 * Below: operations/sharePort. Above: cli.ts.
 */
import type { Command } from 'commander';
import { sharePort } from '../../operations/sharePort';
import type { Context } from '../context';
import { tcpPort } from '../parse';
import { t } from '../../core/words';

export function addShareCommand(program: Command, context: () => Context): void {
  program
    .command('share')
    .description(t('let other programs and computers open a port over RFC 2217; Ctrl-C ends it'))
    .argument('[board]', t('the board, by its port'))
    .option('--host <address>', t('the address it listens on; others must reach it'), '127.0.0.1')
    .option('--port <port>', t('its TCP port; one that is free where nothing is said'), tcpPort)
    .action((word: string | undefined, options: { host: string; port?: number }) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const onReady = (url: string): void => {
          run.say(t('{board} is at {url}. Ctrl-C ends it.', { board: board.name, url }));
          if (options.host !== '127.0.0.1')
            run.say(t('Everyone who reaches that address may use it.'));
          run.result({ event: 'sharing', board: board.name, url }, url);
        };
        await sharePort(board, { ...options, onReady }, run.job);
      });
    });
}
