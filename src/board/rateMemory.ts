/**
 * At which rate each board can be flashed, or sent files, kept between sessions: a rate that was
 * tried in vain is not tried again. Below: the registry's store. Above: the registry hands it to
 * each board.
 */
import type { RateMemory } from '../esp/baudRates';

/** Where it is kept (`vscode.Memento` fits). */
export interface RateStore {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

interface Tried {
  /** The rate that was wanted, and the one that works instead, bits per second. */
  readonly asked: number;
  readonly got: number;
}

export class StoredRates implements RateMemory {
  /** @param key under which it is kept: 'flashRates' or 'fileRates' */
  constructor(
    private readonly store: RateStore,
    private readonly key: string,
  ) {}

  /** What works instead of `asked`; another rate than was tried before is given a chance. */
  rateFor(mac: string, asked: number): number {
    const tried = this.all()[mac];
    return tried?.asked === asked ? tried.got : asked;
  }

  remember(mac: string, asked: number, got: number): void {
    void this.store.update(this.key, { ...this.all(), [mac]: { asked, got } });
  }

  private all(): Record<string, Tried> {
    return this.store.get<Record<string, Tried>>(this.key) ?? {};
  }
}
