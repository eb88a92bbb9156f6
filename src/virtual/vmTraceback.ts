/**
 * Takes the frames of our own modules out of the tracebacks that a VM prints: on a chip they are
 * written in C and leave none.
 * Below: nothing. Above: vmBoard.ts passes all that is printed through it.
 */

const HEADER = 'Traceback (most recent call last):\n';
const FRAME = '  File "';
const OWN = `${FRAME}/rom/`;

/** A traceback as a whole. */
export function withoutOwnFrames(text: string): string {
  return new TracebackFilter().pass(text);
}

/** Text that comes in pieces, as the VM prints a traceback in many. */
export class TracebackFilter {
  /** The end of the line so far. */
  private tail = '';
  /** In a traceback: a line that may become one of ours. */
  private held = '';
  private state: 'text' | 'traceback' | 'frame' | 'own' = 'text';

  /** What of `text`, and of what was held back, goes on to the line. Latin-1 or any other text. */
  pass(text: string): string {
    // Most of what is printed is no traceback, and is long.
    if (this.state === 'text' && !text.includes('\n')) return this.follow(text);
    let out = '';
    for (const line of text.split(/(?<=\n)/)) out += this.line(line);
    return out;
  }

  private follow(text: string): string {
    this.tail = (this.tail + text.replaceAll('\r', '')).slice(-HEADER.length);
    return text;
  }

  /** A line, or its next piece: its LF (CR LF at the prompt) is at its end or not in it. */
  private line(piece: string): string {
    const ends = piece.endsWith('\n');
    switch (this.state) {
      case 'text': {
        const out = this.follow(piece);
        if (this.tail === HEADER) this.state = 'traceback';
        if (ends) this.tail = '';
        return out;
      }
      case 'own':
        if (ends) this.state = 'traceback';
        return '';
      case 'frame':
        if (ends) this.state = 'traceback';
        return piece;
      case 'traceback': {
        this.held += piece;
        if (!ends && OWN.startsWith(this.held)) return '';
        const { held } = this;
        this.held = '';
        if (held.startsWith(OWN)) {
          if (!ends) this.state = 'own';
          return '';
        }
        if (held.startsWith(FRAME)) {
          if (!ends) this.state = 'frame';
          return held;
        }
        this.state = 'text';
        return this.line(held);
      }
    }
  }
}
