/**
 * The conversation as earlier builds kept it on the disk: files of one line of JSON each, named by their
 * time. Read once, into the store. Below: recording.ts, recordingFile.ts. Above: historyStore.ts.
 */
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { NewLine } from './history';
import type { ConversationModel } from './model';
import { parseRecord } from './recording';
import { boundedLines } from './recordingFile';

const AT_ONCE = 5000;

/** The files that are still there, oldest first. */
export async function oldFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^\d{15}-[0-9a-f]{8}\.jsonl$/.test(name)).sort();
}

/** What cannot go now goes another time. */
export async function deleteOldFiles(folder: string): Promise<void> {
  for (const name of await oldFiles(folder)) {
    await rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** Puts what they hold into `model`. What cannot be read is not there. @returns how many messages */
export async function readOldFiles(folder: string, model: ConversationModel): Promise<number> {
  const total = { messages: 0, all: 0, counted: 0 };
  for (const name of await oldFiles(folder)) {
    await readOne(path.join(folder, name), model, total).catch(() => undefined);
  }
  return total.messages;
}

async function readOne(
  file: string,
  model: ConversationModel,
  total: { messages: number; all: number; counted: number },
): Promise<void> {
  let lines: NewLine[] = [];
  let gone = 0;
  let counted = 0;
  const hand = (): void => {
    model.restore(lines, { dropped: gone, folded: counted });
    total.counted += counted;
    lines = [];
    gone = counted = 0;
  };
  const stream = createReadStream(file);
  try {
    for await (const text of boundedLines(stream)) {
      const record = text === undefined ? undefined : parseRecord(text);
      if (record?.kind === 'head') {
        // What lay in files that are deleted, or could not be read.
        gone = Math.max(0, record.before.messages - total.all);
        total.all += gone;
        counted = Math.max(0, record.before.counted - total.counted);
      } else if (record?.kind === 'counted') counted += record.counted;
      else if (record?.kind === 'mark') {
        hand();
        mark(model, record.at, record.topic, record.on);
      } else if (record?.kind === 'line') {
        lines.push(record.line);
        if (record.line.what === 'message') {
          total.messages++;
          total.all++;
        }
      }
      if (lines.length >= AT_ONCE) hand();
    }
  } finally {
    stream.destroy();
    hand();
  }
}

/** The newest of that moment on that topic. */
function mark(model: ConversationModel, at: number, topic: string, on: boolean): void {
  for (let id = model.history.nextId - 1; id >= model.history.firstId; id--) {
    const line = model.get(id);
    if (line?.at !== at || line.topic !== topic) continue;
    model.bookmark(id, on);
    return;
  }
}
