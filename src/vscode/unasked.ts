/**
 * Boards that are erased or flashed without asking again, because somebody said so for this very
 * board. Kept by MAC address: another board on the same port is asked about.
 * Below: a Memento; no `vscode`, so plain Node can test it. Above: flashQuestion.ts, Erase, Ask Again.
 */
import type { Store } from '../board/registry';

export type AskedFor = 'erase' | 'flash';

const KEY = 'unasked';

type Kept = Partial<Record<AskedFor, readonly string[]>>;

export class Unasked {
  constructor(private readonly store: Store) {}

  has(what: AskedFor, mac: string | undefined): boolean {
    return mac !== undefined && (this.kept[what] ?? []).includes(mac);
  }

  async add(what: AskedFor, macs: readonly (string | undefined)[]): Promise<void> {
    const all = new Set(this.kept[what]);
    for (const mac of macs) if (mac) all.add(mac);
    await this.store.update(KEY, { ...this.kept, [what]: [...all] });
  }

  /** Asks again about the board with this MAC, or about every one. Answers how many those were. */
  async forget(mac?: string): Promise<number> {
    const kept = this.kept;
    const known = new Set([...(kept.erase ?? []), ...(kept.flash ?? [])]);
    const stay = (macs: readonly string[] = []): readonly string[] =>
      mac === undefined ? [] : macs.filter((other) => other !== mac);
    await this.store.update(KEY, { erase: stay(kept.erase), flash: stay(kept.flash) });
    return mac === undefined ? known.size : Number(known.has(mac));
  }

  private get kept(): Kept {
    return this.store.get<Kept>(KEY) ?? {};
  }
}
