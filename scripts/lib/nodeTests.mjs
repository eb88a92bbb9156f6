/**
 * Runs node:test files under tsx and counts exactly: a test is a leaf or a test with children, a
 * suite is none; a file without a test, or one that dies, is a failure. Below: node --test.
 * Above: test.mjs.
 */
import path from 'node:path';
import { Counts, short } from './counts.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';

const reporter = path.join(root, 'scripts/lib/nodeTestReporter.mjs');
/** The most lines of a file's own output that are printed below its failure. */
const outputLines = 60;

/**
 * @param {string[]} files absolute paths
 * @param {{ deadlineMs: number, concurrency?: number, grep?: string, env?: object,
 *   again?: boolean }} options
 */
export async function runNodeTests(files, options) {
  const counts = await runOnce(files, options);
  if (options.again) await tryAgain(counts, files, options);
  return counts;
}

/**
 * What failed is run once more, alone: boards and brokers are processes, and a busy machine is late at
 * times. What passes only then is counted as passed and said with what failed first; a hook, a file
 * that died or many failures are no accident and stay as they are.
 */
async function tryAgain(counts, files, options) {
  const { failures } = counts;
  if (failures.length === 0 || failures.length > 3) return;
  const titles = failures.map(({ title }) => title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const second = await runOnce(files, {
    ...options,
    concurrency: 1,
    grep: `^(${titles.join('|')})$`,
  });
  if (second.failures.length > 0 || second.passed < failures.length) return;
  counts.passed += failures.length;
  for (const { title, text } of failures.splice(0)) {
    counts.shaky.push(`${title}: ${text.split('\n', 1)[0]}`);
  }
}

async function runOnce(files, { deadlineMs, concurrency = 2, grep, env = {} }) {
  const counts = new Counts();
  if (files.length === 0) return counts;
  const tally = new Tally(counts, grep !== undefined);
  const args = [
    ...['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`],
    ...[`--test-reporter=${reporter}`, '--test-reporter-destination=stdout'],
    ...(grep === undefined ? [] : [`--test-name-pattern=${grep}`]),
    ...files,
  ];
  const result = await run(process.execPath, args, {
    cwd: root,
    deadlineMs,
    env: { ...process.env, ...env },
    onLine: (line) => tally.line(line),
  });
  tally.end(files, result, deadlineMs);
  return counts;
}

/** Turns the reporter's lines into counts. */
export class Tally {
  #counts;
  #filtered;
  #output = new Map();
  #busy = new Set();
  #seen = new Set();
  #loose = [];

  constructor(counts, filtered = false) {
    this.#counts = counts;
    this.#filtered = filtered;
  }

  line(text) {
    let event;
    try {
      event = JSON.parse(text);
    } catch {
      if (text.trim()) this.#loose.push(text);
      return;
    }
    const { file } = event;
    if (event.event === 'output' || event.event === 'note') {
      this.#output.set(file, (this.#output.get(file) ?? '') + event.text);
    } else if (event.event === 'shaky') {
      this.#counts.shaky.push(event.text);
    } else if (event.event === 'dequeue' || event.event === 'start') {
      this.#busy.add(`${event.name}\0${file}`);
    } else if (event.event === 'complete') {
      this.#busy.delete(`${event.name}\0${file}`);
      // The file's own entry: its tests may be written in a helper, and then carry that one's name.
      if (event.name === file) this.#seen.add(file);
    } else {
      this.#busy.delete(`${event.name}\0${file}`);
      this.#result(event);
    }
  }

  #result(event) {
    const { file, name } = event;
    this.#seen.add(file);
    const isFile = name === file || path.resolve(root, name) === file;
    if (isFile && event.event === 'pass') {
      if (!this.#filtered) this.#counts.fail(short(file), 'There is no test in this file.', file);
    } else if (event.skip !== undefined) {
      this.#skip(event);
    } else if (event.todo !== undefined) {
      this.#counts.skip(name, `to do${event.todo === true ? '' : `: ${event.todo}`}`);
    } else if (event.suite) {
      // A suite fails because its tests did, which were counted, or in a hook of its own.
      if (event.event === 'fail' && event.why !== 'subtestsFailed') this.#fail(event);
    } else if (event.event === 'fail') {
      this.#fail(isFile ? { ...event, name: short(file) } : event);
    } else {
      this.#counts.passed += 1;
    }
  }

  #skip({ name, skip }) {
    const reason = skip === true || skip === '' ? 'no reason given' : String(skip);
    if (this.#filtered && /does not match/.test(reason)) return;
    this.#counts.skip(name, reason);
  }

  #fail({ name, file, error, why }) {
    const own = this.#output.get(file)?.trimEnd().split('\n').slice(-outputLines).join('\n');
    this.#output.delete(file); // once a file is enough
    const said = own ? `\n--- what ${short(file)} printed ---\n${own}` : '';
    const text = why === 'subtestsFailed' ? 'A test inside it failed.' : (error ?? 'It failed.');
    this.#counts.fail(name, text + (why === 'subtestsFailed' ? '' : said), file);
  }

  /** Says what never came to an end, and files that never spoke. */
  end(files, { code, timedOut }, deadlineMs) {
    const loose = this.#loose.slice(-outputLines).join('\n');
    const printed = [...this.#output].map(
      ([f, text]) => `--- ${short(f)} ---\n${text.slice(-3000)}`,
    );
    if (timedOut) {
      const busy = [...this.#busy].map((key) => key.split('\0')).map(([n]) => short(n) && n);
      const text = [`Not done after ${deadlineMs / 1000} s. Still running:`, ...busy, ...printed];
      this.#counts.fail('deadline', [...text, loose].join('\n'));
    } else if (code !== 0 && this.#counts.failures.length === 0) {
      this.#counts.fail('node --test', `It ended with code ${code}.\n${loose}`);
    }
    // A test written in a helper carries the helper's name: which file printed what is not known.
    const strangers = this.#counts.failures.filter(({ file }) => file && !files.includes(file));
    const all = printed.join('\n').split('\n').slice(-outputLines).join('\n');
    if (strangers.length > 0 && all) strangers.at(-1).text += `\n${all}`;
    for (const file of files) {
      if (!this.#seen.has(file) && !timedOut && !this.#filtered)
        this.#counts.fail(short(file), 'Nothing was heard of this file.', file);
    }
  }
}
