/**
 * A board's picture in the colour a person gave it: the file's own lines, drawn in another colour.
 * Below: media's SVG files. Above: boardTree.ts, Choose Colour. No `vscode`: plain Node tests it.
 */
import type { BoardColour } from '../core/colours';
import { t } from '../core/words';

/** For the dark and the light picture, like the charts' colours of VS Code's own themes. */
const shades: Readonly<Record<BoardColour, { readonly dark: string; readonly light: string }>> = {
  blue: { dark: '#59A4F9', light: '#0063D3' },
  purple: { dark: '#B180D7', light: '#652D90' },
  green: { dark: '#89D185', light: '#388A34' },
  cyan: { dark: '#4EC9D8', light: '#00797F' },
  orange: { dark: '#E8985A', light: '#B5500B' },
  red: { dark: '#F48771', light: '#C72E0F' },
  yellow: { dark: '#E2C08D', light: '#8A6100' },
};

/** What the files in media are drawn with. */
const DRAWN = { dark: '#C5C5C5', light: '#424242' } as const;

/** A picture of media in another colour; the marks of its state keep theirs. @param svg the file's text */
export function inColour(svg: string, theme: 'dark' | 'light', colour: BoardColour): string {
  return svg.replaceAll(DRAWN[theme], shades[colour][theme]);
}

/** The name of a colour for a person. */
export function colourName(colour: BoardColour): string {
  const names: Readonly<Record<BoardColour, string>> = {
    blue: t('Blue'),
    purple: t('Purple'),
    green: t('Green'),
    cyan: t('Cyan'),
    orange: t('Orange'),
    red: t('Red'),
    yellow: t('Yellow'),
  };
  return names[colour];
}

/** A dot of that colour, for a list. */
export function dotOf(theme: 'dark' | 'light', colour: BoardColour): string {
  const fill = shades[colour][theme];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><circle cx="8" cy="8" r="5.5" fill="${fill}"/></svg>`;
}

/** An address that holds the picture itself. */
export function svgAddress(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
