/**
 * Runs node:test files under tsx, each in a process of its own with a time of its own, and counts
 * exactly: a test is a leaf or a test with children, a suite is none; a file without a test, or one
 * that dies or never ends, is a failure. Below: node, counts.mjs. Above: test.mjs.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Counts, secondAttempt, short } from './counts.mjs';
import { root } from './paths.mjs';
import { atEnd, run } from './processes.mjs';

const reporter = path.join(root, 'scripts/lib/nodeTestReporter.mjs');
/** The most lines of a file's own output that are printed below its failure. */
const outputLines = 60;
/** More files than these that fail are no accident, and are not run again. */
const againFiles = 3;

/**
 * @param {string[]} files absolute paths
 * @param {{ deadlineMs: number, fileMs?: number, concurrency?: number, grep?: string, env?: object,
 *   again?: boolean }} options `deadlineMs`: after it no file begins. `fileMs`: how long one may
 *   take, by default as long. `again`: a file in which something failed is run once more, alone.
 */
export async function runNodeTests(files, options) {
  const { concurrency = 2, deadlineMs, again = false } = options;
  const latest = Date.now() + deadlineMs;
  const results = new Map();
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      results.set(
        file,
        Date.now() < latest ? await runFile(file, options) : late(file, deadlineMs),
      );
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const failed = files.filter((file) => results.get(file).failures.length > 0);
  if (again && failed.length <= againFiles) {
    for (const file of failed) {
      results.set(file, secondAttempt(results.get(file), await runFile(file, options)));
    }
  }
  const counts = new Counts();
  for (const file of files) counts.add(results.get(file));
  return counts;
}

function late(file, deadlineMs) {
  const counts = new Counts();
  counts.fail(short(file), `Not begun: ${deadlineMs / 1000} s were over before its turn.`, file);
  return counts;
}

/** One file in one process. Its results come through a file, so that it may print what it likes. */
async function runFile(file, { deadlineMs, fileMs = deadlineMs, grep, env = {} }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ply-'));
  const forget = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const events = path.join(folder, 'events.jsonl');
  const args = [
    ...['--import', 'tsx', `--test-reporter=${reporter}`, `--test-reporter-destination=${events}`],
    ...(grep === undefined ? [] : [`--test-name-pattern=${grep}`]),
    file,
  ];
  try {
    const result = await run(process.execPath, args, {
      cwd: root,
      deadlineMs: fileMs,
      env: { ...process.env, ...env },
    });
    return count(file, readEvents(events), result, { fileMs, filtered: grep !== undefined });
  } finally {
    forget();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines of a results file; the last one may be cut where the process was. */
function readEvents(file) {
  if (!existsSync(file)) return []; // it died before the reporter was there
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
}

/** What a file's events, its output and its end come to. */
function count(file, events, { code, timedOut, output }, { fileMs, filtered }) {
  const counts = new Counts();
  const busy = new Set();
  let heard = false;
  const said = () => {
    const text = output.trimEnd().split('\n').slice(-outputLines).join('\n');
    return text ? `\n--- what ${short(file)} printed ---\n${text}` : '';
  };
  // Its output is printed once, below its first failure.
  const fail = (title, text) =>
    counts.fail(title, counts.failures.length > 0 ? text : text + said(), file);
  for (const event of events) {
    if (event.event === 'start') busy.add(event.name);
    else if (event.event === 'note') output += `\n${event.text}`;
    if (!['pass', 'fail'].includes(event.event)) continue;
    busy.delete(event.name);
    heard = true;
    const { name, skip, todo, suite, why, error } = event;
    if (skip !== undefined) {
      const reason = skip === true || skip === '' ? 'no reason given' : String(skip);
      if (!filtered || !/does not match/.test(reason)) counts.skip(name, reason);
    } else if (todo !== undefined) {
      counts.skip(name, `to do${todo === true ? '' : `: ${todo}`}`);
    } else if (event.event === 'pass') {
      if (!suite) counts.pass(name);
    } else if (why !== 'subtestsFailed') {
      fail(name, error ?? 'It failed.');
    } else if (!suite) {
      // A suite fails because its tests did, which were counted; a test is one of its own.
      fail(name, 'A test inside it failed.');
    }
  }
  if (timedOut) {
    const where =
      busy.size > 0 ? `Still running: ${[...busy].join(', ')}.` : 'Its tests were done.';
    fail(short(file), `Not done after ${fileMs / 1000} s. ${where}`);
  } else if (code !== 0 && counts.failures.length === 0) {
    fail(short(file), `It ended with code ${code}.`);
  } else if (!heard && !filtered) {
    fail(short(file), 'There is no test in this file.');
  }
  return counts;
}
