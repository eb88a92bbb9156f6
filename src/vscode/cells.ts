/**
 * A Python file in cells, as editors and notebooks know them: a line that begins `# %%` starts one.
 * Below: nothing. Above: cellLens.ts and the Run commands. No `vscode`: plain Node tests it.
 */

export interface Cell {
  /** First and last line, 0 or more; the first is the marker where there is one. */
  readonly first: number;
  readonly last: number;
  /** What stands behind the marker; '' for none. */
  readonly title: string;
}

const marker = /^#\s*%%+(.*)$/;

/** The cells of a file that has markers; none for a file without. A blank front is no cell. */
export function cellsOf(lines: readonly string[]): Cell[] {
  const starts = lines.flatMap((line, row) => (marker.test(line) ? [row] : []));
  const [first] = starts;
  if (first === undefined) return [];
  const front = lines.slice(0, first).some((line) => line.trim() !== '');
  const all = front ? [0, ...starts] : starts;
  return all.map((start, index) => ({
    first: start,
    last: (all[index + 1] ?? lines.length) - 1,
    title: (marker.exec(lines[start] ?? '')?.[1] ?? '').replace(/^\s*\[markdown\]/, '').trim(),
  }));
}

/**
 * Lines `first` to `last` as a program: unindented as far as all of them are, and below so many
 * empty lines that a traceback counts as the file does.
 */
export function sourceOf(lines: readonly string[], first: number, last: number): string {
  return '\n'.repeat(first) + unindent(lines.slice(first, last + 1)).join('\n') + '\n';
}

/** Lines without the indent that all of them share; blank ones do not count. */
export function unindent(part: readonly string[]): string[] {
  const indents = part.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)![0]);
  const common = indents.reduce((a, b) => {
    let length = 0;
    while (length < a.length && a[length] === b[length]) length++;
    return a.slice(0, length);
  }, indents[0] ?? '');
  return part.map((line) =>
    line.startsWith(common) ? line.slice(common.length) : line.trimStart(),
  );
}

/** True for a line whose value the prompt would show: no statement that Python begins with a word. */
export function mayBeExpression(text: string): boolean {
  const line = text.trim();
  if (line === '' || line.includes('\n') || line.startsWith('#') || line.startsWith('@'))
    return false;
  return !statement.test(line) && !/^[^=!<>'"(]*[^=!<>]=[^=]/.test(line);
}

const statement =
  /^(import|from|def|class|if|elif|else|for|while|with|try|except|finally|return|del|pass|raise|global|nonlocal|assert|break|continue|async|print)\b/;
