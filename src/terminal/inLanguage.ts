/** Imported first, for what it does: constants of the rest are made in the language. Above: cliMain.ts, main.ts. */
import { speakAsAsked } from './language';

speakAsAsked();
