/** Run: the file in the editor on a board, its output in the board's terminal. */
import * as path from 'node:path';
import type { Command } from '../command';
import { documentFor, runOn } from '../runnable';

export const runFile: Command = async (services, call) => {
  const document = await documentFor(call);
  // What is seen is what runs; an untitled one has nowhere to be saved to, a board's own file would
  // need the board.
  if (document.isDirty && document.uri.scheme === 'file') await document.save();
  const { uri } = document;
  return runOn(services, call, {
    source: document.getText(),
    fileName: path.posix.basename(uri.path),
    uri,
  });
};
