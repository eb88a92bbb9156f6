/**
 * Elements in one expression. Text only ever enters through textContent: whatever a board sends
 * stays text. Below: the browser. Above: every other file here.
 */
export type Child = Node | string | undefined;

export interface Attributes {
  readonly class?: string;
  readonly title?: string;
  readonly [name: string]: string | undefined;
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A 16 by 16 line drawing. @param path SVG path data, in our own hand */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [name, value] of [
    ['viewBox', '0 0 16 16'],
    ['class', 'icon'],
    ['aria-hidden', 'true'],
  ] as const) {
    svg.setAttribute(name, value);
  }
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

/** Sets the text only where it differs: an unchanged node costs no layout. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** `draw`, once in the next frame however often it is asked for until then. */
export function inNextFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

export const icons = {
  send: 'M2.5 8 L13.5 8 M9 3.5 L13.5 8 L9 12.5',
  down: 'M8 2.5 L8 13 M3.5 8.5 L8 13 L12.5 8.5',
  clear: 'M3 4.5 H13 M6 4.5 V3 H10 V4.5 M4.5 4.5 L5 13 H11 L11.5 4.5',
  unheard: 'M8 2 A6 6 0 1 1 7.99 2 M3.8 3.8 L12.2 12.2',
  filter: 'M2.5 4 H13.5 M4.5 8 H11.5 M6.5 12 H9.5',
  more: 'M3.5 8 H3.6 M8 8 H8.1 M12.5 8 H12.6',
  pause: 'M5.5 3.5 V12.5 M10.5 3.5 V12.5',
  resume: 'M5 3 L12.5 8 L5 13 Z',
  check: 'M3 8.5 L6.5 12 L13 4.5',
  checks: 'M1.5 8.5 L5 12 L11 4.5 M7.5 11.5 L8 12 L14.5 4.5',
  close: 'M4 4 L12 12 M12 4 L4 12',
  reply: 'M6.5 3.5 L2.5 7 L6.5 10.5 M2.5 7 H9 A4 4 0 0 1 13 11 V12.5',
  template: 'M3.5 2.5 H12.5 V13.5 H3.5 Z M6 6 H10 M6 8.5 H10 M6 11 H8.5',
  star: 'M8 2.2 L9.8 6 L13.9 6.5 L10.9 9.4 L11.6 13.5 L8 11.5 L4.4 13.5 L5.1 9.4 L2.1 6.5 L6.2 6 Z',
  pin: 'M4.5 2.5 H11.5 V13.5 L8 10.5 L4.5 13.5 Z',
} as const;
