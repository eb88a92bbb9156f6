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
  /** The titles of what passed. @type {string[]} */
  passes = [];
  /** @type {Failure[]} */
  failures = [];
  /** @type {Skip[]} */
  skips = [];
  /** What passed at its second attempt only, with what the first one said. @type {string[]} */
  shaky = [];

  pass(title) {
    this.passes.push(title);
  }

  get passed() {
    return this.passes.length;
  }

  fail(title, text, file) {
    this.failures.push({ title, text, file });
  }

  skip(title, reason) {
    this.skips.push({ title, reason });
  }

  add(other) {
    this.passes.push(...other.passes);
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

/**
 * What two attempts come to. Boards, brokers and windows are processes, and a busy machine is late at
 * times: a test passes that passed in one of them. What failed first is kept to be said.
 */
export function secondAttempt(first, second) {
  const counts = new Counts();
  counts.skips = second.skips;
  second.passes.forEach((title) => counts.pass(title));
  for (const failure of second.failures) {
    if (first.passes.includes(failure.title)) counts.pass(failure.title);
    else counts.failures.push(failure);
  }
  for (const { title, text } of first.failures) {
    if (counts.failures.some((failure) => failure.title === title)) continue;
    counts.shaky.push(`${title}: ${text.split('\n', 1)[0]}`);
  }
  return counts;
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
