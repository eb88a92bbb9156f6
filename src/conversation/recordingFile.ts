/**
 * Recordings on the disk: written as it goes, read with a bound on everything.
 * Below: recording.ts, node:fs. Above: vscode/recordings.ts.
 */
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Clock } from '../core/clock';
import { BoardError, toBoardError } from '../core/errors';
import type { Disposable } from '../core/event';
import { throwIfCancelled, type Job } from '../core/job';
import { History, type HistoryLimits, type NewLine } from './history';
import type { ConversationModel } from './model';
import {
  CSV_HEAD,
  csvRow,
  LONGEST_LINE,
  nameRecord,
  parseRecord,
  RECORDING_HEAD,
  recordOf,
} from './recording';
import { t } from '../core/words';

export interface Recording {
  readonly lines: readonly NewLine[];
  /** Names by client id. */
  readonly names: ReadonlyMap<string, string>;
  /** Lines of the file that were none. */
  readonly bad: number;
  /** Messages that did not fit the limits; the newest are there. */
  readonly dropped: number;
}

/**
 * Reads a recording.
 * @throws BoardError 'not-a-recording' with details { file } where it does not begin as one;
 *   'file-missing' with details { path }; 'cancelled'
 */
export async function readRecording(
  file: string,
  limits: HistoryLimits,
  job: Job,
): Promise<Recording> {
  const history = new History(limits);
  const names = new Map<string, string>();
  let bad = 0;
  let first = true;
  let done = 0;
  const stream = createReadStream(file);
  stream.on('data', (chunk) => (done += chunk.length));
  try {
    for await (const text of boundedLines(stream)) {
      throwIfCancelled(job);
      const record = text === undefined ? undefined : parseRecord(text);
      if (first && record?.kind !== 'head') {
        throw new BoardError('not-a-recording', `${file} is no recording`, { details: { file } });
      }
      first = false;
      if (!record) bad++;
      else if (record.kind === 'line') history.add(record.line);
      else if (record.kind === 'name' && names.size < 1000) names.set(record.client, record.name);
      if (history.nextId % 5000 === 0) {
        job.progress.report({ message: t('Reading the recording'), doneBytes: done });
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      const details = { path: file };
      throw new BoardError('file-missing', `${file} is not there`, { details, cause: error });
    }
    throw error;
  } finally {
    stream.destroy();
  }
  if (first) throw new BoardError('not-a-recording', `${file} is empty`, { details: { file } });
  const lines = [...history.lines()].map(({ id: _, payload, ...line }): NewLine => {
    return { ...line, payload: Uint8Array.from(payload) };
  });
  return { lines, names, bad, dropped: history.dropped };
}

/** Lines of a stream; undefined for one that is too long to be one: it is not gathered up. */
export async function* boundedLines(
  stream: NodeJS.ReadableStream,
): AsyncGenerator<string | undefined> {
  let rest = '';
  let skipping = false;
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (skipping) skipping = false;
      else if (part !== '') yield part;
    }
    if (rest.length > LONGEST_LINE) {
      if (!skipping) yield undefined;
      skipping = true;
      rest = '';
    }
  }
  if (rest !== '' && !skipping) yield rest;
}

export interface Recorder extends Disposable {
  readonly file: string;
  /** Messages written so far. */
  readonly messages: number;
  /** Writes what is still to be written, and closes. @throws BoardError 'record-failed' */
  stop(): Promise<void>;
}

/** How often what came is written, milliseconds. */
const WRITE_EVERY = 500;

/**
 * Writes all that comes from now on.
 * @param failed is told once if it cannot be written any more; what was written stays
 * @throws BoardError 'record-failed' with details { file, reason }
 */
export async function startRecorder(
  file: string,
  model: ConversationModel,
  clock: Clock,
  failed: (error: BoardError) => void,
): Promise<Recorder> {
  const stream = await openForWriting(file);
  const named = new Set<string>();
  let next = model.history.nextId;
  let messages = 0;
  let broken: BoardError | undefined;
  let timer: Disposable | undefined;
  const fail = (error: unknown): void => {
    if (broken) return;
    broken = failure(file, error);
    subscription.dispose();
    failed(broken);
  };
  stream.on('error', fail);
  const write = (): void => {
    timer = undefined;
    if (broken) return;
    const out: string[] = [];
    for (const line of model.history.lines(next)) {
      next = line.id + 1;
      if (line.speaker !== '' && !named.has(line.speaker)) {
        named.add(line.speaker);
        out.push(nameRecord(model.speaker(line.speaker)));
      }
      out.push(recordOf(line));
      if (line.what === 'message') messages++;
    }
    if (out.length > 0) stream.write(`${out.join('\n')}\n`);
  };
  const subscription = model.onChange((change) => {
    if (change.type === 'added') timer ??= clock.after(WRITE_EVERY, write);
    // Cleared on the screen is not cleared in the recording.
    if (change.type === 'cleared') next = Math.max(next, model.history.nextId);
  });
  return {
    file,
    get messages() {
      return messages;
    },
    async stop() {
      subscription.dispose();
      timer?.dispose();
      write();
      if (broken) return;
      stream.end();
      await once(stream, 'close').catch((error: unknown) => {
        throw failure(file, error);
      });
    },
    dispose() {
      subscription.dispose();
      timer?.dispose();
      write();
      stream.end();
    },
  };
}

/** Writes all there is: as a recording, or as CSV where the name ends so. @returns how many messages */
export async function exportConversation(
  file: string,
  model: ConversationModel,
  job: Job,
): Promise<number> {
  const csv = /\.csv$/i.test(file);
  const stream = await openForWriting(file, csv ? CSV_HEAD : RECORDING_HEAD);
  let messages = 0;
  try {
    if (!csv) for (const one of model.speakers) stream.write(`${nameRecord(one)}\n`);
    for (const line of model.history.lines()) {
      throwIfCancelled(job);
      if (line.what === 'message') messages++;
      else if (csv) continue;
      const text = csv ? csvRow(line, model.speaker(line.speaker).name) : recordOf(line);
      if (!stream.write(`${text}\n`)) await once(stream, 'drain');
    }
    stream.end();
    await once(stream, 'close');
    return messages;
  } catch (error) {
    stream.destroy();
    throw failure(file, error);
  }
}

async function openForWriting(file: string, head = RECORDING_HEAD): Promise<WriteStream> {
  const stream = createWriteStream(file);
  try {
    await once(stream, 'open');
  } catch (error) {
    throw failure(file, error);
  }
  stream.write(`${head}\n`);
  return stream;
}

function failure(file: string, error: unknown): BoardError {
  if (error instanceof BoardError) return error;
  const { message } = toBoardError(error, 'record-failed');
  return new BoardError('record-failed', `${file}: ${message}`, {
    details: { file, reason: message },
    cause: error,
  });
}
