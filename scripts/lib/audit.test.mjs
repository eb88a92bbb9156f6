/** Only an answer of the registry counts as one: "clean" is never said for want of an answer. Above: npm test. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, test } from 'node:test';
import { answerOf, audit, auditAll, auditProblem, sentenceOf } from './audit.mjs';

const report = (total, vulnerabilities = {}) =>
  JSON.stringify(
    {
      auditReportVersion: 2,
      vulnerabilities,
      metadata: { vulnerabilities: { total }, dependencies: { total: 90 } },
    },
    null,
    2,
  );
const bad = { name: 'x', severity: 'high', range: '<2', via: [{ title: 'It leaks' }, 'y'] };
const clean = { state: 'clean', packages: 90 };

test('what npm printed is clean, found or pending, and pending wherever it is no report', () => {
  assert.deepEqual(answerOf(report(0)), clean);
  assert.deepEqual(answerOf(`npm warn something\n${report(0)}\n`), clean);
  assert.deepEqual(answerOf(report(1, { x: bad })), {
    state: 'found',
    found: ['high x <2: It leaks; through y'],
  });
  assert.equal(answerOf(report(0, { x: bad })).state, 'found');
  assert.equal(answerOf(report(3)).state, 'found');
  const refused = JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405 }, null, 2);
  assert.deepEqual(answerOf(refused), { state: 'pending', why: '405 Method Not Allowed' });
  for (const nothing of ['', 'npm error audit', '{\n}', '{\n broken\n}', report(0).slice(0, 60)]) {
    assert.equal(answerOf(nothing).state, 'pending', nothing);
  }
  const noPackages = report(0).replace('"total": 90', '"total": 0');
  assert.equal(answerOf(noPackages).state, 'pending');
});

test('a release needs a clean answer about all that decides; a reason says what is missing', async () => {
  const answering = (of) => auditAll(async (one) => of(one));
  const control = { state: 'found', found: ['lodash'] };
  const each = (answer) => (one) => (one.name === 'control' ? control : answer);
  assert.equal(auditProblem(await answering(each(clean))), undefined);
  const pending = await answering(each({ state: 'pending', why: '405' }));
  assert.match(auditProblem(pending), /could not be asked[^]*pending {2}what ships: .*405/);
  const found = await answering(each({ state: 'found', found: ['high x'] }));
  assert.match(auditProblem(found), /^Known vulnerabilities[^]*high x/);
  const testsOnly = (one) => (one.folder.endsWith('vscode') ? found[0].answer : each(clean)(one));
  assert.equal(auditProblem(await answering(testsOnly)), undefined);
  assert.match(sentenceOf('what ships', clean), /^clean .*90 packages/);
});

test('a registry that knows nothing against a package known to be bad makes nothing clean', async () => {
  const answers = await auditAll(async () => clean);
  assert.match(auditProblem(answers), /knows nothing against lodash/);
  assert.ok(answers.every(({ answer }) => answer.state === 'pending'));
});

/** What a registry says of a package: its versions. */
const packument = {
  name: 'lodash',
  'dist-tags': { latest: '4.17.21' },
  versions: Object.fromEntries(
    ['4.17.4', '4.17.21'].map((version) => [version, { name: 'lodash', version, dist: {} }]),
  ),
};

/** A registry on this computer that answers the audit of npm with `status` and `advisories`. */
async function registry(status, advisories) {
  const server = http.createServer((request, response) => {
    const isAudit = request.method === 'POST';
    request.resume().on('end', () => {
      response.writeHead(isAudit ? status : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isAudit ? advisories : packument));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => server.close());
  process.env.npm_config_registry = `http://127.0.0.1:${server.address().port}/`;
}

test('npm itself, set to be offline, is made to ask: found, and pending where it is refused', async () => {
  process.env.npm_config_offline = 'true';
  process.env.npm_config_fetch_retries = '0';
  after(() => {
    for (const name of ['offline', 'fetch_retries', 'registry']) {
      delete process.env[`npm_config_${name}`];
    }
  });
  const control = async () => {
    let answer;
    await auditAll(async (one) => {
      if (one.name === 'control') answer = await audit(one);
      return clean;
    });
    return answer;
  };
  const advisory = { id: 1, url: '', title: 'Prototype pollution', severity: 'high' };
  await registry(200, { lodash: [{ ...advisory, vulnerable_versions: '<4.17.12' }] });
  const found = await control();
  assert.equal(found.state, 'found', JSON.stringify(found));
  assert.match(found.found[0], /high lodash .*: Prototype pollution/);
  await registry(405, {});
  const refused = await control();
  assert.equal(refused.state, 'pending');
  assert.match(refused.why, /405/);
});
