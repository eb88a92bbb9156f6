/**
 * Pictures that were said: asked of the host once they are drawn, decoded to pixels on a canvas. No
 * address is loaded, so that the page's policy needs no exception. Below: dom.ts. Above: line.ts.
 */
import type { ToView } from '../../src/conversation/protocol';
import { el } from './dom';
import { t } from '../../src/core/words';

/** Pixels at most, each way; and how many are kept while lines are drawn anew. */
const LARGEST = 320;
const KEPT = 30;

export class Pictures {
  private readonly boxes = new Map<number, HTMLElement>();

  constructor(private readonly ask: (id: number) => void) {}

  /** Where the picture of the message `id` is, or will be. @param text says what it is */
  box(id: number, text: string): HTMLElement {
    const known = this.boxes.get(id);
    if (known) return known;
    const box = el('div', { class: 'text picture' }, el('span', { class: 'about' }, text));
    this.boxes.set(id, box);
    const [oldest] = this.boxes.keys();
    if (this.boxes.size > KEPT && oldest !== undefined) this.boxes.delete(oldest);
    this.ask(id);
    return box;
  }

  async show({ id, mime, base64, problem }: Extract<ToView, { type: 'picture' }>): Promise<void> {
    const box = this.boxes.get(id);
    const about = box?.querySelector('.about');
    if (!box || !about) return;
    const failed = (why: string): void => void (about.textContent += `: ${why}`);
    if (!mime || base64 === undefined) return failed(problem ?? t('it is gone'));
    try {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: mime }));
      const scale = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
      const canvas = el('canvas', { role: 'img', 'aria-label': about.textContent ?? '' });
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      box.prepend(canvas);
    } catch {
      failed(t('it cannot be drawn'));
    }
  }
}
