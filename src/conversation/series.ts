/**
 * How a number goes over time: what the history holds of it, and what comes. Pure.
 * Below: history.ts, numbers.ts. Above: viewTables.ts sends it to the charts.
 */
import type { History } from './history';
import { numbersIn } from './numbers';
import type { SeriesKey } from './protocol';

export interface Points {
  /** Epoch milliseconds, ascending. */
  readonly at: number[];
  readonly value: number[];
}

/** Of a longer past only the newest messages of a topic are looked at. */
const MOST_MESSAGES = 50_000;

/**
 * The points of each series in the lines from `from` on.
 * @param most more points than this are thinned out; peaks stay
 */
export function pointsOf(
  history: History,
  series: readonly SeriesKey[],
  from: number,
  most = Infinity,
): Points[] {
  const all = series.map((): Points => ({ at: [], value: [] }));
  const wanted = new Set(series.map(({ topic }) => topic));
  if (wanted.size === 0) return all;
  const taken = new Map<string, number>();
  for (let b = history.blocks.length - 1; b >= 0; b--) {
    const block = history.blocks[b];
    if (!block || block.firstId + block.count <= from) break;
    if (!block.topics.all.some((topic) => wanted.has(topic))) continue;
    const first = Math.max(from, history.firstId) - block.firstId;
    for (let i = block.count - 1; i >= Math.max(0, first); i--) {
      const topic = block.topics.all[block.topic[i] ?? 0] ?? '';
      if (!block.isMessage(i) || !wanted.has(topic)) continue;
      const before = taken.get(topic) ?? 0;
      if (before >= MOST_MESSAGES) continue;
      taken.set(topic, before + 1);
      const numbers = numbersIn(block.data.subarray(block.start(i), block.ends[i]));
      series.forEach((one, s) => {
        const value = one.topic === topic ? numbers.get(one.path) : undefined;
        if (value === undefined) return;
        all[s]?.at.push(block.at[i] ?? 0);
        all[s]?.value.push(value);
      });
    }
  }
  return all.map(({ at, value }) => thin({ at: at.reverse(), value: value.reverse() }, most));
}

/** Of each stretch the lowest and the highest point, in order: no peak is lost. */
export function thin(points: Points, most: number): Points {
  const { at, value } = points;
  if (at.length <= most) return points;
  const stretch = Math.ceil((at.length * 2) / most);
  const thinned: Points = { at: [], value: [] };
  for (let from = 0; from < at.length; from += stretch) {
    let low = from;
    let high = from;
    for (let i = from; i < Math.min(from + stretch, at.length); i++) {
      if ((value[i] ?? 0) < (value[low] ?? 0)) low = i;
      if ((value[i] ?? 0) > (value[high] ?? 0)) high = i;
    }
    for (const i of new Set([Math.min(low, high), Math.max(low, high)])) {
      thinned.at.push(at[i] ?? 0);
      thinned.value.push(value[i] ?? 0);
    }
  }
  return thinned;
}
