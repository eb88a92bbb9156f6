/**
 * JSON laid out so that each branch opens and closes; a short one stays on its line.
 * Below: dom.ts. Above: line.ts. Values only ever enter as text.
 */
import { el } from './dom';
import { t } from '../../src/core/words';

/** Up to so many characters it stays as it was said. */
const SHORT = 64;
/** Branches deeper than this begin closed; and so do lists of more than so many items. */
const OPEN_DEPTH = 2;
const OPEN_ITEMS = 20;
const MOST_ITEMS = 200;

/** @param text JSON; what is none comes back as it is */
export function jsonView(text: string): HTMLElement {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return el('span', { class: 'text json' }, text);
  }
  if (text.length <= SHORT && !text.includes('\n')) return inline(text);
  return el('div', { class: 'text json tree' }, branch(undefined, value, 0));
}

/** Coloured where it stands, every character as it was said. */
function inline(text: string): HTMLElement {
  const parts = text.split(
    /("(?:[^"\\]|\\.)*"(?:\s*:)?)|(-?\d+\.?\d*(?:[eE][+-]?\d+)?|true|false|null)/,
  );
  const view = el('span', { class: 'text json' });
  for (const part of parts) {
    if (part === undefined || part === '') continue;
    const kind = part.startsWith('"')
      ? part.endsWith(':')
        ? 'key'
        : 'string'
      : /^[-\dtfn]/.test(part)
        ? 'value'
        : undefined;
    view.append(kind ? el('span', { class: kind }, part) : part);
  }
  return view;
}

function branch(name: string | undefined, value: unknown, depth: number): HTMLElement {
  const key = name === undefined ? '' : el('span', { class: 'key' }, `${name}: `);
  if (typeof value !== 'object' || value === null) {
    const kind = typeof value === 'string' ? 'string' : 'value';
    return el('div', { class: 'leaf' }, key, el('span', { class: kind }, JSON.stringify(value)));
  }
  const list = Array.isArray(value);
  const items = list ? value.map((item, i) => [String(i), item] as const) : Object.entries(value);
  const size = list ? `[${items.length}]` : `{${items.length}}`;
  const details = el('details', {}, el('summary', {}, key, el('span', { class: 'size' }, size)));
  const fill = (): void => {
    if (details.childElementCount > 1) return;
    for (const [child, item] of items.slice(0, MOST_ITEMS)) {
      details.append(branch(child, item, depth + 1));
    }
    if (items.length > MOST_ITEMS) {
      details.append(
        el(
          'div',
          { class: 'leaf size' },
          t('and {items} more', { items: items.length - MOST_ITEMS }),
        ),
      );
    }
  };
  // What is closed is made when it is first opened.
  details.addEventListener('toggle', () => details.open && fill());
  if (depth < OPEN_DEPTH && items.length <= OPEN_ITEMS) {
    details.open = true;
    fill();
  }
  return details;
}
