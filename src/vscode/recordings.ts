/**
 * The recording that is being made in this window, and where recordings are.
 * Below: conversation/recordingFile.ts. Above: the commands around recordings, the status bar.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { HistoryLimits } from '../conversation/history';
import { startRecorder, type Recorder } from '../conversation/recordingFile';
import type { ConversationModel } from '../conversation/model';
import { systemClock } from '../core/clock';
import { BoardError } from '../core/errors';
import { Emitter, type Disposable } from '../core/event';
import { t } from '../core/words';

/** Of a longer recording the newest are shown and said again. */
export const RECORDING_LIMITS: HistoryLimits = { lines: 1_000_000, bytes: 256 * 1024 * 1024 };

export class Recordings implements Disposable {
  private recorder: Recorder | undefined;
  private readonly changed = new Emitter<void>();
  private readonly failures = new Emitter<BoardError>();
  readonly onDidChange = this.changed.event;
  /** It cannot be written any more. */
  readonly onFailure = this.failures.event;

  constructor(private readonly model: ConversationModel) {}

  /** Where it is being recorded. */
  get file(): string | undefined {
    return this.recorder?.file;
  }

  /** A recording that is being made is ended first. @throws BoardError record-failed */
  async start(file: string): Promise<void> {
    await this.stop();
    this.recorder = await startRecorder(file, this.model, systemClock, (error) => {
      this.recorder = undefined;
      this.changed.fire();
      this.failures.fire(error);
    });
    this.changed.fire();
  }

  /** @returns what was recorded; undefined where nothing was @throws BoardError record-failed */
  async stop(): Promise<{ readonly file: string; readonly messages: number } | undefined> {
    const { recorder } = this;
    if (!recorder) return undefined;
    this.recorder = undefined;
    this.changed.fire();
    await recorder.stop();
    return { file: recorder.file, messages: recorder.messages };
  }

  dispose(): void {
    this.recorder?.dispose();
    this.changed.dispose();
    this.failures.dispose();
  }
}

/** Asks where to write. @throws BoardError 'cancelled' */
export async function savePath(title: string, name: string, csv: boolean): Promise<string> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const recording = { [t('Recorded conversation')]: ['jsonl'] };
  const uri = await vscode.window.showSaveDialog({
    title,
    ...(folder ? { defaultUri: vscode.Uri.file(path.join(folder.fsPath, name)) } : {}),
    filters: csv ? { [t('CSV for a spreadsheet')]: ['csv'], ...recording } : recording,
  });
  if (!uri) throw new BoardError('cancelled', 'no file chosen');
  return uri.fsPath;
}

/** Asks what to read. @throws BoardError 'cancelled' */
export async function openPath(title: string): Promise<string> {
  const picked = await vscode.window.showOpenDialog({
    title,
    filters: { [t('Recorded conversation')]: ['jsonl'] },
  });
  if (!picked?.[0]) throw new BoardError('cancelled', 'no file chosen');
  return picked[0].fsPath;
}
