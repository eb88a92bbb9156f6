/**
 * How many passed, failed and were skipped, and how that is said. Below: say.mjs.
 * Above: every stage of test.mjs.
 */
import path from 'node:path';
import { root } from './paths.mjs';
import { dim, red, say, seconds, yellow } from './say.mjs';

/** @typedef {{ title: string, file?: string, text: string }} Failure */
/** @typedef {{ title: string, reason: string }} Skip */

/** What one stage found. */
export class Counts {
  passed = 0;
  /** @type {Failure[]} */
  failures = [];
  /** @type {Skip[]} */
  skips = [];
  /** What passed at its second attempt only, with what the first one said. @type {string[]} */
  shaky = [];

  fail(title, text, file) {
    this.failures.push({ title, text, file });
  }

  skip(title, reason) {
    this.skips.push({ title, reason });
  }

  add(other) {
    this.passed += other.passed;
    this.failures.push(...other.failures);
    this.skips.push(...other.skips);
    this.shaky.push(...other.shaky);
  }

  get line() {
    const { passed, failures, skips, shaky } = this;
    const again = shaky.length > 0 ? ` (${shaky.length} of them at the second attempt)` : '';
    return `${passed} passed${again}, ${failures.length} failed, ${skips.length} skipped`;
  }
}

/** A path as a reader of the repository knows it. */
export const short = (file) => (file ? path.relative(root, file) : '');

/** One line for a stage; then its failures in full and its skips with their reasons. */
export function sayStage(name, counts, ms) {
  const mark = counts.failures.length ? red('✗') : '✓';
  say(`${mark} ${name.padEnd(12)} ${counts.line} ${dim(`(${seconds(ms)})`)}`);
  for (const { title, file, text } of counts.failures) {
    say(red(`  ✗ ${title}`) + (file ? dim(`  ${short(file)}`) : ''));
    say(text.replace(/^/gm, '      '));
  }
  for (const text of counts.shaky) say(yellow(`  ~ ${text}`));
  for (const { title, reason } of counts.skips) say(yellow(`  - ${title}: ${reason}`));
}
