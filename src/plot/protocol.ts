/**
 * What the extension and the plot of a board say to each other; types only.
 * Below: nothing. Above: plotFeed.ts makes these shapes, media/plot draws them. The host holds the
 * numbers; one `all` message rebuilds the view from nothing.
 */

/** Numbers by time: `columns[s][i]` is series `s` at `at[i]`; null where it had none just then. */
export interface PlotRows {
  /** Epoch milliseconds, ascending. */
  readonly at: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
}

export type ToPlot =
  /** All there is; the view forgets what it had. */
  | ({ readonly type: 'all'; readonly names: readonly string[]; readonly most: number } & PlotRows)
  /** What came since. `names` is all of them: new ones stand at the end. */
  | ({ readonly type: 'more'; readonly names: readonly string[] } & PlotRows)
  /** What the board does, in words: "machine1 is not plugged in". Empty: nothing to say. */
  | { readonly type: 'note'; readonly text: string };

export type FromPlot =
  /** The view stands empty and wants `all`. */
  | { readonly type: 'ready' }
  | { readonly type: 'clear' }
  /** A CSV file of the series with these names. */
  | { readonly type: 'export'; readonly names: readonly string[] };
