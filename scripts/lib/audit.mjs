/**
 * What `npm audit` answered, read without trust: only an answer of the registry counts as one.
 * Below: npm.mjs. Above: scripts/audit.mjs, scripts/release.mjs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeJson } from './files.mjs';
import { npm } from './npm.mjs';
import { root } from './paths.mjs';

/**
 * The lockfiles that are asked about. What `decides` must be clean before a release; the VS Code of
 * the tests reaches no user, and its advisories are its makers' to mend: they are told, no more.
 */
export const audited = [
  { name: 'what ships', folder: root, args: ['--omit=dev'], decides: true },
  { name: 'what builds and tests it', folder: root, args: [], decides: true },
  { name: 'the packer (vsce)', folder: path.join(root, 'scripts/vsce'), args: [], decides: true },
  { name: 'knip', folder: path.join(root, 'scripts/knip'), args: [], decides: false },
  { name: 'the VS Code of the tests', folder: path.join(root, 'test/vscode'), decides: false },
];

/**
 * Said aloud on the command line: a computer whose npm is set to `offline`, or to `audit=false`, gets
 * "0 vulnerabilities" from npm without anybody having been asked.
 */
const asked = ['audit', '--json', '--audit', '--offline=false', '--loglevel=silent'];

/** A package that much is known against: who says nothing of it knows nothing. */
const notorious = { name: 'lodash', version: '4.17.4' };

/**
 * Asks about every lockfile, and first about a package that is known to be bad: a mirror that answers
 * "nothing" to every question would make everything clean.
 * @returns {Promise<{ name: string, decides: boolean, answer: ReturnType<typeof answerOf> }[]>}
 */
export async function auditAll(ask = audit) {
  const control = await askControl(ask);
  const answers = [];
  for (const { decides = false, ...one } of audited) {
    const answer = await ask(one);
    const trusted = answer.state !== 'clean' || control === undefined;
    answers.push({
      ...one,
      decides,
      answer: trusted ? answer : { state: 'pending', why: control },
    });
  }
  return answers;
}

/** Why a "clean" of this registry is worth nothing, or undefined. */
async function askControl(ask) {
  const { name, version } = notorious;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'parley-audit-'));
  const dependencies = { [name]: version };
  try {
    writeJson(path.join(folder, 'package.json'), {
      name: 'control',
      version: '1.0.0',
      dependencies,
    });
    writeJson(path.join(folder, 'package-lock.json'), {
      ...{ name: 'control', version: '1.0.0', lockfileVersion: 3, requires: true },
      packages: {
        '': { name: 'control', version: '1.0.0', dependencies },
        [`node_modules/${name}`]: { version },
      },
    });
    const answer = await ask({ name: 'control', folder, args: ['--package-lock-only'] });
    if (answer.state === 'found') return undefined;
    return answer.state === 'pending' ? answer.why : `it knows nothing against ${name} ${version}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks the registry about one lockfile. */
export async function audit({ folder, args = [] }) {
  try {
    return answerOf(await npm([...asked, ...args], folder, { anyCode: true, deadlineMs: 120_000 }));
  } catch (error) {
    return { state: 'pending', why: error.message };
  }
}

/**
 * What npm printed, as one of three: `clean`, `found` with a line for each package, or `pending` with
 * why nobody knows. Whatever is not an answer is pending, never clean.
 * @returns {{ state: 'clean', packages: number } | { state: 'found', found: string[] }
 *   | { state: 'pending', why: string }}
 */
export function answerOf(output) {
  const report = jsonIn(output);
  if (!report) return { state: 'pending', why: lastLine(output) || 'npm said nothing' };
  const all = report.metadata?.vulnerabilities?.total;
  const packages = report.metadata?.dependencies?.total;
  if (report.error || !report.auditReportVersion || !Number.isInteger(all) || !(packages > 0)) {
    const why = report.message || report.error?.summary || report.error?.code;
    return { state: 'pending', why: why || 'its answer has no report in it' };
  }
  const found = Object.values(report.vulnerabilities ?? {}).map(lineOf);
  if (all === 0 && found.length === 0) return { state: 'clean', packages };
  return { state: 'found', found: found.length > 0 ? found : [`${all} without a name`] };
}

/** What a person is told of one answer. */
export function sentenceOf(name, answer) {
  switch (answer.state) {
    case 'clean':
      return `clean    ${name}: nothing is known against its ${answer.packages} packages.`;
    case 'found':
      return [`found    ${name}:`, ...answer.found.map((line) => `           ${line}`)].join('\n');
    case 'pending':
      return `pending  ${name}: the registry did not answer, so nobody knows (${answer.why}).`;
  }
}

/** Why there can be no release, or undefined when all that decides is clean. */
export function auditProblem(answers) {
  const left = answers.filter(({ decides, answer }) => decides && answer.state !== 'clean');
  if (left.length === 0) return undefined;
  const how = left.some(({ answer }) => answer.state === 'found')
    ? 'Known vulnerabilities: update what is named, or leave it out.'
    : 'Whether vulnerabilities are known could not be asked: try where the registry answers `npm audit`.';
  return [how, ...left.map(({ name, answer }) => sentenceOf(name, answer))].join('\n');
}

function lineOf({ name, severity, range, via = [], fixAvailable }) {
  const why = via.map((one) => (typeof one === 'string' ? `through ${one}` : one.title)).join('; ');
  return `${severity} ${name} ${range}: ${why}${fixAvailable ? ' (npm audit fix)' : ''}`;
}

/** The one object in npm's output; warnings stand before it and errors after it. */
function jsonIn(output) {
  const from = output.indexOf('{\n');
  const to = output.lastIndexOf('\n}');
  if (from < 0 || to < from) return undefined;
  try {
    return JSON.parse(output.slice(from, to + 2));
  } catch {
    return undefined;
  }
}

const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';
