/**
 * A small menu, or a card with sentences, beside what was clicked (WAI-ARIA menu, dialog).
 * Below: dom.ts. Above: whoever has something to choose from.
 */
import { el, type Attributes } from './dom';
import { t } from '../../src/core/words';

export interface MenuItem {
  readonly label: string;
  run(): void;
}

let close: (() => void) | undefined;

/** Opens `items` at a place of the page (pixels); the focus goes back to `owner` afterwards. */
export function openMenu(
  items: readonly MenuItem[],
  place: { readonly x: number; readonly y: number },
  owner: HTMLElement,
  name = t('Message'),
): void {
  close?.();
  const buttons = buttonsFor(items, { class: 'menu-item', role: 'menuitem' });
  const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': name }, ...buttons);
  float(menu, place, owner);
  menu.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const last = buttons.length - 1;
    const to: Record<string, number> = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    if (event.key === 'Escape' || event.key === 'Tab') close?.();
    else if (to[event.key] !== undefined) buttons[to[event.key]!]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  buttons[0]?.focus();
}

/** Opens sentences with buttons under them at a place of the page; Escape closes it. */
export function openCard(
  sentences: readonly string[],
  code: string | undefined,
  items: readonly MenuItem[],
  place: { readonly x: number; readonly y: number },
  owner: HTMLElement,
): void {
  close?.();
  const buttons = buttonsFor(items, { class: 'button' });
  const card = el(
    'div',
    { class: 'menu card', role: 'dialog', tabindex: '-1', 'aria-label': sentences[0] },
    ...sentences.map((sentence) => el('p', {}, sentence)),
    code === undefined ? undefined : el('pre', {}, code),
    el('div', { class: 'buttons' }, ...buttons),
  );
  float(card, place, owner);
  card.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    close?.();
  });
  (buttons[0] ?? card).focus();
}

/** A button for each item, which closes what it stands in before it does its work. */
function buttonsFor(items: readonly MenuItem[], attributes: Attributes): HTMLButtonElement[] {
  return items.map(({ label, run }) => {
    const button = el('button', { type: 'button', ...attributes }, label);
    button.addEventListener('click', () => {
      close?.();
      run();
    });
    return button;
  });
}

/** Puts `element` there, whole in sight; a click elsewhere takes it away. */
function float(
  element: HTMLElement,
  place: { readonly x: number; readonly y: number },
  owner: HTMLElement,
): void {
  document.body.append(element);
  const { offsetWidth: width, offsetHeight: height } = element;
  element.style.left = `${Math.max(2, Math.min(place.x, window.innerWidth - width - 4))}px`;
  element.style.top = `${Math.max(2, Math.min(place.y, window.innerHeight - height - 4))}px`;
  const away = (event: Event): void => {
    if (!element.contains(event.target as Node)) close?.();
  };
  close = () => {
    close = undefined;
    window.removeEventListener('pointerdown', away, true);
    window.removeEventListener('blur', away);
    element.remove();
    owner.focus({ preventScroll: true });
  };
  window.addEventListener('pointerdown', away, true);
  window.addEventListener('blur', away);
}
