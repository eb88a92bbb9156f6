/**
 * What the scripts say while they work: one line a step, never silence. Below: the terminal.
 * Above: every script.
 */

const began = Date.now();
const colour = process.stdout.isTTY && !process.env.NO_COLOR;

/** Wraps text in an ANSI colour where the output is a terminal. */
const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
export const dim = paint(2);
export const bold = paint(1);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);

export function say(line = '') {
  process.stdout.write(`${line}\n`);
}

/** Seconds with one digit from a span in milliseconds. */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** How long this script has been running, in milliseconds. */
export function elapsed() {
  return Date.now() - began;
}

/**
 * Says what begins, does it, says how long it took. While it lasts a dot a few seconds shows that
 * it lives. Rethrows what `work` throws, after saying that it failed.
 */
export async function step(title, work) {
  const start = Date.now();
  process.stdout.write(`${title} … `);
  const alive = setInterval(() => process.stdout.write('.'), 5000);
  try {
    const result = await work();
    say(dim(`${typeof result === 'string' ? `${result}, ` : ''}${seconds(Date.now() - start)}`));
    return result;
  } catch (error) {
    say(red('failed'));
    throw error;
  } finally {
    clearInterval(alive);
  }
}
