/**
 * The pages of an NVS partition: items are appended, marked as erased, and moved when a page is full.
 * Below: a region of flash, nvsPage.ts. Above: nvs.ts, which knows what the items mean.
 *
 * Source: ESP-IDF Programming Guide, "Non-Volatile Storage Library", "Internals": one page is always
 * kept free, to move into it what lives of another.
 */
import type { Region } from './fileStore';
import {
  decodeItem,
  encodeItem,
  ENTRIES,
  ENTRY,
  PAGE,
  PAGE_STATE,
  pageHeader,
  readHeader,
  STATE_EMPTY,
  STATE_ERASED,
  STATE_WRITTEN,
  type Item,
  type NvsItem,
} from './nvsPage';

interface Page {
  /** Its place in the region. */
  readonly number: number;
  sequence: number;
  /** The first entry never written. */
  next: number;
  items: Item[];
}

export class NvsPages {
  /** In the order they were begun; the last one takes what is new. */
  private pages: Page[] = [];
  private free: number[] = [];

  /** @param region whole pages, three at the least; what is no NVS in it is erased */
  constructor(private readonly region: Region) {
    this.load();
  }

  /** Bytes of the partition beside the page that is kept free. */
  get room(): number {
    return (this.region.size / PAGE - 1) * (ENTRIES - 1) * ENTRY;
  }

  /** What lives, the oldest first. */
  all(): Item[] {
    return this.pages.flatMap((page) => page.items);
  }

  /** Marks an item's entries as erased. */
  drop(item: Item | undefined): void {
    const page = this.pages.find((one) => item && one.items.includes(item));
    if (!page || !item) return;
    this.mark(page, item.index, item.span, STATE_ERASED);
    page.items = page.items.filter((other) => other !== item);
  }

  /** Bytes of a blob that the page in use still takes, or a new one. */
  roomForChunk(wanted: number): number {
    const left = ENTRIES - (this.pages.at(-1)?.next ?? ENTRIES);
    if (left >= 2) return Math.min(wanted, (left - 1) * ENTRY);
    return this.turnPage() ? Math.min(wanted, this.roomNow()) : 0;
  }

  private roomNow(): number {
    return Math.max(0, (ENTRIES - this.pages.at(-1)!.next - 1) * ENTRY);
  }

  /**
   * Writes an item behind the last one: its entries first, then the bits that say they are there.
   * False where no room can be made.
   */
  append(item: NvsItem): boolean {
    const bytes = encodeItem(item);
    const span = bytes.length / ENTRY;
    let page = this.pages.at(-1);
    // A page that was made free for it may still be too full of what lives.
    for (let turns = 0; !page || page.next + span > ENTRIES; turns++) {
      if (turns > this.region.size / PAGE || !this.turnPage()) return false;
      page = this.pages.at(-1);
    }
    this.put(page, bytes);
    return true;
  }

  private put(page: Page, bytes: Uint8Array): void {
    const span = bytes.length / ENTRY;
    this.region.program(page.number * PAGE + 2 * ENTRY + page.next * ENTRY, bytes);
    this.mark(page, page.next, span, STATE_WRITTEN);
    page.items.push({ ...decodeItem(bytes)!, index: page.next, span });
    page.next += span;
  }

  /** Sets the two bits of each entry: 11 never written, 10 written, 00 erased. */
  private mark(page: Page, index: number, span: number, state: number): void {
    const first = index >> 2;
    const bits = new Uint8Array(((index + span - 1) >> 2) - first + 1).fill(255);
    for (let n = index; n < index + span; n++) {
      bits[(n >> 2) - first]! &= ~(3 << ((n & 3) * 2)) | (state << ((n & 3) * 2));
    }
    this.region.program(page.number * PAGE + ENTRY + first, bits);
  }

  /** Goes on with a free page; with the last free one only after making another. */
  private turnPage(): boolean {
    if (this.free.length === 0) return false;
    const last = this.pages.at(-1);
    if (this.free.length === 1 && last) {
      const used = (page: Page): number => page.items.reduce((sum, item) => sum + item.span, 0);
      const [worst] = [...this.pages].sort((a, b) =>
        a.next - used(a) < b.next - used(b) ? 1 : -1,
      );
      if (!worst || worst.next === used(worst)) return false;
      if (last !== worst) this.setState(last, PAGE_STATE.full);
      this.setState(worst, PAGE_STATE.full);
      this.setState(worst, PAGE_STATE.freeing);
      this.begin();
      this.empty(worst);
      return true;
    }
    if (last) this.setState(last, PAGE_STATE.full);
    this.begin();
    return true;
  }

  private begin(): void {
    const number = this.free.shift()!;
    const sequence = (this.pages.at(-1)?.sequence ?? -1) + 1;
    this.region.program(number * PAGE, pageHeader(sequence));
    this.pages.push({ number, sequence, next: 0, items: [] });
  }

  /** Moves what lives of a page into the newest one and erases it. */
  private empty(page: Page): void {
    const target = this.pages.at(-1)!;
    for (const item of page.items) {
      const there = target.items.some(
        (other) =>
          other.namespace === item.namespace &&
          other.type === item.type &&
          other.chunk === item.chunk &&
          other.key === item.key,
      );
      if (!there) this.put(target, encodeItem(item));
    }
    this.pages = this.pages.filter((other) => other !== page);
    this.region.erase(page.number * PAGE, PAGE);
    this.free.push(page.number);
  }

  private setState(page: Page, state: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, state, true);
    this.region.program(page.number * PAGE, bytes);
  }

  private load(): void {
    const freeing: Page[] = [];
    let active = false;
    const found: { page: Page; state: number }[] = [];
    for (let number = 0; number < Math.floor(this.region.size / PAGE); number++) {
      const bytes = this.region.read(number * PAGE, PAGE);
      const header = readHeader(bytes.subarray(0, ENTRY));
      if (header) {
        const page = { number, sequence: header.sequence, next: 0, items: [] };
        found.push({ page, state: header.state });
        continue;
      }
      if (bytes.some((byte) => byte !== 0xff)) this.region.erase(number * PAGE, PAGE);
      this.free.push(number);
    }
    found.sort((a, b) => a.page.sequence - b.page.sequence);
    for (const { page, state } of found) {
      this.loadItems(page);
      this.pages.push(page);
      if (state === PAGE_STATE.freeing) freeing.push(page);
      active = state === PAGE_STATE.active;
    }
    // A power cut while a page was emptied: go on with it.
    for (const page of freeing) {
      if (!active && this.free.length > 0) this.begin();
      active = true;
      if (this.pages.at(-1) !== page) this.empty(page);
    }
  }

  private loadItems(page: Page): void {
    const bytes = this.region.read(page.number * PAGE, PAGE);
    const state = (n: number): number => (bytes[ENTRY + (n >> 2)]! >> ((n & 3) * 2)) & 3;
    const entry = (n: number): number => 2 * ENTRY + n * ENTRY;
    for (let n = ENTRIES; n > 0 && page.next === 0; n--) {
      const blank = bytes.subarray(entry(n - 1), entry(n)).every((byte) => byte === 0xff);
      if (state(n - 1) !== STATE_EMPTY || !blank) page.next = n;
    }
    for (let n = 0; n < page.next;) {
      const item = decodeItem(bytes.subarray(entry(n), entry(ENTRIES)));
      const span = item?.span ?? 1;
      const whole = Array.from({ length: span }, (_, i) => state(n + i));
      if (item && whole.every((s) => s === STATE_WRITTEN)) {
        page.items.push({ ...item, index: n });
      } else if (whole.some((s) => s !== STATE_ERASED)) {
        // Cut off while it was written.
        this.mark(page, n, span, STATE_ERASED);
      }
      n += span;
    }
  }
}
