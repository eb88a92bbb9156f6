/**
 * The charts of the plot: one for each series, or one for all; made again only when that changes.
 * Below: conversation/chart.ts, the uPlot package. Above: main.ts.
 */
import uPlot from 'uplot';
import { plotOptions } from '../conversation/chart';
import { el } from '../conversation/dom';
import type { Numbers } from './numbers';
import { t } from '../../src/core/words';

const LOWEST = 96;
const HIGHEST = 260;

export interface Drawing {
  readonly together: boolean;
  /** Seconds; 0 is all. */
  readonly span: number;
}

export class Charts {
  /** It scrolls where there is little room: by keyboard as well. */
  readonly element = el('section', {
    class: 'plots',
    tabindex: '0',
    'aria-label': t('Charts'),
  });
  private plots: uPlot[] = [];
  private made = '';
  /** Rows before the first one drawn. */
  private first = 0;

  /** @param onRow is told which row is under the pointer */
  constructor(private readonly onRow: (row: number | null) => void) {}

  draw(numbers: Numbers, names: readonly string[], { together, span }: Drawing): void {
    const { clientWidth, clientHeight } = this.element;
    // A margin of the element, and the room a scroll bar would take.
    const width = Math.max(0, clientWidth - 24);
    if (width === 0 || clientHeight === 0) return;
    const lines = names.map((name) => numbers.names.indexOf(name));
    const groups = together ? [lines].filter((all) => all.length > 0) : lines.map((line) => [line]);
    const each = Math.floor(clientHeight / Math.max(1, groups.length)) - (together ? 8 : 30);
    const height = Math.max(LOWEST, together ? each : Math.min(HIGHEST, each));
    this.first = numbers.since(span);
    const at = numbers.at.slice(this.first);
    const data = groups.map((group): uPlot.AlignedData => [
      at,
      ...group.map((line) => (numbers.columns[line] ?? []).slice(this.first)),
    ]);
    const wanted = JSON.stringify([groups, names, span]);
    if (wanted !== this.made) this.make(numbers, groups, data, width, height, span);
    else {
      this.plots.forEach((plot, index) => {
        if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
        plot.setData(data[index]!);
      });
    }
    this.made = wanted;
  }

  /** The next drawing makes them anew. */
  forget(): void {
    this.made = '';
  }

  private make(
    numbers: Numbers,
    groups: readonly (readonly number[])[],
    data: readonly uPlot.AlignedData[],
    width: number,
    height: number,
    span: number,
  ): void {
    for (const plot of this.plots) plot.destroy();
    const onCursor = (row: number | null): void =>
      this.onRow(row === null ? null : row + this.first);
    const parts = groups.map((lines, index) => {
      const place = el('div', { class: 'plot' });
      const names = lines.map((line) => numbers.names[line] ?? '');
      const title = el('figcaption', { class: 'plot-title' }, names.join(', '));
      const figure = el('figure', { class: 'chart', 'aria-label': names.join(', ') });
      figure.append(...(groups.length > 1 ? [title] : []), place);
      const look = { width, height, lines, span, spanGaps: true, together: 'plot', onCursor };
      return { figure, plot: new uPlot(plotOptions(look), data[index]!, place) };
    });
    this.plots = parts.map(({ plot }) => plot);
    this.element.replaceChildren(...parts.map(({ figure }) => figure));
  }
}
