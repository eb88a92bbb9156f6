/**
 * Who takes part: a chip each, with presence and count; pressed, only that speaker's lines show.
 * Below: dom.ts, lines.ts. Above: main.ts.
 */
import type { SpeakerView } from '../../src/conversation/protocol';
import { el, setText } from './dom';
import { seatClass } from './line';
import { voiceOf } from './lines';
import { howSentence } from './words';
import { t } from '../../src/core/words';

/** More chips than this would push the conversation out of sight. */
const MOST = 12;

interface Chip {
  readonly button: HTMLButtonElement;
  readonly name: HTMLElement;
  readonly count: HTMLElement;
}

export class People {
  readonly element = el('div', { class: 'people', role: 'group', 'aria-label': t('Show only') });
  private readonly chips = new Map<string, Chip>();

  constructor(private readonly chosen: (voice: string | undefined) => void) {}

  /** Chips are changed in place: one under the mouse or with the focus stays itself. */
  show(speakers: readonly SpeakerView[], pressed: string | undefined): void {
    const voices = new Map<string, SpeakerView>();
    for (const speaker of speakers) {
      const voice = voiceOf(speaker);
      const known = voices.get(voice);
      voices.set(voice, known ? together(known, speaker) : speaker);
    }
    const present = [...voices]
      .filter(([voice, s]) => s.messages > 0 || s.connected || voice === pressed)
      .filter(([voice, s]) => voice !== 'self' || s.messages > 0)
      .slice(0, MOST);
    const wanted = new Set(present.map(([voice]) => voice));
    for (const [voice, chip] of this.chips) {
      if (wanted.has(voice)) continue;
      chip.button.remove();
      this.chips.delete(voice);
    }
    for (const [voice, speaker] of present) this.draw(voice, speaker, voice === pressed);
  }

  private draw(voice: string, speaker: SpeakerView, pressed: boolean): void {
    let chip = this.chips.get(voice);
    if (!chip) {
      const name = el('span', { class: 'label' });
      const count = el('span', { class: 'count' });
      const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
      const button = el('button', { type: 'button' }, dot, name, count);
      button.addEventListener('click', () => {
        this.chosen(button.getAttribute('aria-pressed') === 'true' ? undefined : voice);
      });
      chip = { button, name, count };
      this.chips.set(voice, chip);
      this.element.append(button);
    }
    // Parley's own connection comes and goes: it is always here.
    const here = speaker.connected || speaker.how === 'self';
    const told = speaker.clientId !== undefined;
    const presence = !told ? '' : here ? t(', connected') : t(', not connected');
    chip.button.className = `person ${seatClass(speaker)} ${here ? 'here' : 'away'}`;
    chip.button.setAttribute('aria-pressed', String(pressed));
    const click = pressed ? t('Click: everybody') : t('Click: only this one');
    chip.button.title = `${speaker.name}${presence}\n${howSentence(speaker)}\n${click}`;
    setText(chip.name, speaker.name);
    setText(chip.count, String(speaker.messages));
  }
}

/** One board with two client ids. */
function together(a: SpeakerView, b: SpeakerView): SpeakerView {
  const messages = a.messages + b.messages;
  return { ...a, connected: a.connected || b.connected, messages };
}
