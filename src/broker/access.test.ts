import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { covers, mayDo, userWith } from './access';

describe('who may do what', () => {
  test('a rule covers a filter only where it covers every topic of it', () => {
    const cases: [string, string, boolean][] = [
      ['a/#', 'a/+', true],
      ['a/#', 'a/b/#', true],
      ['a/#', 'a', true],
      ['a/+', 'a/+', true],
      ['a/+', 'a/#', false],
      ['a/b', 'a/+', false],
      ['#', '#', true],
      ['#', '$SYS/#', false],
      ['+/x', 'a/x', true],
      ['a', 'b', false],
    ];
    for (const [rule, filter, wanted] of cases) {
      assert.equal(covers(rule, filter), wanted, `${rule} covers ${filter}`);
    }
  });

  test('without a rule everything, with an empty one nothing, and nobody nothing', () => {
    const user = userWith({ name: 'machine1', publish: [] }, 'secret');
    assert.equal(mayDo(user, 'subscribe', '#'), true);
    assert.equal(mayDo(user, 'publish', 'hello'), false);
    assert.equal(mayDo(undefined, 'subscribe', 'hello'), false);
  });

  test('name and password have to be right both', () => {
    const user = userWith({ name: 'machine1' }, 'secret');
    const bytes = (text: string): Uint8Array => Buffer.from(text);
    assert.equal(user.accepts('machine1', bytes('secret')), true);
    assert.equal(user.accepts('machine1', bytes('Secret')), false);
    assert.equal(user.accepts('machine2', bytes('secret')), false);
    assert.equal(user.accepts('machine1', bytes('')), false);
    assert.equal(JSON.stringify(user).includes('secret'), false);
  });
});
