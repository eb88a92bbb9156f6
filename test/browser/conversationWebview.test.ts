/**
 * The Conversation view's document alone in a browser, with a host that is played: what it does with
 * thousands of lines, hostile text, a reader who scrolls, and a person who types. Under the same
 * content security policy as in VS Code; any violation fails the test.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { createConversation, type HeardMessage } from '../../src/conversation/model';
import type {
  BrokerView,
  Entry,
  FromView,
  MessageEntry,
  SpeakerView,
  Template,
  ToView,
} from '../../src/conversation/protocol';
import { createSpeakers } from '../../src/conversation/speakers';
import { createViewFeed } from '../../src/conversation/viewFeed';
import { systemClock } from '../../src/core/clock';
import { Emitter } from '../../src/core/event';
import type { Browser, Page } from './harness';
import { newViewPage, VIEW_URL } from './webviewPage';

const on: BrokerView = { state: 'running', text: 'Broker on 127.0.0.1:1883' };
const speaker = (key: string, name: string, seat: number): SpeakerView => ({
  key,
  name,
  seat,
  how: 'client id',
  boardId: `board-${key}`,
  connected: true,
  messages: 1,
});
const speakers = [speaker('a', 'machine1', 0), speaker('b', 'machine2', 1)];
const said = (id: number, more: Partial<MessageEntry> = {}): MessageEntry => ({
  id,
  kind: 'message',
  at: 1_790_000_000_000 + id * 100,
  topic: id % 2 ? 'hello' : 'notification',
  text: `line ${id}`,
  payload: 'text',
  bytes: 8,
  cut: false,
  qos: 0,
  retain: false,
  speaker: id % 2 ? 'a' : 'b',
  receivers: 1,
  ...more,
});
const range = (from: number, to: number): MessageEntry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => said(from + i));
const counters = { total: 0, kept: 0, dropped: 0, folded: 0, perSecond: 0 };
const rest = { speakers, topics: ['hello'], counters };
const state = (entries: readonly Entry[], broker = on): ToView => ({
  type: 'state',
  entries,
  more: false,
  found: entries.length,
  broker,
  ...rest,
});
const append = (entries: readonly Entry[], firstId = 1): ToView => ({
  type: 'append',
  entries,
  firstId,
  ...rest,
});

describe('the Conversation view in a browser', () => {
  let browser: Browser;
  let page: Page;
  const noise: string[] = [];

  before(async () => {
    browser = (await launchBrowser()) as Browser;
  });
  /** A test that failed leaves its host behind: its timers would hold the process. */
  const hosts: { dispose(): void }[] = [];
  after(async () => {
    for (const host of hosts) host.dispose();
    await browser?.close();
  });

  /** Opens the view anew and shows it `entries`. */
  async function open(entries: readonly Entry[], broker = on): Promise<void> {
    await page?.close();
    noise.length = 0;
    page = await newViewPage(browser, noise);
    await load(entries, broker);
  }
  async function load(entries: readonly Entry[], broker = on): Promise<void> {
    await page.goto(VIEW_URL);
    assert.equal((await posted('ready')).length, 1);
    await send(state(entries, broker));
  }
  /** Posts as the host does, and waits until it is drawn. */
  const send = (message: ToView): Promise<void> =>
    page.evaluate(
      (m: ToView) =>
        new Promise<void>((resolve) => {
          window.postMessage(m, '*');
          setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve())), 0);
        }),
      message,
    );
  const posted = async (type: FromView['type']): Promise<FromView[]> =>
    ((await page.evaluate('window.posted')) as FromView[]).filter((m) => m.type === type);
  const ids = (): Promise<number[]> =>
    page.$$eval('.log > *', (rows: HTMLElement[]) => rows.map((row) => Number(row.dataset['id'])));
  const quiet = (): void => assert.deepEqual(noise, []);
  /** The line at the top of what is in sight, and how far it is cut off there. */
  const topLine = (): Promise<{ id: number; top: number }> =>
    page.evaluate(() => {
      const log = document.querySelector('.log')!;
      const edge = log.getBoundingClientRect().top;
      const rows = [...log.children] as HTMLElement[];
      const row = rows.find((r) => r.getBoundingClientRect().bottom > edge)!;
      const top = Math.round(row.getBoundingClientRect().top - edge);
      return { id: Number(row.dataset['id']), top };
    });
  const scrollTo = (top: number): Promise<void> =>
    page.evaluate((y: number) => {
      document.querySelector('.log')!.scrollTop = y;
      return new Promise<void>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve())),
      );
    }, top);
  const atEnd = (): Promise<boolean> =>
    page.evaluate(() => {
      const log = document.querySelector('.log')!;
      return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
    });

  test('what fits no message of the host is not taken, and the view goes on', async () => {
    await open([said(1)]);
    const wrong = { ...append([said(2)]), entries: [{ ...said(2), text: { html: '<b>2</b>' } }] };
    await send(wrong as unknown as ToView);
    await send({ type: 'run', code: 'alert(1)' } as unknown as ToView);
    assert.equal(noise.length, 2, 'each is said in the console');
    assert.ok(!noise.join().includes('<b>'), 'but not what it held');
    noise.length = 0;
    await send(append([said(3)]));
    assert.deepEqual(await ids(), [1, 3]);
    quiet();
  });

  test('names, sides, topics, presence', async () => {
    await open([
      { id: 1, kind: 'event', at: 1, what: 'joined', speaker: 'a' },
      said(3),
      said(5),
      said(6),
    ]);
    assert.equal(await page.textContent('.quiet .sentence'), 'machine1 joined');
    assert.deepEqual(await page.$$eval('.start .name', texts), ['machine1', 'machine2']);
    assert.deepEqual(await page.$$eval('.topic', texts), ['hello', 'hello', 'notification']);
    assert.equal(await page.locator('.said.left').count(), 2);
    assert.equal(await page.locator('.said.right').count(), 1);
    assert.deepEqual(await page.$$eval('.person .label', texts), ['machine1', 'machine2']);
    assert.equal(await page.textContent('.broker-text'), 'Broker on 127.0.0.1:1883');
    quiet();
  });

  test('5,000 lines: few in the document, the newest in sight', async () => {
    await open([]);
    await send(state(range(1, 5000)));
    const drawn = await ids();
    assert.ok(drawn.length <= 500, String(drawn.length));
    assert.equal(drawn.at(-1), 5000);
    assert.ok(await atEnd());
    for (let first = 5001; first <= 7000; first += 100) {
      await send(append(range(first, first + 99), first - 4900));
      assert.ok((await ids()).length <= 500);
    }
    assert.equal((await ids()).at(-1), 7000);
    assert.ok(await atEnd());
    await page.waitForFunction(
      `window.posted.some((m) => m.type === 'rendered' && m.lines === 5000)`,
    );
    quiet();
  });

  test('a reader further up stays there while lines come and old ones go', async () => {
    await open(range(1, 1000));
    await scrollTo(3000);
    const place = await topLine();
    for (let first = 1001; first <= 1200; first += 20) {
      await send(append(range(first, first + 19), first - 900));
    }
    assert.deepEqual(await topLine(), place);
    assert.equal(await page.textContent('.pill'), '200 new');
    // Now what is being read goes too: the view shows the oldest there is, and stays usable.
    await send(append(range(1201, 2300), 2000));
    const drawn = await ids();
    assert.ok(drawn.length > 0 && drawn[0] === 2000, String(drawn[0]));
    await page.click('.pill');
    assert.equal((await ids()).at(-1), 2300);
    assert.ok(await atEnd());
    assert.equal(await page.locator('.pill').isVisible(), false);
    quiet();
  });

  test('a reader at the end stays there when lines grow or the view shrinks', async () => {
    await open(range(1, 100));
    // The browser tells of our own scrolling late: by then a row got its remark, or the box shrank.
    await send(append([said(101)], 1));
    await send({
      type: 'changed',
      entries: [said(101, { receivers: 0 }), said(100, { receivers: 0 })],
    });
    await page.$eval('.log', (box: Element) => box.dispatchEvent(new Event('scroll')));
    assert.ok(await atEnd());
    await page.$eval('.log', (box: Element) => {
      (box as HTMLElement).style.maxHeight = `${box.clientHeight - 60}px`;
      box.dispatchEvent(new Event('scroll'));
    });
    await send(append([said(102)], 1));
    assert.equal((await ids()).at(-1), 102);
    assert.ok(await atEnd());
    assert.equal(await page.locator('.pill').isVisible(), false);
    // Of a line that is not drawn yet the browser may tell a scroll before the frame that draws it.
    await page.evaluate(
      (m: ToView) =>
        new Promise<void>((resolve) => {
          window.addEventListener(
            'message',
            () => {
              document.querySelector('.log')!.dispatchEvent(new Event('scroll'));
              requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
            },
            { once: true },
          );
          window.postMessage(m, '*');
        }),
      append([said(103)], 1),
    );
    assert.equal((await ids()).at(-1), 103);
    assert.ok(await atEnd());
    assert.equal(await page.locator('.pill').isVisible(), false);
    // A reader who does scroll up leaves the end as before.
    await scrollTo(200);
    await send(append([said(104)], 1));
    assert.equal(await page.textContent('.pill'), '1 new');
    quiet();
  });

  test('scrolling up through all of it and down again meets every line once, in order', async () => {
    await open(range(1, 1500));
    const check = async (): Promise<number[]> => {
      const drawn = await ids();
      assert.ok(drawn.length <= 600, String(drawn.length));
      drawn.forEach((id, i) => assert.equal(id, drawn[0]! + i));
      return drawn;
    };
    for (let i = 0; i < 60 && (await check())[0] !== 1; i++) await scrollTo(0);
    assert.equal((await check())[0], 1);
    for (let i = 0; i < 60 && (await check()).at(-1) !== 1500; i++) await scrollTo(1e9);
    assert.equal((await check()).at(-1), 1500);
    await scrollTo(1e9);
    await send(append([said(1501)]));
    assert.ok(await atEnd());
    quiet();
  });

  test('whatever a board sends is text', async () => {
    const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    await open([said(1, { text: evil, topic: evil })]);
    await send({
      ...append([said(2, { speaker: 'x' }), said(3, { text: 'x'.repeat(2000) })]),
      speakers: [...speakers, { ...speaker('x', evil, 2) }],
    } as ToView);
    assert.equal(await page.textContent('.text'), evil);
    assert.equal(await page.locator('.log img, .log script, .people img').count(), 0);
    assert.equal(await page.evaluate('window.hacked'), undefined);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, 320);
    quiet();
  });

  test('hostile in every place: payload, topic, name, property; in every tab it stays text', async () => {
    await open([]);
    const { model, say, connect, feed } = realHost();
    const html = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><b>bold</b>';
    const everyByte = String.fromCharCode(...Array.from({ length: 255 }, (_, i) => i + 1));
    const rest = { qos: 0, retain: true, at: 1_790_000_000_000 } as const;
    say(html, { topic: html, clientId: html });
    say('\u001b[2J\u001b[31mred\u001b]0;title\u0007\u202egnp.exe', { topic: 'ansi' });
    say('x', { topic: everyByte.replace(/[#+]/g, '') });
    model.heard({
      ...rest,
      topic: 'utf8',
      payload: Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0),
    });
    // As a broker hands on 256 MB: its beginning, and how much there was.
    const huge = Buffer.alloc(1024 * 1024, '<script>window.hacked=1</script>');
    model.heard({ ...rest, topic: 'huge', payload: huge, bytes: 268_435_455 });
    say(
      `{"__proto__":{"x":1},"constructor":${JSON.stringify(html)},"n":1e999,"list":[1,2,3,4,5,6,7]}`,
      {
        topic: 'json',
      },
    );
    say('['.repeat(990) + ']'.repeat(990), { topic: 'deep' });
    model.heard({
      ...rest,
      topic: 'claim',
      payload: Buffer.from('x'),
      userProperties: { sender: html },
    });
    say('21', { topic: `${html}/number` });
    model.client({ clientId: `${html}2`, what: 'connected', at: 1_790_000_000_001 });
    model.note(html, 1_790_000_000_002);
    await connect();
    await shows(`document.querySelectorAll('.said').length === 9`);
    const all = (await page.textContent('.log')) ?? '';
    assert.ok(all.includes(html));
    assert.match(all, /\\x1b\[2J\\x1b\[31mred\\x1b\]0;title\\x07\\u202egnp\.exe/);
    assert.match(all, /ff fe c3 28 ed a0/);
    assert.match(all, /the beginning of 256 MB/);
    assert.ok(all.includes('\\x01\\x02'));
    assert.equal(await page.locator('.log :is(img, script, b, iframe)').count(), 0);
    for (const tab of ['Topics', 'Charts'] as const) {
      await page.getByRole('tab', { name: tab }).click();
      await shows(`document.querySelector('.${tab === 'Topics' ? 'topic-row' : 'chart canvas'}')`);
      assert.equal(await page.locator('body :is(img, b, iframe)').count(), 0);
    }
    await page.getByRole('tab', { name: 'Conversation' }).click();
    assert.equal(await page.locator('body script').count(), 2, 'only the page’s own');
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.equal(await page.evaluate('({}).x'), undefined);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
    // It is alive: what comes next is drawn.
    say('still here');
    await shows(
      `[...document.querySelectorAll('.said .text')].at(-1).textContent === 'still here'`,
    );
    feed.dispose();
    quiet();
  });

  test('a long text is folded until asked for', async () => {
    await open([said(1, { text: 'traceback\n'.repeat(40), cut: true, bytes: 50_000 })]);
    const height = (): Promise<number> =>
      page.$eval('.bubble', (b: Element) => b.getBoundingClientRect().height);
    const folded = await height();
    await page.getByRole('button', { name: 'Show more' }).click();
    assert.ok((await height()) > folded * 2);
    assert.match((await page.textContent('.bubble')) ?? '', /the beginning of 49 KB/);
    await page.getByRole('button', { name: 'Show less' }).click();
    assert.equal(await height(), folded);
    quiet();
  });

  test('a message nobody heard says so, once a run', async () => {
    await open([said(1, { receivers: 0 }), said(3, { receivers: 0 }), said(4)]);
    assert.equal(await page.textContent('.body > .unheard > span'), 'nobody listens on hello');
    assert.equal(await page.locator('.body > .unheard').count(), 1);
    assert.equal(await page.locator('.meta .unheard').count(), 1);
    quiet();
  });

  /** The host as it is, with a conversation of its own, in place of the one played. */
  function realHost(lines = 5000, broker = on) {
    const speakers = createSpeakers();
    speakers.learn({ boardId: 'A', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' });
    speakers.learn({ boardId: 'B', name: 'machine2', uniqueIdHex: '240ac4d4e5f6' });
    const limits = { lines, bytes: 1e8 };
    const senderProperty = (): string => 'sender';
    const model = createConversation({ speakers, clock: systemClock, limits, senderProperty });
    const asked: string[] = [];
    const subscriptions = new Map([['240ac4d4e5f6', ['notifications', 'esp32/#']]]);
    const source = {
      model,
      broker,
      onBroker: new Emitter<void>().event,
      replies: { hello: 'notification' },
      address: 'h:1883',
      subscriptions,
    };
    const kept: Template[] = [];
    const moved = new Emitter<void>();
    const feed = createViewFeed({
      source,
      clock: systemClock,
      post: (m) => void page.evaluate(`window.postMessage(${JSON.stringify(m)}, '*')`),
      actions: {
        templates: {
          list: kept,
          onChange: moved.event,
          save: (draft) => {
            kept.unshift({ name: `${draft.topic} ${kept.length + 1}`, ...draft });
            moved.fire();
          },
          delete: (name) => {
            kept.splice(
              kept.findIndex((one) => one.name === name),
              1,
            );
            moved.fire();
          },
        },
        publish: async (topic, payload, { properties }) => {
          const more = properties ? ` ${JSON.stringify(properties)}` : '';
          asked.push(`${topic} ${Buffer.from(payload).toString()}${more}`);
        },
        run: (command) => void asked.push(command),
        copy: (text) => void asked.push(text),
        open: (text) => void asked.push(text),
        tell: (sentence) => void asked.push(sentence),
        failed: (error) => void asked.push(String(error)),
      },
    });
    hosts.push(feed);
    const say = (text: string, more: Partial<HeardMessage> = {}): void =>
      model.heard({
        topic: 'hello',
        payload: Buffer.from(text),
        qos: 0,
        retain: false,
        clientId: '240ac4a1b2c3',
        at: 1_790_000_000_000 + model.counters.total * 100,
        ...more,
      });
    const connect = async (): Promise<void> => {
      await page.exposeFunction('toHost', (message: unknown) => feed.receive(message));
      await page.evaluate(() => {
        const all = window as unknown as { posted: unknown[]; toHost(m: unknown): void };
        const before = all.posted.splice(0);
        all.posted.push = (...messages: unknown[]) => {
          for (const message of messages) all.toHost(message);
          return Array.prototype.push.apply(all.posted, messages);
        };
        for (const message of before) all.posted.push(message);
      });
    };
    return { model, speakers, feed, asked, say, connect };
  }
  /** Waits until an expression of the page is true; not by Playwright, which the policy forbids. */
  const shows = async (what: string): Promise<void> => {
    for (let i = 0; i < 400; i++) {
      if (await page.evaluate(`Boolean(${what})`)) return;
      await page.waitForTimeout(50);
    }
    assert.fail(`never: ${what}; it shows ${await page.textContent('body')}`);
  };
  const lineTexts = (): Promise<string[]> => page.$$eval('.said .text', texts);

  test('filter by text, pattern, topic and board; nothing found offers a way back', async () => {
    await open([]);
    const { say, connect, feed } = realHost();
    for (let i = 1; i <= 300; i++) {
      const odd = i % 2 === 1;
      const clientId = odd ? '240ac4a1b2c3' : '240ac4d4e5f6';
      say(`line ${i}`, { clientId, topic: odd ? 'room/odd' : 'room/even' });
    }
    await connect();
    await shows(`document.querySelectorAll('.said').length === 200`);
    assert.equal(await page.textContent('.counts'), '300 received');
    await page.fill('.find', 'line 29');
    await shows(`document.querySelectorAll('.said').length === 11`);
    assert.equal(await page.textContent('.counts'), '11 shown of 300');
    await page.locator('.person', { hasText: 'machine2' }).click();
    await shows(`document.querySelectorAll('.said').length === 5`);
    say('line 299b', { clientId: '240ac4d4e5f6' });
    say('line 299c');
    await shows(`document.querySelectorAll('.said').length === 6`);
    assert.equal((await lineTexts()).at(-1), 'line 299b');
    await page.fill('.find', 'no such line');
    await page.getByRole('button', { name: 'Show Everything' }).click();
    await shows(`document.querySelectorAll('.said').length === 200`);
    await page.getByRole('button', { name: 'Regular expression' }).click();
    await page.fill('.find', '^line [12]$');
    await shows(`document.querySelectorAll('.said').length === 2`);
    await page.fill('.find', '(');
    await shows(`/no pattern/.test(document.querySelector('.finding .problem').textContent)`);
    await page.fill('.find', '');
    await page.fill('.topic-find', '+/even');
    await shows(`document.querySelector('.counts').textContent.startsWith('150 shown')`);
    feed.dispose();
    quiet();
  });

  test('paused, nothing moves; what came is counted, and nothing is lost', async () => {
    await open([]);
    const { say, connect, feed } = realHost();
    for (let i = 1; i <= 20; i++) say(`line ${i}`);
    await connect();
    await shows(`document.querySelectorAll('.said').length === 20`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await shows(`window.posted.some((m) => m.type === 'hold' && m.on)`);
    for (let i = 21; i <= 50; i++) say(`line ${i}`);
    await shows(`document.querySelector('.pill').textContent === 'Paused · 30 new'`);
    assert.equal(await page.locator('.said').count(), 20);
    await page.click('.pill');
    await shows(`document.querySelectorAll('.said').length === 50`);
    assert.ok(await atEnd());
    feed.dispose();
    quiet();
  });

  test('older lines come as the reader goes up; what is gone is said', async () => {
    await open([]);
    const { say, connect, feed } = realHost(3000);
    for (let i = 1; i <= 3500; i++) say(`line ${i}`);
    await connect();
    await shows(`document.querySelectorAll('.said').length === 200`);
    for (let i = 0; i < 80 && (await ids())[0] !== 501; i++) {
      await scrollTo(0);
      await page.waitForTimeout(20);
    }
    assert.equal((await ids())[0], 501);
    await scrollTo(0);
    await shows(`!document.querySelector('.gone').classList.contains('hidden')`);
    assert.equal(await page.textContent('.gone'), '500 older messages are gone');
    assert.equal(await page.textContent('.counts'), '3,500 received · 500 gone');
    say('line 3501');
    await shows(`document.querySelector('.pill').textContent === '1 new'`);
    await page.click('.pill');
    await shows(`[...document.querySelectorAll('.said')].at(-1).textContent.includes('3501')`);
    feed.dispose();
    quiet();
  });

  test('with one message: copied, sent again, changed, cleared; by mouse and by keyboard', async () => {
    await open([]);
    const { say, connect, feed, asked } = realHost();
    say('on', { topic: 'esp32/output', retain: true, qos: 1 });
    await connect();
    await page.locator('.bubble').hover();
    await page.locator('.more-button').click();
    await page.getByRole('menuitem', { name: 'Copy as mosquitto_pub' }).click();
    await page.locator('.bubble').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Send Again' }).click();
    await page.locator('.log').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await shows(`document.querySelectorAll('.menu').length === 0`);
    await page.keyboard.press('Enter');
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue('.payload-field'), 'on');
    assert.equal(await page.inputValue('.qos-field'), '1');
    await page.locator('.bubble').click({ button: 'right' });
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.menu').count(), 0);
    await until(() => asked.length === 4);
    assert.deepEqual(asked, [
      'mosquitto_pub -h h -p 1883 -t esp32/output -q 1 -r -m on',
      'esp32/output on',
      'esp32/output ',
      'The broker keeps no message for esp32/output any more.',
    ]);
    feed.dispose();
    quiet();
  });

  test('who got it and acknowledged it, wills, repeats, days', async () => {
    await open([]);
    const { model, say, connect, feed } = realHost();
    const to = ['240ac4d4e5f6'];
    model.client({ clientId: '240ac4d4e5f6', what: 'connected', at: 1_789_900_000_000 });
    say('yesterday', { at: 1_789_900_000_000 });
    say('on', { qos: 1, seq: 1, to, receivers: 1, dup: true });
    say('gone', { will: true, receivers: 0 });
    await connect();
    await shows(`document.querySelectorAll('.receipt').length === 1`);
    assert.equal(await page.getAttribute('.receipt', 'title'), 'Delivered to machine2');
    assert.deepEqual(await page.$$eval('.badge', texts), ['again', 'will']);
    assert.equal(await page.locator('.day').count(), 1);
    model.delivered({ seq: 1, clientId: '240ac4d4e5f6' });
    await shows(
      `document.querySelector('.receipt').title === 'Delivered to machine2 (acknowledged)'`,
    );
    feed.dispose();
    quiet();
  });

  test('nobody listens: why, and the line that mends it', async () => {
    await open([]);
    const { model, say, connect, feed, asked } = realHost();
    model.client({ clientId: '240ac4d4e5f6', what: 'connected', at: 1_789_900_000_000 });
    say('received #1', { topic: 'notification', receivers: 0 });
    await connect();
    await shows(`document.querySelector('.why')`);
    await page.getByRole('button', { name: 'Why?' }).click();
    await shows(`document.querySelector('.card')`);
    const card = (await page.textContent('.card')) ?? '';
    assert.match(card, /machine2 listens on “notifications”: a letter or two are different/);
    assert.match(card, /client\.subscribe\(b'notification'\)/);
    await page.getByRole('button', { name: 'Copy the Line' }).click();
    await until(() => asked.length === 1);
    assert.deepEqual(asked, [`client.subscribe(b'notification')`]);
    assert.equal(await page.locator('.card').count(), 0);
    feed.dispose();
    quiet();
  });

  test('who said that: each way of knowing is told, and a guess is never told as a fact', async () => {
    await open([]);
    const { model, speakers, connect, feed } = realHost();
    const one = { boardId: 'A', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' };
    speakers.learn({ ...one, topics: ['role'] });
    speakers.coincide('learned', 'B');
    const rest = {
      payload: Buffer.from('x'),
      qos: 0,
      retain: false,
      at: 1_790_000_000_000,
    } as const;
    model.heard({ ...rest, topic: 't', clientId: '240ac4a1b2c3' });
    model.heard({ ...rest, topic: 't', clientId: '240ac4d4e5f6' }, 'log');
    model.heard({ ...rest, topic: 'role' });
    model.heard({ ...rest, topic: 't', userProperties: { sender: '<b>me</b>' } });
    model.heard({ ...rest, topic: 'learned' });
    model.heard({ ...rest, topic: 't' });
    model.heard({ ...rest, topic: 't', clientId: 'mosq-7' });
    await connect();
    await shows(`document.querySelectorAll('.said').length === 7`);
    assert.deepEqual(await page.$$eval('.start .name', texts), [
      'machine1',
      'machine2',
      'machine1 by its topic',
      '<b>me</b> says so itself',
      'machine2 learned, not told',
      'Someone not told who',
      'mosq-7',
    ]);
    const said: string[] = [];
    for (let i = 0; i < 7; i++) {
      await page.locator('.bubble').nth(i).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Who Said That?' }).click();
      said.push((await page.textContent('.card')) ?? '');
      await page.keyboard.press('Escape');
    }
    for (const [i, words] of [
      /the broker told the client id “240ac4a1b2c3”, and that is this board’s own id/,
      /Mosquitto’s log names the client id “240ac4d4e5f6”/,
      /In this workspace only machine1 speaks on that topic/,
      /The message itself says that <b>me<\/b> said it, in a user property/,
      /^Probably machine2: that board printed the same words/,
      /^It is not known who said it/,
      /told the client id “mosq-7”\. No board of this window has it/,
    ].entries())
      assert.match(said[i] ?? '', words);
    speakers.coincide('learned', undefined);
    await shows(`document.querySelectorAll('.name')[4].textContent === 'Someone not told who'`);
    feed.dispose();
    quiet();
  });

  test('an answer shows what it answers, and a click goes there', async () => {
    await open([]);
    const { say, connect, feed } = realHost();
    say('hello #1');
    say('noise', { topic: 'other' });
    say('received #1', { topic: 'notification', clientId: '240ac4d4e5f6' });
    say('my own', { topic: 'notification' });
    await connect();
    await shows(`document.querySelectorAll('.said').length === 4`);
    assert.deepEqual(await page.$$eval('.quote', texts), ['machine1: hello #1']);
    await page.locator('.quote').click();
    assert.ok(await page.locator('#line-1.fresh').count());
    feed.dispose();
    quiet();
  });

  test('JSON opens and closes; a picture is drawn; neither can run anything', async () => {
    await open([]);
    const { say, connect, feed } = realHost();
    const evil = '<img src=x onerror="window.hacked=1">';
    say(JSON.stringify({ room: { t: 21.5, on: true }, [evil]: evil, list: Array(30).fill(0) }));
    say('{"t":21}');
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    say('', { payload: Buffer.from(png, 'base64'), topic: 'cam' });
    const bomb = Buffer.from(png, 'base64');
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    say('', { payload: bomb, topic: 'cam' });
    await connect();
    await shows(`document.querySelectorAll('.picture canvas').length === 1`);
    await shows(`/too large/.test([...document.querySelectorAll('.picture')].at(-1).textContent)`);
    assert.equal(await page.locator('.tree > details').count(), 1);
    assert.equal(await page.locator('.tree details[open]').count(), 2);
    await page.locator('.tree summary', { hasText: '[30]' }).click();
    await shows(`document.querySelectorAll('.tree details[open]').length === 3`);
    assert.match((await page.textContent('.tree')) ?? '', /<img src=x onerror/);
    assert.equal(await page.locator('.log img').count(), 0);
    assert.equal(await page.evaluate('window.hacked'), undefined);
    feed.dispose();
    quiet();
  });

  test('topics: a tree with last value, count, rate; filter, keys, and what can be done', async () => {
    await open([]);
    const { say, connect, feed, asked } = realHost();
    for (let i = 0; i < 12; i++) say(String(20 + i), { topic: 'room/kitchen/t' });
    say('on', { topic: 'esp32/output', retain: true });
    await connect();
    await page.getByRole('tab', { name: 'Topics' }).click();
    const rows = (): Promise<string[]> => page.$$eval('.topic-row .level', texts);
    await shows(`document.querySelectorAll('.topic-row').length === 5`);
    assert.deepEqual(await rows(), ['esp32', 'output', 'room', 'kitchen', 't']);
    assert.deepEqual(await page.$$eval('.topic-row .sum', texts), ['1', '1', '12', '12', '12']);
    say('99', { topic: 'room/kitchen/t' });
    await shows(`document.querySelector('.topic-row:last-child .last').textContent === '99'`);
    await page.locator('.rows').focus();
    await page.keyboard.press('ArrowLeft');
    await shows(`document.querySelectorAll('.topic-row').length === 4`);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await until(() => asked.length === 2);
    assert.match(asked[1] ?? '', /keeps no message for esp32\/output/);
    await page.getByRole('searchbox', { name: 'Filter topics' }).fill('99');
    await shows(`document.querySelectorAll('.topic-row').length === 1`);
    await page.locator('.topic-row').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Show what is Said There' }).click();
    await shows(`document.querySelectorAll('.said').length === 13`);
    assert.equal(await page.inputValue('.topic-find'), 'room/kitchen/t');
    feed.dispose();
    quiet();
  });

  test('twenty thousand topics: few rows in the document, the last one reached', async () => {
    await open([]);
    const { say, connect, feed } = realHost();
    for (let i = 0; i < 20_000; i++) say('x', { topic: `flat${i}` });
    await connect();
    await page.getByRole('tab', { name: 'Topics' }).click();
    await shows(`/^20,000 topics/.test(document.querySelector('.topics .counts').textContent)`);
    assert.ok((await page.locator('.topic-row').count()) < 60);
    await page.locator('.rows').focus();
    await page.keyboard.press('End');
    await shows(`[...document.querySelectorAll('.level')].at(-1).textContent === 'flat19999'`);
    assert.ok((await page.locator('.topic-row').count()) < 60);
    feed.dispose();
    quiet();
  });

  test('charts: numbers are found and drawn as they come; a field more, one less', async () => {
    await open([]);
    const { say, connect, feed } = realHost();
    for (let i = 0; i < 30; i++) say(`{"t":${20 + i},"h":${i}}`, { topic: 'room' });
    say('not a number', { topic: 'hello' });
    await connect();
    await page.getByRole('tab', { name: 'Charts' }).click();
    await shows(`document.querySelectorAll('.chart canvas').length === 2`);
    assert.deepEqual(await page.$$eval('.chart .level', texts), ['room · t', 'room · h']);
    await shows(`document.querySelector('.now').textContent === '49'`);
    say('{"t":77,"h":1,"p":1013}', { topic: 'room' });
    await shows(`document.querySelector('.now').textContent === '77'`);
    await page.getByRole('button', { name: 'Close the chart of room · h' }).click();
    await page.getByRole('button', { name: '+ room · p' }).click();
    await shows(`[...document.querySelectorAll('.now')].at(-1).textContent === '1013'`);
    assert.deepEqual(await page.$$eval('.chart .level', texts), ['room · t', 'room · p']);
    feed.dispose();
    quiet();
  });

  test('saying something: what is sent, what comes back when it failed', async () => {
    await open([said(1)]);
    await page.fill('.topic-field', 'esp32/output');
    await page.selectOption('.qos-field', '1');
    await page.check('#retain');
    await page.fill('.payload-field', 'off');
    await page.press('.payload-field', 'Enter');
    const asked = {
      topic: 'esp32/output',
      payload: 'off',
      encoding: 'text',
      qos: 1,
      retain: true,
    };
    assert.deepEqual(await posted('publish'), [{ type: 'publish', number: 1, ...asked }]);
    assert.equal(await page.inputValue('.payload-field'), '');
    await send({ type: 'published', number: 1, error: 'The broker is gone.' });
    assert.equal(await page.textContent('.compose .problem'), 'The broker is gone.');
    assert.equal(await page.inputValue('.payload-field'), 'off');
    await page.fill('.topic-field', 'a/#');
    await page.press('.payload-field', 'Enter');
    assert.equal((await posted('publish')).length, 1);
    assert.match((await page.textContent('.compose .problem')) ?? '', /one topic/);
    await send({
      type: 'status',
      counters,
      broker: { state: 'off', text: 'Broker off' },
      waiting: 0,
    });
    assert.ok(await page.isDisabled('.payload-field'));
    quiet();
  });

  test('repeated: every so many seconds, seen while it goes on, stopped by its button', async () => {
    await open([]);
    const { say, connect, feed, asked } = realHost();
    say('x');
    await connect();
    await page.getByRole('button', { name: 'More: repeat, properties' }).click();
    await page.getByLabel('Repeat every so many seconds').fill('0.01');
    await page.fill('.payload-field', 'tick');
    await page.press('.payload-field', 'Enter');
    assert.match(
      (await page.textContent('.compose .problem')) ?? '',
      /every 0.1 to 86,400 seconds/,
    );
    await page.getByLabel('Repeat every so many seconds').fill('0.2');
    await page.press('.payload-field', 'Enter');
    await shows(`/every 0.2 s on esp32\\/output · [3-9] said/.test(document.body.textContent)`);
    // The next message is not repeated unasked.
    assert.equal(await page.getByLabel('Repeat every so many seconds').inputValue(), '');
    await page.getByRole('button', { name: 'Stop Repeating' }).click();
    await shows(`document.querySelectorAll('.repeat').length === 0`);
    const said = asked.length;
    assert.ok(said >= 3);
    await page.waitForTimeout(500);
    assert.equal(asked.length, said);
    assert.ok(asked.every((one) => one === 'esp32/output tick'));
    feed.dispose();
    quiet();
  });

  test('properties of MQTT 5: offered where the connection has them, sent as they were written', async () => {
    await open([]);
    const first = realHost();
    first.say('x');
    await first.connect();
    await page.getByRole('button', { name: 'More: repeat, properties' }).click();
    assert.ok(await page.isDisabled('[aria-label="User properties"]'));
    assert.match((await page.textContent('.five-note')) ?? '', /need MQTT 5/);
    first.feed.dispose();
    await open([]);
    const five = { state: 'connected', text: 'Broker at h:1883', five: true } as const;
    const { say, connect, feed, asked } = realHost(5000, five);
    say('x');
    await connect();
    await page.getByRole('button', { name: 'More: repeat, properties' }).click();
    await page.getByLabel('User properties').fill('sender');
    await page.fill('.payload-field', 'on');
    await page.press('.payload-field', 'Enter');
    assert.match((await page.textContent('.compose .problem')) ?? '', /name=value/);
    await page.getByLabel('User properties').fill('sender=me; a=b=c');
    await page.getByLabel('Content type').fill('text/plain');
    await page.getByLabel('Response topic').fill('answer');
    await page.getByLabel('Expires after so many seconds').fill('60');
    await page.press('.payload-field', 'Enter');
    await until(() => asked.length === 1);
    assert.deepEqual(asked, [
      'esp32/output on {"userProperties":{"sender":"me","a":"b=c"},"contentType":"text/plain","responseTopic":"answer","messageExpiryInterval":60}',
    ]);
    feed.dispose();
    quiet();
  });

  test('templates: saved, chosen again, deleted', async () => {
    await open([]);
    const { say, connect, feed } = realHost();
    say('x');
    await connect();
    const menu = async (item: string): Promise<void> => {
      await page.getByRole('button', { name: 'Templates' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await page.fill('.payload-field', '{"light":"on"}');
    await page.selectOption('.kind-field', 'json');
    await page.selectOption('.qos-field', '2');
    await page.check('#retain');
    await menu('Save as a Template…');
    await page.fill('.topic-field', 'other');
    await page.fill('.payload-field', 'other');
    await page.selectOption('.qos-field', '0');
    await page.uncheck('#retain');
    await shows(`!document.querySelector('.menu')`);
    await menu('esp32/output 1');
    assert.equal(await page.inputValue('.topic-field'), 'esp32/output');
    assert.equal(await page.inputValue('.payload-field'), '{"light":"on"}');
    assert.equal(await page.inputValue('.kind-field'), 'json');
    assert.equal(await page.inputValue('.qos-field'), '2');
    assert.ok(await page.isChecked('#retain'));
    await menu('Delete a Template…');
    await page.getByRole('menuitem', { name: 'Delete “esp32/output 1”' }).click();
    await page.getByRole('button', { name: 'Templates' }).click();
    assert.deepEqual(await page.$$eval('.menu-item', texts), ['Save as a Template…']);
    await page.keyboard.press('Escape');
    feed.dispose();
    quiet();
  });

  test('bookmarks: set from the menu, shown alone, taken away', async () => {
    await open([]);
    const { say, connect, feed, model } = realHost();
    for (let i = 1; i <= 300; i++) say(`line ${i}`);
    await connect();
    await shows(`document.querySelectorAll('.said').length === 200`);
    for (const text of ['line 290', 'line 299']) {
      await page.locator('.bubble', { hasText: text }).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Bookmark' }).click();
    }
    await shows(`document.querySelectorAll('.bookmark').length === 2`);
    await page.getByRole('button', { name: 'Only bookmarks' }).click();
    await shows(`document.querySelectorAll('.said').length === 2`);
    assert.deepEqual(await lineTexts(), ['line 290', 'line 299']);
    assert.equal(await page.textContent('.counts'), '2 shown of 300');
    await page.locator('.bubble', { hasText: 'line 290' }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Remove the Bookmark' }).click();
    await shows(`document.querySelectorAll('.bookmark').length === 1`);
    assert.deepEqual([...model.history.bookmarks], [299]);
    await page.getByRole('button', { name: 'Only bookmarks' }).click();
    await shows(`document.querySelectorAll('.said').length === 200`);
    feed.dispose();
    quiet();
  });

  test('with nothing to show it offers the next step', async () => {
    await open([], { state: 'off', text: 'Broker off' });
    await page.getByRole('button', { name: 'Start the Conversation' }).click();
    await page.getByRole('button', { name: 'Start Broker' }).click();
    assert.deepEqual(await posted('run'), [
      { type: 'run', command: 'startConversation' },
      { type: 'run', command: 'startBroker' },
    ]);
    quiet();
  });

  test('reloaded: place, filter and draft are as they were', async () => {
    await open(range(1, 1000));
    await page.fill('.payload-field', 'half a sent');
    await page.fill('.find', 'line');
    await shows(`window.posted.some((m) => m.type === 'filter' && m.filter.text === 'line')`);
    await send(state(range(1, 1000)));
    await scrollTo(2500);
    const place = await topLine();
    const keptPlace = `JSON.parse(sessionStorage.getItem('kept') ?? '{}').place?.id`;
    await shows(`${keptPlace} === ${place.id}`);
    await load(range(1, 1000));
    assert.deepEqual(await topLine(), place);
    assert.equal(await page.inputValue('.find'), 'line');
    assert.equal(await page.inputValue('.payload-field'), 'half a sent');
    quiet();
  });

  test('a name learned later is on the lines that stand', async () => {
    await open([said(1), said(3)]);
    await send({ ...append([]), speakers: [speaker('a', 'kitchen', 0)] } as ToView);
    assert.deepEqual(await page.$$eval('.start .name', texts), ['kitchen']);
    quiet();
  });

  test('by keyboard alone: everything is reached and has a name', async () => {
    await open(range(1, 30));
    const reached: string[] = [];
    for (let i = 0; i < 18; i++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => {
          const e = document.activeElement as HTMLInputElement;
          return (
            e.getAttribute('aria-label') ?? (e.labels?.[0]?.textContent || e.textContent) ?? ''
          );
        }),
      );
    }
    const wanted = [
      'Pause',
      'Clear',
      'machine1',
      'Regular expression',
      'Topic filter',
      'Filter',
      'Conversation',
      'Topic',
      'Retain',
      'Message',
    ];
    for (const name of wanted)
      assert.ok(
        reached.some((r) => r.startsWith(name)),
        name,
      );
    quiet();
  });

  test('a line fades in once, not again with each look at its tab', async () => {
    await open([said(1)]);
    await send(append([said(2)], 1));
    await shows(`document.querySelectorAll('.fresh').length === 0`);
    assert.equal((await ids()).length, 2);
    quiet();
  });

  test('in a low window most of the room is for what is said', async () => {
    await open(range(1, 30));
    await page.setViewportSize({ width: 293, height: 480 });
    const height = (of: string): Promise<number> =>
      page.$eval(of, (one: Element) => one.getBoundingClientRect().height);
    const [head, log, compose] = [
      await height('.head'),
      await height('.log'),
      await height('.compose'),
    ];
    assert.ok(log >= 480 * 0.55, `head ${head}, log ${log}, composer ${compose}`);
    quiet();
  });

  for (const [name, size] of [
    ['200 % zoom', { width: 250, height: 200 }],
    ['the narrowest sidebar', { width: 170, height: 500 }],
    ['both', { width: 170, height: 200 }],
  ] as const) {
    test(`${name}: most of the room is for what is said; the rest is a key away`, async () => {
      await open(range(1, 30));
      await page.setViewportSize(size);
      const log = page.locator('.log');
      const share = (await log.boundingBox())!.height / size.height;
      assert.ok(share > 0.55, `${share}`);
      const [unfold, filter] = [page.locator('.unfold'), page.locator('.find')];
      assert.equal(await filter.isVisible(), false);
      await unfold.focus();
      await page.keyboard.press('Enter');
      assert.equal(await unfold.getAttribute('aria-expanded'), 'true');
      for (const one of ['.find', '.person', '.broker-text', '.tool[title="Clear"]'])
        assert.ok(await page.locator(one).first().isVisible(), one);
      await filter.fill('line 3');
      await page.locator('.talk-head.filtering').waitFor();
      await unfold.focus();
      await page.keyboard.press('Enter');
      assert.ok(await filter.isVisible(), 'what is filtered by is seen');
      // The topic is behind "More", and shown when something is wrong with it.
      const topic = page.getByLabel('Topic', { exact: true });
      assert.equal(await topic.isVisible(), false);
      await page.getByLabel(/^More/).focus();
      await page.keyboard.press('Enter');
      await topic.fill('a/#');
      await page.getByLabel(/^More/).press('Enter');
      await page.getByLabel('Message', { exact: true }).press('Enter');
      assert.ok(await topic.isVisible());
      quiet();
    });
  }

  for (const [name, width] of [
    ['the narrowest sidebar', 170],
    ['narrow', 200],
    ['a usual sidebar', 300],
    ['wide', 1100],
  ] as const) {
    test(`${name}: nothing sticks out`, async () => {
      await open([
        said(1, { topic: 'a/very/long/topic/'.repeat(8), receivers: 0 }),
        said(2, { text: 'W'.repeat(300), payload: 'binary' }),
      ]);
      await page.setViewportSize({ width, height: 600 });
      const out = await page.evaluate(() =>
        [...document.querySelectorAll('body *')]
          .filter((e) => {
            const r = e.getBoundingClientRect();
            const inner = e.closest('.log, .people, .unseen, select');
            return !(inner && inner !== e) && r.width > 0 && r.right > innerWidth + 1;
          })
          .map((e) => e.className || e.tagName),
      );
      assert.deepEqual(out, []);
      const log = page.locator('.log');
      assert.equal(await log.evaluate((e: Element) => e.scrollWidth - e.clientWidth), 0);
      quiet();
    });
  }
});

async function until(look: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !look(); i++) await new Promise((r) => setTimeout(r, 20));
}

function texts(elements: Element[]): string[] {
  return elements.map((element) => element.textContent ?? '');
}
