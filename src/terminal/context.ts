/**
 * What every command is given: where results go, how far the work is, when it is to end.
 * Below: session, screen. Above: commands/*.ts; cli.ts makes one.
 * Results go to stdout, words and progress to stderr, so that a pipe carries results only.
 */
import { about } from '../board/about';
import type { Board } from '../board/board';
import { VirtualBoards } from '../board/virtualBoards';
import { explain } from '../core/explain';
import type { Job } from '../core/job';
import { Screen, type Output } from './screen';
import { Session, type SessionOptions } from './session';
import { t } from '../core/words';

/** The command did what it was asked, and the answer is no: exit code 1, nothing more to say. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** How long a window that has the board may take to let go of it, ms. */
const ASK_MS = 30_000;

/** Options before or after any command. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly baud?: number;
  readonly flashBaud?: number;
  readonly filesBaud?: number;
  readonly state?: string;
  readonly unpaced?: boolean;
  readonly ask?: boolean;
}

export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
}

export class Context {
  readonly json: boolean;
  readonly job: Job;
  private readonly screen: Screen;

  constructor(
    readonly root: string,
    private readonly options: GlobalOptions,
    private readonly streams: Streams,
    readonly signal: AbortSignal,
  ) {
    this.json = options.json ?? false;
    this.screen = new Screen(streams.stderr);
    const quiet = options.quiet ?? false;
    this.job = {
      signal,
      progress: { report: (update) => quiet || this.screen.progress(update) },
    };
  }

  /** A word for a person, on stderr; nothing with `--quiet` or `--json`. */
  say(text: string): void {
    if (!this.options.quiet && !this.json) this.screen.line(text);
  }

  /** The result: one JSON value a line with `--json`, else its text where it has one. */
  result(value: unknown, text?: string): void {
    this.screen.rest();
    if (this.json) this.streams.stdout.write(`${JSON.stringify(value)}\n`);
    else if (text !== undefined && text !== '') this.streams.stdout.write(`${text}\n`);
  }

  /** Bytes of a board as they are. */
  raw(bytes: Uint8Array): void {
    this.screen.rest();
    this.streams.stdout.write(Buffer.from(bytes).toString());
  }

  /** A session for the time of `work`, ended whatever happens. */
  async withSession<T>(
    work: (session: Session) => Promise<T>,
    more: Partial<SessionOptions> = {},
  ): Promise<T> {
    const { baud, flashBaud, filesBaud, state, unpaced, ask } = this.options;
    const session = new Session({
      root: this.root,
      ...(baud === undefined ? {} : { baudRate: baud }),
      ...(flashBaud === undefined ? {} : { flashBaudRate: flashBaud }),
      ...(filesBaud === undefined ? {} : { filesBaudRate: filesBaud }),
      ...(state === undefined ? {} : { state }),
      ...(unpaced === undefined ? {} : { unpaced }),
      ...(ask ? { askFor: ASK_MS } : {}),
      ...more,
    });
    session.leases.onAsked(({ who }) =>
      this.say(t('{who} asks for the board. It is let go of when this command ends.', { who })),
    );
    session.virtual.onUnexpectedEnd(({ name, error }) => {
      this.say(explain(error, name).sentence);
      const address = session.registry.find(VirtualBoards.idOf(name))?.where?.address;
      if (address !== undefined)
        this.say(t('{name} is at rfc2217://{address} now.', { name, address }));
    });
    try {
      return await work(session);
    } finally {
      this.screen.rest();
      await session.close();
    }
  }

  /** The board that `word` means, for the time of `work`. */
  withBoard<T>(
    word: string | undefined,
    work: (board: Board, session: Session) => Promise<T>,
  ): Promise<T> {
    return this.withSession(async (session) => {
      const board = await session.board(word ?? process.env['PARLEY_BOARD']);
      return about(board, () => work(board, session));
    });
  }
}
