import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { History } from './history';
import type { Filter, SpeakerView } from './protocol';
import { createSieve } from './search';

const all: Filter = { text: '', regex: false, topic: '' };
const speaker = (key: string): SpeakerView => ({
  key,
  name: key === 'a' ? 'machine1' : key === 'b' ? 'machine2' : key,
  how: 'client id',
  ...(key === 'a' ? { boardId: 'A' } : {}),
  seat: 0,
  connected: true,
  messages: 0,
});

function four(): History {
  const history = new History({ lines: 10_000, bytes: 1e6 });
  const say = (who: string, topic: string, text: string): number =>
    history.add({ at: 1, what: 'message', speaker: who, topic, payload: Buffer.from(text) });
  history.add({ at: 1, what: 'joined', speaker: 'a' });
  say('a', 'hello', 'hello #2');
  say('b', 'esp32/notification', 'Grüße aus {"t":21}');
  say('a', 'esp32/output', 'on');
  history.add({ at: 1, what: 'note', text: 'The broker is up' });
  return history;
}

/** `history` after so many lines of somebody else that the four lie in a full block. */
function deep(): History {
  const history = four();
  for (let i = 0; i < 3000; i++) {
    history.add({
      at: 1,
      what: 'message',
      speaker: 'x',
      topic: 'noise',
      payload: Buffer.from('~'),
    });
  }
  return history;
}

const asked = { speaker, history: { bookmarks: new Set([3, 4, 5]) } };

const cases: [Partial<Filter>, number[]][] = [
  [{ text: '#2' }, [2]],
  [{ text: 'HELLO' }, [2]],
  [{ text: 'machine1' }, [1, 2, 4]],
  [{ text: 'machine1', bookmarked: true }, [4]],
  [{ bookmarked: true }, [3, 4, 5]],
  [{ text: 'grüsse' }, []],
  [{ text: 'GRÜSSE' }, []],
  [{ text: 'grüße' }, [3]],
  [{ text: 'GRÜ' }, [3]],
  [{ text: 'broker' }, [5]],
  [{ text: '"t":21' }, [3]],
  [{ text: '.' }, []],
  [{ text: '^o.$', regex: true }, [4]],
  [{ text: '"t":\\d+', regex: true }, [3]],
  [{ text: 'machine[12]', regex: true }, [1, 2, 3, 4]],
  [{ topic: 'esp32/#' }, [3, 4]],
  [{ topic: '+/output' }, [4]],
  [{ topic: 'hello' }, [2]],
  [{ topic: 'hell' }, []],
  [{ voice: 'A' }, [1, 2, 4]],
  [{ voice: 'b' }, [3]],
  [{ voice: 'A', topic: 'esp32/#' }, [4]],
  [{ voice: 'b', text: 'on' }, [3]],
];

describe('which lines pass a filter', () => {
  for (const [given, ids] of cases) {
    const filter = { ...all, ...given };
    test(`${JSON.stringify(given)}: ${ids.join(', ') || 'none'}`, () => {
      for (const history of [four(), deep()]) {
        const sieve = createSieve(filter, asked);
        assert.equal(sieve.problem, undefined);
        const early = (found: readonly number[]): number[] => found.filter((id) => id <= 5);
        assert.deepEqual(early(sieve.find(history, 6, 100).ids), ids);
        assert.deepEqual(early(sieve.since(history, 1)), ids);
      }
    });
  }

  test('the newest first, in pages, and how many there are', () => {
    const history = deep();
    const sieve = createSieve({ ...all, text: '~' }, asked);
    const newest = sieve.find(history, history.nextId, 10, true);
    assert.equal(newest.count, 3000);
    assert.equal(newest.more, true);
    assert.deepEqual([newest.ids[0], newest.ids.at(-1)], [2996, 3005]);
    const before = sieve.find(history, 2996, 2990);
    assert.deepEqual([before.ids[0], before.ids.at(-1), before.more], [6, 2995, false]);
  });

  test('words are not found across two payloads', () => {
    const history = new History({ lines: 5000, bytes: 1e6 });
    for (let i = 0; i < 2000; i++) {
      const payload = Buffer.from(i % 2 ? 'ef' : 'abcd');
      history.add({ at: 1, what: 'message', speaker: 'x', topic: 't', payload });
    }
    const found = (text: string): number =>
      createSieve({ ...all, text }, asked).find(history, 1e9, 1, true).count;
    assert.deepEqual([found('cd'), found('cdef'), found('ef'), found('fa')], [1000, 0, 1000, 0]);
  });

  test('what is no filter says so, and nothing passes', () => {
    for (const bad of [{ text: '(', regex: true }, { topic: 'a/#/b' }, { topic: 'a+' }]) {
      const sieve = createSieve({ ...all, ...bad }, asked);
      assert.ok(sieve.problem, JSON.stringify(bad));
      assert.deepEqual(sieve.find(four(), 6, 10).ids, []);
    }
    assert.equal(createSieve({ ...all, text: '(' }, asked).problem, undefined);
  });

  test('a pattern that would never end is stopped, and says so', () => {
    const history = four();
    const payload = Buffer.from(`${'a'.repeat(40)}!`);
    history.add({ at: 1, what: 'message', speaker: 'x', topic: 't', payload });
    const sieve = createSieve({ ...all, text: '^(a|a)*$', regex: true }, asked, 50);
    assert.deepEqual(sieve.find(history, 100, 10, true).ids, []);
    assert.match(sieve.problem ?? '', /too long/);
  });

  test('lines that are gone are not found', () => {
    const history = new History({ lines: 3, bytes: 1e6 });
    for (let i = 0; i < 10; i++) {
      history.add({ at: 1, what: 'message', speaker: 'x', topic: 't', payload: Buffer.from('q') });
    }
    const sieve = createSieve({ ...all, text: 'q' }, asked);
    assert.deepEqual(sieve.find(history, 100, 10, true).ids, [8, 9, 10]);
    assert.deepEqual(sieve.since(history, 1), [8, 9, 10]);
  });
});
