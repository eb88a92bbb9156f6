/**
 * The plot of one board in its webview: a chip for each name, and a chart for each or one for all.
 * Below: charts.ts, numbers.ts, and the charts and elements of the conversation. Above: vscode/plotPanel.ts, over
 * protocol.ts alone. The host holds the numbers; what the person chose is kept here.
 */
import '../boot';
import type { FromPlot, ToPlot } from '../../src/plot/protocol';
import { el, icon, icons, inNextFrame, setText } from '../conversation/dom';
import { colourClass, short } from '../conversation/chart';
import { Charts } from './charts';
import { hear } from '../hear';
import { Numbers } from './numbers';
import { toPlot } from './schema';
import { t } from '../../src/core/words';

interface Kept {
  readonly hidden?: readonly string[];
  readonly together?: boolean;
  /** Seconds; 0 is all. */
  readonly span?: number;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPlot): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

const spans = {
  0: t('All'),
  10: t('Last 10 s'),
  60: t('Last minute'),
  600: t('Last 10 minutes'),
} as const;

const host = acquireVsCodeApi();
const kept = host.getState() ?? {};
const post = (message: FromPlot): void => host.postMessage(message);

const numbers = new Numbers();
const hidden = new Set(kept.hidden);
let together = kept.together ?? false;
let span = kept.span ?? 0;
/** What is looked at while nothing is to move. */
let held: Numbers | undefined;

const chips = el('div', { class: 'chips', role: 'group', 'aria-label': t('Series') });
const values = new Map<string, HTMLElement>();
const note = el('p', { class: 'plot-note hidden', role: 'status' });
const one = tool(t('Draw all in one chart'), 'M2.5 13.5 H13.5 M3 10.5 L6 6 L9 9 L13 3.5');
const pause = tool(t('Pause'), icons.pause);
const clear = tool(t('Clear'), icons.clear);
const save = tool(t('Export as CSV'), 'M8 2.5 V10 M4.5 7 L8 10.5 L11.5 7 M3 13.5 H13');
const range = el('select', { class: 'field span', 'aria-label': t('How much is shown') });
for (const [seconds, text] of Object.entries(spans)) {
  range.append(el('option', { value: seconds }, text));
}
range.value = String(span);
const empty = el(
  'div',
  { class: 'plot-empty' },
  el('p', { class: 'lead' }, t('No numbers yet. What the board prints like this is drawn here:')),
  el('pre', {}, "print('temp:21.5 hum:40')\nprint(21.5, 40)\nprint({'temp': 21.5})"),
);
const charts = new Charts((row) => drawValues(row));
document.body.classList.add('plot-view');
document.body.append(
  el(
    'header',
    { class: 'plot-head' },
    chips,
    el('div', { class: 'tools' }, range, one, pause, clear, save),
  ),
  note,
  empty,
  charts.element,
);

one.addEventListener('click', () => {
  together = !together;
  keep();
});
pause.addEventListener('click', () => {
  held = held ? undefined : numbers.copy();
  drawSoon();
});
clear.addEventListener('click', () => {
  held = undefined;
  post({ type: 'clear' });
});
save.addEventListener('click', () => post({ type: 'export', names: chosen(numbers) }));
range.addEventListener('change', () => {
  span = Number(range.value);
  keep();
});

function tool(name: string, path: string): HTMLButtonElement {
  const attributes = { class: 'tool', type: 'button', title: name, 'aria-label': name };
  return el('button', attributes, icon(path));
}

function keep(): void {
  host.setState({ hidden: [...hidden], together, span });
  drawSoon();
}

const chosen = ({ names }: Numbers): string[] => names.filter((name) => !hidden.has(name));

hear(toPlot, (message: ToPlot) => {
  switch (message.type) {
    case 'all':
      numbers.take(message);
      held = undefined;
      break;
    case 'more':
      numbers.add(message);
      break;
    case 'note':
      setText(note, message.text);
      note.classList.toggle('hidden', message.text === '');
      break;
  }
  drawSoon();
});

const drawSoon = inNextFrame(() => {
  const shown = held ?? numbers;
  drawChips(shown);
  drawTools();
  const nothing = shown.at.length === 0;
  empty.classList.toggle('hidden', !nothing);
  charts.element.classList.toggle('hidden', nothing);
  charts.draw(shown, chosen(shown), { together, span });
  drawValues(null);
});

function drawChips(shown: Numbers): void {
  if (shown.names.join('\n') === [...values.keys()].join('\n')) return;
  values.clear();
  const made = shown.names.map((name, index) => {
    const value = el('span', { class: 'now' });
    values.set(name, value);
    const chip = el(
      'button',
      { class: `chip ${colourClass(index)}`, type: 'button' },
      el('span', { class: 'swatch', 'aria-hidden': 'true' }),
      el('span', { class: 'chip-name' }, name),
      value,
    );
    const press = (): void => chip.setAttribute('aria-pressed', String(!hidden.has(name)));
    chip.title = t('Show or hide {name}', { name });
    chip.addEventListener('click', () => {
      if (!hidden.delete(name)) hidden.add(name);
      press();
      keep();
    });
    press();
    return chip;
  });
  chips.replaceChildren(...made);
}

/** The values at the pointer, else the newest. */
function drawValues(row: number | null): void {
  const shown = held ?? numbers;
  shown.names.forEach((name, index) => {
    const element = values.get(name);
    if (element) setText(element, short(shown.valueAt(index, row) ?? undefined));
  });
}

function drawTools(): void {
  one.setAttribute('aria-pressed', String(together));
  one.classList.toggle('hidden', numbers.names.length < 2);
  const paused = held !== undefined;
  const missed = numbers.total - (held?.total ?? numbers.total);
  pause.title = paused
    ? t('Go on: {missed} lines came meanwhile', { missed: missed.toLocaleString('en') })
    : t('Pause');
  if (pause.getAttribute('aria-pressed') === String(paused)) return;
  pause.replaceChildren(icon(paused ? icons.resume : icons.pause));
  pause.setAttribute('aria-label', paused ? t('Go On') : t('Pause'));
  pause.setAttribute('aria-pressed', String(paused));
}

// The theme's colours are copied into the charts: drawn anew when it changes.
new MutationObserver(() => {
  charts.forget();
  drawSoon();
}).observe(document.body, { attributeFilter: ['data-vscode-theme-id', 'class'] });
new ResizeObserver(() => drawSoon()).observe(charts.element);

post({ type: 'ready' });
drawSoon();
