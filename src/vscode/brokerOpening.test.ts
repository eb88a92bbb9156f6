import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loopback } from '../broker/addresses';
import {
  BOARDS_USER,
  decideOpening,
  mayBeOpen,
  parseReach,
  reaches,
  userFor,
  usersAfter,
  type OpeningSituation,
} from './brokerOpening';

const lan = '192.168.1.5';
const situation = (more: Partial<OpeningSituation> = {}): OpeningSituation => ({
  hosts: [loopback, lan],
  chosen: undefined,
  trusted: true,
  mayAsk: true,
  ...more,
});

describe('where the broker may listen', () => {
  test('on this computer alone nobody is asked anything', () => {
    for (const trusted of [true, false]) {
      const decided = decideOpening(situation({ hosts: [loopback], trusted }));
      assert.deepEqual(decided, { is: 'start', hosts: [loopback] });
    }
  });

  test('before it opens, the question names every address', () => {
    const wider = situation({ hosts: [loopback, lan, '10.0.0.2'] });
    assert.deepEqual(decideOpening(wider), { is: 'ask', network: [lan, '10.0.0.2'] });
    assert.deepEqual(decideOpening(situation({ hosts: ['0.0.0.0'] })), {
      is: 'ask',
      network: ['0.0.0.0'],
    });
  });

  test('with TLS nothing is said in the clear beyond this computer', () => {
    assert.deepEqual(decideOpening(situation({ chosen: 'tls' })), {
      is: 'start',
      hosts: [loopback],
      secure: [loopback, lan],
    });
    assert.deepEqual(decideOpening(situation({ chosen: 'tls', hosts: ['0.0.0.0'] })), {
      is: 'start',
      hosts: [loopback],
      secure: ['0.0.0.0'],
    });
    assert.deepEqual(decideOpening(situation({ chosen: 'tls', hosts: [loopback] })), {
      is: 'start',
      hosts: [loopback],
      secure: [loopback],
    });
  });

  test('an answer is obeyed', () => {
    for (const chosen of ['password', 'open'] as const) {
      const decided = decideOpening(situation({ chosen }));
      assert.deepEqual(decided, { is: 'start', hosts: [loopback, lan] });
    }
    assert.deepEqual(decideOpening(situation({ chosen: 'computer', hosts: ['0.0.0.0'] })), {
      is: 'start',
      hosts: [loopback],
      closed: 'chosen',
    });
  });

  test('a window that opens asks nothing and opens nothing', () => {
    const decided = decideOpening(situation({ mayAsk: false }));
    assert.deepEqual(decided, { is: 'start', hosts: [loopback], closed: 'unanswered' });
  });

  test('not trusted, or without an answer, nothing beyond loopback is listened on, whatever is set', () => {
    const host = fc.constantFrom(
      ...[loopback, '127.0.0.2', 'localhost', '::1', lan, '0.0.0.0', '::', '127.0.0.1.evil.org'],
    );
    const any = fc.record({
      hosts: fc.array(host, { minLength: 1 }),
      chosen: fc.constantFrom(undefined, ...reaches),
      trusted: fc.boolean(),
      mayAsk: fc.boolean(),
    });
    fc.assert(
      fc.property(any, (one) => {
        const decided = decideOpening(one);
        if (decided.is === 'ask') return one.trusted && one.chosen === undefined && one.mayAsk;
        const outside = [...decided.hosts, ...(decided.secure ?? [])].filter(
          (h) => ![loopback, '127.0.0.2', 'localhost', '::1'].includes(h),
        );
        const allowed = one.trusted && one.chosen !== undefined && one.chosen !== 'computer';
        return decided.hosts.length > 0 && (outside.length === 0 || allowed);
      }),
    );
  });

  test('an answer is one of those that were offered', () => {
    assert.equal(parseReach('password'), 'password');
    for (const other of ['everyone', '', 1, null, ['open']]) {
      assert.equal(parseReach(other), undefined);
    }
  });
});

describe('who may come in', () => {
  const own = { name: 'machine1', publish: ['hello'] };
  test('with a password there is a user; whoever somebody wrote down stays', () => {
    assert.deepEqual(usersAfter('password', []), [{ name: BOARDS_USER }]);
    assert.equal(usersAfter('password', [own]), undefined);
    assert.deepEqual(usersAfter('tls', []), [{ name: BOARDS_USER }]);
    assert.deepEqual(usersAfter('open', [{ name: BOARDS_USER }]), []);
    assert.equal(usersAfter('open', []), undefined);
    assert.equal(usersAfter('computer', [{ name: BOARDS_USER }]), undefined);
  });

  test('users with rules of their own are never thrown out by an answer', () => {
    assert.ok(mayBeOpen([]));
    assert.ok(mayBeOpen([{ name: BOARDS_USER }]));
    assert.ok(!mayBeOpen([own]));
    assert.ok(!mayBeOpen([{ name: BOARDS_USER, publish: ['hello'] }]));
  });

  test('a board is given its own user, or that of all boards, or the first', () => {
    const all = [{ name: 'reader' }, own, { name: BOARDS_USER }];
    assert.equal(userFor(all, 'machine1')?.name, 'machine1');
    assert.equal(userFor(all, 'machine2')?.name, BOARDS_USER);
    assert.equal(userFor([{ name: 'reader' }], 'machine2')?.name, 'reader');
    assert.equal(userFor([], 'machine2'), undefined);
  });
});
