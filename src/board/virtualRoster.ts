/**
 * Which virtual boards there are: what the settings name and what was added runs, what a person
 * takes out of the settings ends. One change at a time, so that none overwrites another.
 * Below: core. Above: the window's board sources give it the settings and the processes.
 */
import { systemClock, type Clock } from '../core/clock';
import { silentLog, type Log } from '../core/log';

export interface RosterOptions<T, Kind> {
  /** The names in the settings as they are now. */
  read(): readonly string[];
  /** Puts the names into the settings. */
  write(names: readonly string[]): Promise<void>;
  /** Starts the board, unless it runs; `kind` is what one that is new is. */
  start(name: string, kind?: Kind): Promise<T>;
  /** Ends the board; what it holds stays. */
  end(name: string): Promise<void>;
  /** Ends the board and throws away what it holds. */
  remove(name: string): Promise<void>;
  readonly clock?: Clock;
  readonly log?: Log;
}

/**
 * A settings file that is being written reads as empty for a moment. A name has to be gone for so
 * long before its board is ended, ms.
 */
export const GONE_MS = 1000;

export class VirtualRoster<T, Kind = never> {
  /** The boards that this roster started. */
  private readonly running = new Set<string>();
  private readonly clock: Clock;
  private readonly log: Log;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RosterOptions<T, Kind>) {
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? silentLog;
  }

  /** Starts what the settings name and ends what they do not. What cannot start is logged. */
  sync(): Promise<void> {
    return this.inTurn(async () => {
      if (this.gone().length > 0) await this.clock.sleep(GONE_MS);
      for (const name of this.gone()) {
        this.log.info(`virtual board ${name}: not in the settings any more, ended`);
        this.running.delete(name);
        await this.options.end(name);
      }
      await Promise.all(
        this.options.read().map((name) =>
          this.start(name).catch((error: unknown) =>
            // It is not remembered as running: the next sync tries again.
            this.log.error(`virtual board ${name}: ${String(error)}`),
          ),
        ),
      );
    });
  }

  /** Starts `name` and puts it into the settings. @throws what `start` throws, with nothing changed */
  add(name: string, kind?: Kind): Promise<T> {
    return this.inTurn(async () => {
      const board = await this.start(name, kind);
      // From what runs, not only from what the settings say: see GONE_MS.
      await this.options.write([...new Set([...this.options.read(), ...this.running])]);
      return board;
    });
  }

  /** Ends `name`, throws away what it holds, and takes it out of the settings. */
  remove(name: string): Promise<void> {
    return this.inTurn(async () => {
      this.running.delete(name);
      await this.options.remove(name);
      const rest = [...new Set([...this.options.read(), ...this.running])];
      await this.options.write(rest.filter((other) => other !== name));
    });
  }

  private gone(): string[] {
    const named = new Set(this.options.read());
    return [...this.running].filter((name) => !named.has(name));
  }

  private async start(name: string, kind?: Kind): Promise<T> {
    const board = await this.options.start(name, kind);
    this.running.add(name);
    return board;
  }

  private inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
