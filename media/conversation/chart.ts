/**
 * How a chart looks: the theme's colours, times below, numbers at the left.
 * Below: the uPlot package. Above: chartsTab.ts, and the plot of a board.
 */
import type uPlot from 'uplot';
import { timeOfDay } from './words';

/** Of a chart among others. Pixels. */
export const HEIGHT = 120;
/** Of the theme; its chart orange is too dim for a line. */
const colours = [
  'charts-blue',
  'charts-purple',
  'charts-green',
  'terminal-ansiCyan',
  'charts-red',
  'charts-yellow',
] as const;

export interface ChartLook {
  readonly width: number;
  readonly height?: number;
  /** A line for each, with the colour of that number. */
  readonly lines: readonly number[];
  /** Lines go on where one of them has no value at a moment that another has. */
  readonly spanGaps?: boolean;
  /** The last moments shown, in seconds; all where it is 0 or left out. */
  readonly span?: number;
  /** Charts with the same key have one moment under the pointer. */
  readonly together?: string;
  /** The pointer is at that row; null where it is not on the chart. */
  readonly onCursor?: (row: number | null) => void;
}

/** The class of an element that has the colour of line `index`; see conversation.css. */
export const colourClass = (index: number): string => `line-${index % colours.length}`;

export function plotOptions(look: ChartLook): uPlot.Options {
  const { width, height = HEIGHT, lines, spanGaps = false, span, together = 'parley' } = look;
  const style = getComputedStyle(document.body);
  const colour = (name: string, otherwise: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const text = colour('descriptionForeground', '#888');
  // A high contrast theme's borders are as strong as the lines.
  const strong = document.body.classList.contains('vscode-high-contrast');
  const faint = 'rgba(128,128,128,.35)';
  const grid = strong ? faint : colour('editorWidget-border', faint);
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const { onCursor } = look;
  return {
    width,
    height,
    legend: { show: false },
    cursor: { sync: { key: together }, points: { size: 7 } },
    scales: {
      x: {
        time: true,
        range: (plot, min, max) => timeRange(...endsOf(plot.data[0], min, max), span),
      },
    },
    axes: [
      {
        ...axis,
        size: 26,
        space: 70,
        values: (_plot, splits) => splits.map((seconds) => timeOfDay(seconds * 1000)),
      },
      { ...axis, size: 46, values: (_plot, splits) => splits.map(short) },
    ],
    series: [
      {},
      ...lines.map((index): uPlot.Series => ({
        stroke: colour(colours[index % colours.length] ?? '', '#3794ff'),
        width: 1.5,
        points: { size: 4 },
        spanGaps,
        // A colour that is there already comes again with gaps.
        ...(index < colours.length ? {} : { dash: [6, 4] }),
      })),
    ],
    ...(onCursor ? { hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] } } : {}),
  };
}

/** Fewer seconds are not spread over a chart: one value alone would stand in an axis of a day. */
const LEAST_SPAN = 10;

/** Of one value alone, or several of one moment, uPlot says that they last a day. */
export function endsOf(
  times: ArrayLike<number>,
  min: number | null,
  max: number | null,
): [number | null, number | null] {
  const first = times[0];
  const one = first !== undefined && first === times[times.length - 1];
  return one ? [first, first] : [min, max];
}

/**
 * What of the time is shown, in seconds.
 * @param min,max first and last value; null where there is none
 * @param span the last seconds only; all where it is 0 or left out
 */
export function timeRange(
  min: number | null,
  max: number | null,
  span?: number,
): [number | null, number | null] {
  if (min === null || max === null) return [null, null];
  const shown = span || Math.max(LEAST_SPAN, max - min);
  return [max - shown, max];
}

/** A number in little room: "21.4", "1.2M". */
export function short(value: number | undefined): string {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100_000) {
    return value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 });
  }
  return String(Number(value.toPrecision(5)));
}
