/**
 * The colours a person can give to a board; each is one of a theme's own.
 * Below: nothing. Above: the board, its row's icon, and its lines in the conversation.
 */

export const boardColours = ['blue', 'purple', 'green', 'cyan', 'orange', 'red', 'yellow'] as const;
export type BoardColour = (typeof boardColours)[number];

export function isBoardColour(value: unknown): value is BoardColour {
  return boardColours.some((colour) => colour === value);
}
