/**
 * What a sentence for a person is made of. Below: errors. Above: explain.ts and explainPort.ts.
 */
import type { BoardError, ErrorDetails } from './errors';
import { t } from './words';

/** What a button beside the sentence can do; the edge decides how. */
export type ExplainAction =
  | 'retry'
  | 'flash'
  | 'pickImage'
  /** Another Parley has the port: asks it to let go. */
  | 'askForPort'
  | 'useOtherPort'
  | 'useThatBroker'
  | 'startBroker'
  | 'restartBroker'
  | 'chooseBroker'
  | 'setBrokerPassword'
  /** Who may reach the broker. */
  | 'openBroker'
  | 'putFolder'
  | 'resetBoard'
  | 'stopAndRetry'
  | 'openTerminal'
  /** The doctor: why the boards do not talk. */
  | 'findOut'
  | 'openSettings'
  /** details.command, to be run in a terminal of the user's. */
  | 'copyCommand'
  /** details.url, in the browser. */
  | 'openPage'
  /** A picture of BOOT and EN. */
  | 'showButtons'
  | 'showLog';

export interface Explanation {
  readonly sentence: string;
  readonly actions: readonly ExplainAction[];
}

export type Say = (board: string, details: ErrorDetails, error: BoardError) => Explanation;

export const say = (sentence: string, ...actions: ExplainAction[]): Explanation => ({
  sentence,
  actions,
});

/** A detail as text, or `otherwise` where it is missing. */
export const or = (value: string | number | undefined, otherwise: string): string =>
  value === undefined || value === '' ? otherwise : String(value);

/** Bytes in the unit a person compares sizes in. */
export const kb = (value: string | number | undefined): string =>
  typeof value === 'number' ? `${Math.ceil(value / 1024)} KB` : t('an unknown size');
