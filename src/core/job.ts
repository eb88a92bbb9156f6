/**
 * What long work carries: a way to be cancelled and a way to tell how far it is.
 * Below: errors. Above: every operation takes a Job as its last parameter.
 */
import { BoardError } from './errors';

export interface ProgressUpdate {
  /** What is being done now, in a few words ("Writing at 0x00010000"). */
  readonly message?: string;
  /** Bytes done of this step so far. */
  readonly doneBytes?: number;
  /** Bytes this step has in all, where it is known. */
  readonly totalBytes?: number;
}

export interface Progress {
  report(update: ProgressUpdate): void;
}

export interface Job {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A job nobody watches and nobody cancels. */
export function quietJob(signal: AbortSignal = new AbortController().signal): Job {
  return { signal, progress: { report: () => undefined } };
}

/** @throws BoardError 'cancelled' once the job's signal is aborted. */
export function throwIfCancelled(job: Pick<Job, 'signal'>): void {
  if (job.signal.aborted) throw new BoardError('cancelled', 'cancelled by the user');
}

/** The same job with another progress (for a step inside a larger work). */
export function withProgress(job: Job, report: (update: ProgressUpdate) => void): Job {
  return { signal: job.signal, progress: { report } };
}

/** `work`, or a 'cancelled' rejection as soon as the job's signal is aborted. */
export function orCancelled<T>(job: Pick<Job, 'signal'>, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(new BoardError('cancelled', 'cancelled by the user'));
    if (job.signal.aborted) {
      work.catch(() => undefined);
      onAbort();
      return;
    }
    job.signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => job.signal.removeEventListener('abort', onAbort));
  });
}
