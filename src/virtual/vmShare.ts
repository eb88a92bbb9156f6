/**
 * How much of a core a board's program may use. A program that never waits is made to rest between
 * two instructions; one that works in bursts, as most do, is let be.
 * Below: nothing; the clock is given. Above: vmLine.ts tells when it waits, vmHost.ts makes it rest.
 */

/** Work that may be done at a stretch after a pause, ms. */
const BURST_MS = 250;
/** A program that has rested may then work so long at least, ms of credit. */
const PIECE_MS = 5;
/** Less credit is none, ms. */
const LEAST_MS = 0.1;
/** What is owed at most, ms: one long call, or a computer that slept, does not stop a board for long. */
const MOST_OWED_MS = 100;

export class VmShare {
  /** Grows by the share of each millisecond that passes, and shrinks by each that is worked. */
  private credit = BURST_MS;
  private waiting = false;
  private since: number;

  /**
   * @param share of a core, above 0; 1 and more is no limit
   * @param now milliseconds
   */
  constructor(
    private readonly share: () => number,
    private readonly now: () => number,
  ) {
    this.since = now();
  }

  /** The program begins to wait: for time, a byte, a socket. */
  waits(): void {
    this.settle();
    this.waiting = true;
  }

  /** It goes on. */
  works(): void {
    this.settle();
    this.waiting = false;
  }

  /** Milliseconds of work that are left until it has to rest; Infinity without a limit. */
  get left(): number {
    const share = this.share();
    if (share >= 1) return Infinity;
    this.settle();
    return this.credit < LEAST_MS ? 0 : this.credit / (1 - share);
  }

  /** How long it has to rest now, ms; 0 while there is work left. */
  get rest(): number {
    if (this.left > 0) return 0;
    return (PIECE_MS - this.credit) / this.share();
  }

  private settle(): void {
    const now = this.now();
    const passed = now - this.since;
    this.since = now;
    const share = Math.min(1, this.share());
    this.credit += this.waiting ? passed * share : -passed * (1 - share);
    this.credit = Math.max(-MOST_OWED_MS, Math.min(BURST_MS, this.credit));
  }
}
