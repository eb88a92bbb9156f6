/**
 * A Job out of a progress notification that can be cancelled.
 * Below: core/job, core/rate. Above: every command that takes a while.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { systemClock } from '../core/clock';
import type { Job, ProgressUpdate } from '../core/job';
import { RateMeter } from '../core/rate';
import { StepLog } from '../core/stepLog';
import type { Activity } from './activity';

export interface JobOptions {
  /** What is done, as the notification's title. */
  readonly title: string;
  /** Whose row of the tree shows how far it is. */
  readonly board?: Board;
}

/** Runs `work` under a notification with a Cancel button. */
export function withJob<T>(
  activity: Activity,
  options: JobOptions,
  work: (job: Job) => Promise<T>,
): Promise<T> {
  const { title, board } = options;
  const settings = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const result = vscode.window.withProgress(settings, async (progress, token) => {
    const abort = new AbortController();
    const subscription = token.onCancellationRequested(() => abort.abort());
    const describe = describer();
    const steps = new StepLog(activity.log, title, systemClock);
    const report = (update: ProgressUpdate): void => {
      steps.report(update);
      const { message, amount } = describe(update);
      progress.report({ message: [message, amount].filter(Boolean).join(' · ') });
      if (board) activity.set(board.id, amount || message);
    };
    try {
      const result = await work({ signal: abort.signal, progress: { report } });
      steps.end();
      return result;
    } catch (error) {
      steps.end(error);
      throw error;
    } finally {
      subscription.dispose();
      if (board) activity.set(board.id, undefined);
    }
  });
  return Promise.resolve(result);
}

/** A notification for something short that cannot be cancelled. */
export function whileWorking<T>(title: string, work: () => Promise<T>): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  return Promise.resolve(vscode.window.withProgress({ location, title }, work));
}

interface Described {
  readonly message: string;
  /** "34 of 64 KB · 41 KB/s · 2 s left", or '' for a step without bytes. */
  readonly amount: string;
}

/** Keeps the step's name between updates that have only bytes, and measures each step anew. */
export function describer(): (update: ProgressUpdate) => Described {
  let message = '';
  let meter = new RateMeter(systemClock);
  return (update) => {
    if (update.message !== undefined && update.message !== message) {
      message = update.message;
      meter = new RateMeter(systemClock);
    }
    const { doneBytes, totalBytes } = update;
    const amount = doneBytes === undefined ? '' : meter.describe(doneBytes, totalBytes);
    return { message, amount };
  };
}
