/** A release is refused where something is not right, and changes what it says. Above: npm test. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from './paths.mjs';
import { closeSection, problemOf, withVersion } from './release.mjs';

const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
const right = { version: '9.0.0', before: '0.1.0', changelog, dirty: false, tags: ['v0.0.9'] };

test('a release that is right has no problem; each that is not says why', () => {
  assert.equal(problemOf(right), undefined);
  assert.match(problemOf({ ...right, version: '9' }), /write it as 1\.2\.3/);
  assert.match(problemOf({ ...right, dirty: true }), /not committed/);
  assert.match(problemOf({ ...right, tags: ['v9.0.0'] }), /tagged already/);
  assert.match(problemOf({ ...right, version: '0.0.9', tags: [] }), /older/);
  assert.match(problemOf({ ...right, changelog: '# Changelog' }), /no section/);
});

test('the changelog is dated, the version set, and nothing else', () => {
  const closed = closeSection(changelog, '9.0.0', '2030-01-02');
  assert.match(closed, /^## 9\.0\.0 \(2030-01-02\)$/m);
  assert.equal(closed.split('\n').length, changelog.split('\n').length);
  for (const name of ['package.json', 'package-lock.json']) {
    const text = readFileSync(path.join(root, name), 'utf8');
    const changed = withVersion(text, '9.0.0');
    assert.equal(JSON.parse(changed).version, '9.0.0');
    assert.equal(withVersion(changed, JSON.parse(text).version), text, name);
  }
});
