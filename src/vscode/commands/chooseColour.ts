/** Choose Colour: of a board's picture and of what it says; kept by its MAC address, like its name. */
import * as vscode from 'vscode';
import { boardColours, isBoardColour, type BoardColour } from '../../core/colours';
import { BoardError } from '../../core/errors';
import { colourName, dotOf, svgAddress } from '../boardColours';
import { boardFor, type Command } from '../command';
import { t } from '../../core/words';

const NONE = 'none';

export const chooseColour: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Choose the colour of which board?'), () => true);
  const colour = call.options.name ?? (await pick(board.name, board.colour));
  if (colour !== NONE && !isBoardColour(colour)) {
    throw new Error(
      t('A colour is one of {names}.', { names: [...boardColours, NONE].join(', ') }),
    );
  }
  board.paint(colour === NONE ? undefined : colour);
  return { board: board.id, colour: board.colour };
};

async function pick(name: string, now: BoardColour | undefined): Promise<string> {
  const dot = (theme: 'dark' | 'light', colour: BoardColour): vscode.Uri =>
    vscode.Uri.parse(svgAddress(dotOf(theme, colour)));
  const items = [
    ...boardColours.map((colour) => ({
      label: colourName(colour),
      description: colour === now ? t('as it is') : '',
      iconPath: { dark: dot('dark', colour), light: dot('light', colour) },
      colour,
    })),
    { label: t('None'), description: now ? '' : t('as it is'), colour: NONE },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Colour of {name}', { name }),
    placeHolder: t('For its picture, and for what it says in the conversation'),
  });
  if (!picked) throw new BoardError('cancelled', 'no colour chosen');
  return picked.colour;
}
