/**
 * A small menu beside what was clicked: opened, walked and closed as menus are (WAI-ARIA menu).
 * Below: dom.ts. Above: whoever has something to choose from.
 */
import { el } from './dom';

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
): void {
  close?.();
  const buttons = items.map(({ label, run }) => {
    const button = el('button', { class: 'menu-item', type: 'button', role: 'menuitem' }, label);
    button.addEventListener('click', () => {
      close?.();
      run();
    });
    return button;
  });
  const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': 'Message' }, ...buttons);
  document.body.append(menu);
  const { offsetWidth: width, offsetHeight: height } = menu;
  menu.style.left = `${Math.max(2, Math.min(place.x, window.innerWidth - width - 4))}px`;
  menu.style.top = `${Math.max(2, Math.min(place.y, window.innerHeight - height - 4))}px`;
  const away = (event: Event): void => {
    if (!menu.contains(event.target as Node)) close?.();
  };
  close = () => {
    close = undefined;
    window.removeEventListener('pointerdown', away, true);
    window.removeEventListener('blur', away);
    menu.remove();
    owner.focus({ preventScroll: true });
  };
  window.addEventListener('pointerdown', away, true);
  window.addEventListener('blur', away);
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
