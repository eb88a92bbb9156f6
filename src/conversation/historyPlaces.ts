/**
 * Where each line of the model lies on the disk. Ids begin anew in each window, sequence numbers go
 * on; between them stands what was skipped. Pure. Below: nothing. Above: historyStore.ts.
 */
export class HistoryPlaces {
  /** From this id on at this sequence number, one after the other. */
  private readonly all: { readonly id: number; readonly seq: number }[] = [];

  /** The first id that lies anywhere. */
  get firstId(): number | undefined {
    return this.all[0]?.id;
  }

  /** The line `id`, and those after it, lie from `seq` on. */
  put(id: number, seq: number): void {
    if (this.all.length === 0 || this.seqOf(id) !== seq) this.all.push({ id, seq });
  }

  /** Nothing lies anywhere any more; `id` comes to lie at `seq`. */
  beginAnew(id: number, seq: number): void {
    this.all.splice(0, Infinity, { id, seq });
  }

  seqOf(id: number): number {
    const place = this.all.findLast((one) => one.id <= id) ?? { id, seq: 0 };
    return place.seq + id - place.id;
  }

  /** Lines before `id` are gone. */
  forgetBefore(id: number): void {
    while ((this.all[1]?.id ?? Infinity) <= id) this.all.shift();
  }
}
