/**
 * The Charts tab: numbers over time, one small chart each, with one time for all under the pointer.
 * Below: chart.ts, the uPlot package. Above: main.ts asks the host for the points.
 */
import uPlot from 'uplot';
import type { SeriesKey, ToView, TopicRow } from '../../src/conversation/protocol';
import { HEIGHT, plotOptions, short } from './chart';
import { el, icon, icons, inNextFrame, setText } from './dom';
import { t } from '../../src/core/words';

const MOST_SERIES = 8;
/** Of each series so many points are held at most; the oldest go first. */
const MOST_POINTS = 6000;
const OFFERED = 30;

interface Chart {
  readonly key: SeriesKey;
  readonly element: HTMLElement;
  readonly place: HTMLElement;
  readonly value: HTMLElement;
  at: number[];
  values: number[];
  plot?: uPlot;
}

const idOf = ({ topic, path }: SeriesKey): string => `${topic}\0${path}`;
const nameOf = ({ topic, path }: SeriesKey): string => (path === '' ? topic : `${topic} · ${path}`);

export class ChartsTab {
  readonly element: HTMLElement;
  private readonly charts = new Map<string, Chart>();
  private readonly list = el('div', { class: 'charts' });
  private readonly offers = el('div', {
    class: 'offers',
    role: 'group',
    'aria-label': t('Add a chart'),
  });
  private readonly find = el('input', {
    class: 'field',
    type: 'search',
    placeholder: t('Add a chart: topic or field'),
    'aria-label': t('Add a chart'),
    spellcheck: 'false',
  });
  private readonly empty = el('p', { class: 'lead' });
  private known: readonly TopicRow[] = [];
  private chosenByHand = false;

  /** @param wanted is told which series the host is to send */
  constructor(private readonly wanted: (series: readonly SeriesKey[]) => void) {
    this.element = el(
      'section',
      { class: 'tab charts-tab', 'aria-label': t('Charts') },
      el('div', { class: 'tab-head' }, this.find, this.offers),
      this.empty,
      this.list,
    );
    this.find.addEventListener('input', () => this.offer());
    new ResizeObserver(() => this.drawSoon()).observe(this.list);
  }

  get series(): readonly SeriesKey[] {
    return [...this.charts.values()].map((chart) => chart.key);
  }

  /** Draws these, and no others. */
  set series(keys: readonly SeriesKey[]) {
    for (const id of [...this.charts.keys()]) this.drop(id);
    for (const key of keys.slice(0, MOST_SERIES)) this.make(key);
    this.chosenByHand = keys.length > 0;
    this.offer();
  }

  /** What topics there are: those with numbers are offered, and the first ones drawn unasked. */
  setTopics(rows: readonly TopicRow[]): void {
    this.known = rows;
    if (!this.chosenByHand && this.charts.size === 0) {
      for (const key of this.candidates().slice(0, 3)) this.make(key);
      if (this.charts.size > 0) this.wanted(this.series);
    }
    this.offer();
  }

  /** Adds the numbers of a topic. */
  add(row: TopicRow): void {
    this.chosenByHand = true;
    for (const path of row.fields.slice(0, 4)) this.make({ topic: row.topic, path });
    this.wanted(this.series);
    this.offer();
  }

  take({ series, at, value, all }: Extract<ToView, { type: 'points' }>): void {
    const chart = this.charts.get(idOf(series));
    if (!chart) return;
    const seconds = at.map((ms) => ms / 1000);
    chart.at = all ? seconds : chart.at.concat(seconds).slice(-MOST_POINTS);
    chart.values = all ? [...value] : chart.values.concat(value).slice(-MOST_POINTS);
    this.drawSoon();
  }

  /** Colours are the theme's: they change with it. */
  themeChanged(): void {
    for (const chart of this.charts.values()) {
      chart.plot?.destroy();
      delete chart.plot;
    }
    this.drawSoon();
  }

  readonly drawSoon = inNextFrame(() => {
    [...this.charts.values()].forEach((chart, index) => this.draw(chart, index));
  });

  private candidates(): SeriesKey[] {
    const newest = [...this.known].sort((a, b) => b.at - a.at);
    return newest
      .flatMap(({ topic, fields }) => fields.map((path) => ({ topic, path })))
      .filter((key) => !this.charts.has(idOf(key)));
  }

  private offer(): void {
    const words = this.find.value.trim().toLowerCase();
    const all = this.candidates().filter((key) => nameOf(key).toLowerCase().includes(words));
    const full = this.charts.size >= MOST_SERIES;
    const buttons = (full ? [] : all.slice(0, words ? OFFERED : 6)).map((key) => {
      const button = el('button', { class: 'offer', type: 'button' }, `+ ${nameOf(key)}`);
      button.addEventListener('click', () => {
        this.chosenByHand = true;
        this.make(key);
        this.wanted(this.series);
        this.find.value = '';
        this.offer();
      });
      return button;
    });
    const said = buttons.map((button) => button.textContent).join('\n');
    // Only when it is another: a button under the mouse stays itself.
    if (this.offers.dataset['said'] !== said) this.offers.replaceChildren(...buttons);
    this.offers.dataset['said'] = said;
    const nothing = this.charts.size === 0 && all.length === 0;
    this.empty.classList.toggle('hidden', !nothing);
    const none = t(
      'No numbers yet. A payload that is a number, or JSON with numbers in it, can be drawn here.',
    );
    setText(this.empty, words ? t('No number matches.') : none);
  }

  private make(key: SeriesKey): void {
    const id = idOf(key);
    if (this.charts.has(id) || this.charts.size >= MOST_SERIES) return;
    const value = el('span', { class: 'now' });
    const close = el('button', {
      class: 'tool',
      type: 'button',
      title: t('Close this chart'),
      'aria-label': t('Close the chart of {name}', { name: nameOf(key) }),
    });
    close.append(icon(icons.close));
    close.addEventListener('click', () => {
      this.chosenByHand = true;
      this.drop(id);
      this.wanted(this.series);
      this.offer();
    });
    const place = el('div', { class: 'plot' });
    const title = el('span', { class: 'level', title: nameOf(key) }, nameOf(key));
    const head = el('div', { class: 'chart-head' }, title, value, close);
    const element = el('figure', { class: 'chart', 'aria-label': nameOf(key) }, head, place);
    this.charts.set(id, { key, element, place, value, at: [], values: [] });
    this.list.append(element);
    this.drawSoon();
  }

  private drop(id: string): void {
    const chart = this.charts.get(id);
    chart?.plot?.destroy();
    chart?.element.remove();
    this.charts.delete(id);
  }

  private draw(chart: Chart, index: number): void {
    const width = chart.place.clientWidth;
    if (width === 0) return;
    setText(chart.value, short(chart.values.at(-1)));
    const data: uPlot.AlignedData = [chart.at, chart.values];
    if (!chart.plot)
      chart.plot = new uPlot(plotOptions({ width, lines: [index] }), data, chart.place);
    else {
      if (chart.plot.width !== width) chart.plot.setSize({ width, height: HEIGHT });
      chart.plot.setData(data);
    }
  }
}
