/**
 * What an issue report needs, and nothing that is nobody's business: versions, boards, the last
 * lines of the log. Below: board types; no `vscode`, so plain Node can test it. Above: copyLog.ts.
 */
import type { Log } from '../core/log';
import { withoutPrivate } from '../core/redact';
import { boardDetails, type ShownBoard } from './boardText';

/** Lines that are kept for a report; some hours of flashing, a few tens of KB. */
const KEPT_LINES = 400;

/** A log that passes everything on and remembers the last lines. */
export class RecentLines implements Log {
  private readonly kept: string[] = [];

  constructor(
    private readonly log: Log,
    private readonly now: () => Date = () => new Date(),
  ) {}

  get lines(): readonly string[] {
    return this.kept;
  }

  debug(message: string): void {
    this.log.debug(message);
    this.keep('debug', message);
  }

  info(message: string): void {
    this.log.info(message);
    this.keep('info', message);
  }

  warn(message: string): void {
    this.log.warn(message);
    this.keep('warn', message);
  }

  error(message: string): void {
    this.log.error(message);
    this.keep('error', message);
  }

  private keep(level: string, message: string): void {
    const time = this.now().toISOString().slice(11, 23);
    this.kept.push(`${time} ${level.padEnd(5)} ${message}`);
    if (this.kept.length > KEPT_LINES) this.kept.shift();
  }
}

export interface ReportFacts {
  /** "Parley 0.1.0", "VS Code 1.105.0", "linux x64, Node 22.1". */
  readonly versions: readonly string[];
  readonly boards: readonly ShownBoard[];
  readonly lines: readonly string[];
  /** Folder of the user, whose name stays out of the report. */
  readonly home: string;
}

/** Markdown to be pasted into an issue. */
export function issueReport({ versions, boards, lines, home }: ReportFacts): string {
  const shown = boards.map((board) => `- ${boardLine(board)}`);
  const text = [
    '### Versions',
    ...versions.map((version) => `- ${version}`),
    '### Boards',
    ...(shown.length > 0 ? shown : ['- none']),
    '### Log',
    // A fence longer than any in the log.
    '````text',
    ...(lines.length > 0 ? lines : ['(nothing was logged yet)']),
    '````',
    '',
  ].join('\n');
  return withoutPrivate(text, { home });
}

/** All that is known of a board in one line, without its serial number. */
export function boardLine(board: ShownBoard): string {
  const details = boardDetails(board).filter(([label]) => label !== 'Serial number');
  return `${board.name}: ${details.map(([label, value]) => `${label} ${value}`).join('; ')}`;
}
