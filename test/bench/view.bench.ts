/**
 * The Conversation view under a flood: 10,000 messages a second through the model, the disk and the
 * feed into the view's own document in a browser. Frames a second, memory, counters, search, topics.
 * 20 seconds; PARLEY_BENCH_SECONDS=60 makes it a minute. Below: conversation, media, the browser.
 * Above: `npm run bench`.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { createHistoryStore } from '../../src/conversation/historyStore';
import { createConversation, type ConversationModel } from '../../src/conversation/model';
import type { BrokerView, FromView, ToView } from '../../src/conversation/protocol';
import { createSpeakers } from '../../src/conversation/speakers';
import { createViewFeed } from '../../src/conversation/viewFeed';
import { systemClock } from '../../src/core/clock';
import { Emitter } from '../../src/core/event';
import type { Browser, Page } from '../browser/harness';
import { newViewPage, VIEW_URL } from '../browser/webviewPage';

const SECONDS = Number(process.env['PARLEY_BENCH_SECONDS'] ?? 20);
const A_SECOND = 10_000;
const MILLION = 1_000_000;
const TOPICS = 20_000;
const broker: BrokerView = { state: 'running', text: 'Broker on 127.0.0.1:1883' };
const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);

function line(what: string, value: string, more = ''): void {
  console.log(`  ${what.padEnd(46)} ${value.padStart(14)}   ${more}`);
}
const count = (value: number): string => Math.round(value).toLocaleString('en');
const megabytes = (): number => process.memoryUsage().rss / 1024 / 1024;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function makeModel(lines: number): ConversationModel {
  const speakers = createSpeakers();
  speakers.learn({ boardId: 'A', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' });
  speakers.learn({ boardId: 'B', name: 'machine2', uniqueIdHex: '240ac4d4e5f6' });
  const limits = { lines, bytes: 256 * 1024 * 1024 };
  return createConversation({ speakers, clock: systemClock, limits });
}

function say(model: ConversationModel, i: number, topic = `room/${i % 50}/t`): void {
  model.heard({
    topic,
    payload: Buffer.from(`{"t":${20 + (i % 10)},"n":${i}}`),
    qos: 0,
    retain: false,
    clientId: i % 2 ? '240ac4a1b2c3' : '240ac4d4e5f6',
    at: Date.now(),
    receivers: 1,
  });
}

/** The view on `model`, fed as the extension feeds it. */
async function openView(browser: Browser, model: ConversationModel) {
  const noise: string[] = [];
  const page = await newViewPage(browser, noise, { width: 420, height: 900 });
  let bytes = 0;
  let batches = 0;
  const post = (message: ToView): void => {
    const text = JSON.stringify(message);
    bytes += text.length;
    batches++;
    void page.evaluate(`window.postMessage(${text}, '*')`).catch(() => undefined);
  };
  const nothing = (): undefined => undefined;
  const feed = createViewFeed({
    source: {
      model,
      broker,
      onBroker: new Emitter<void>().event,
      address: '',
      subscriptions: undefined,
    },
    clock: systemClock,
    post,
    actions: {
      publish: async () => undefined,
      run: nothing,
      copy: nothing,
      open: nothing,
      tell: nothing,
      failed: nothing,
    },
  });
  await page.exposeFunction('toHost', (message: FromView) => feed.receive(message));
  await page.goto(VIEW_URL);
  await page.evaluate(() => {
    const all = window as unknown as { posted: unknown[]; toHost(m: unknown): void };
    const before = all.posted.splice(0);
    all.posted.push = (...messages: unknown[]) => {
      for (const message of messages) all.toHost(message);
      return 0;
    };
    for (const message of before) all.posted.push(message);
  });
  await shows(page, `document.querySelector('.broker-text').textContent !== ''`);
  return {
    page,
    feed,
    noise,
    sent: () => ({ bytes, batches }),
  };
}

async function shows(page: Page, what: string, ms = 30_000): Promise<number> {
  const began = performance.now();
  while (!(await page.evaluate(`Boolean(${what})`))) {
    if (performance.now() - began > ms) throw new Error(`never: ${what}`);
    await sleep(5);
  }
  return performance.now() - began;
}

/** Counts frames, and the longest time between two of them. */
const startFrames = (page: Page): Promise<void> =>
  page.evaluate(`
    window.frames_ = [];
    (function next(at) {
      if (at) window.frames_.push(at);
      requestAnimationFrame(next);
    })();
  `);
const framesOf = async (page: Page): Promise<{ rate: number; worst: number; low: number }> => {
  const frames = (await page.evaluate('window.frames_.splice(0)')) as number[];
  const gaps = frames.slice(1).map((at, i) => at - (frames[i] ?? at));
  const span = (frames.at(-1) ?? 0) - (frames[0] ?? 0);
  // The worst whole second.
  const seconds = new Map<number, number>();
  for (const at of frames)
    seconds.set(Math.floor(at / 1000), (seconds.get(Math.floor(at / 1000)) ?? 0) + 1);
  const whole = [...seconds.values()].slice(1, -1);
  return { rate: gaps.length / (span / 1000), worst: Math.max(...gaps), low: Math.min(...whole) };
};

async function flood(browser: Browser): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
  const model = makeModel(100_000);
  const file = createHistoryStore({
    folder,
    model,
    clock: systemClock,
    limits: () => ({ on: true, lines: 100_000, bytes: 64 * 1024 * 1024 }),
  });
  await file.load();
  const view = await openView(browser, model);
  try {
    collect();
    const before = megabytes();
    let most = 0;
    let half = 0;
    let sent = 0;
    let late = 0;
    await startFrames(view.page);
    const began = performance.now();
    while (sent < SECONDS * A_SECOND) {
      const due = Math.min(SECONDS * A_SECOND, ((performance.now() - began) / 1000) * A_SECOND);
      const tick = performance.now();
      while (sent < due) say(model, sent++);
      late = Math.max(late, performance.now() - tick);
      if (sent >= (SECONDS * A_SECOND) / 2) half ||= megabytes();
      most = Math.max(most, megabytes());
      await sleep(5);
    }
    const took = (performance.now() - began) / 1000;
    const { rate, worst, low } = await framesOf(view.page);
    const goal = low >= 30 ? '' : '  BELOW 30';
    line('messages a second', count(sent / took), `for ${took.toFixed(0)} s`);
    line(
      'frames a second',
      rate.toFixed(1),
      `worst second ${low}, longest frame ${worst.toFixed(0)} ms${goal}`,
    );
    const now = megabytes();
    line(
      'host memory, MB',
      now.toFixed(0),
      `${before.toFixed(0)} before, ${half.toFixed(0)} half way, at most ${most.toFixed(0)}`,
    );
    const { bytes, batches } = view.sent();
    line(
      'sent to the view',
      `${(bytes / 1024 / 1024 / took).toFixed(1)} MB/s`,
      `${batches} batches`,
    );
    model.folded(1234);
    await file.close();
    const { total, kept, dropped, folded } = model.counters;
    assert.equal(total, sent + 1234);
    assert.equal(kept + dropped + folded, total);
    const said = `${count(total)} received · 1,234 only counted · ${count(dropped)} gone`;
    await shows(
      view.page,
      `document.querySelector('.counts').textContent === ${JSON.stringify(said)}`,
    );
    line('the view says', said);
    assert.deepEqual(view.noise, []);
    const again = makeModel(100_000);
    const start = performance.now();
    const back = createHistoryStore({
      folder,
      model: again,
      clock: systemClock,
      limits: () => ({ on: true, lines: 100_000, bytes: 64 * 1024 * 1024 }),
    });
    await back.load();
    assert.deepEqual({ ...again.counters, perSecond: 0 }, { ...model.counters, perSecond: 0 });
    line(
      'read again after a reload',
      `${(performance.now() - start).toFixed(0)} ms`,
      `${count(again.counters.kept)} messages, counters the same`,
    );
    await back.close();
  } finally {
    view.feed.dispose();
    await view.page.close();
    rmSync(folder, { recursive: true });
  }
}

async function search(browser: Browser): Promise<void> {
  const model = makeModel(MILLION);
  for (let i = 0; i < MILLION; i++) say(model, i);
  collect();
  line('a million messages, host memory, MB', megabytes().toFixed(0));
  const view = await openView(browser, model);
  const { page } = view;
  try {
    await shows(page, `document.querySelectorAll('.said').length > 0`);
    const cases: readonly (readonly [string, string, number])[] = [
      ['text, one hit at the far end', '"n":17}', 1],
      ['text, every tenth', '"t":25', MILLION / 10],
      ['text, no hit', 'nowhere', 0],
      ['a board’s name', 'machine2', MILLION / 2],
    ];
    for (const [what, text, hits] of cases) {
      await page.fill('.find', '');
      await shows(page, `document.querySelector('.counts').textContent === '1,000,000 received'`);
      await page.fill('.find', text);
      const took = await shows(
        page,
        `document.querySelector('.counts').textContent === '${count(hits)} shown of 1,000,000'`,
      );
      const goal = took < 1000 ? '' : '  OVER 1 s';
      line(
        `search a million: ${what}`,
        `${took.toFixed(0)} ms`,
        `typed to drawn, ${count(hits)} found${goal}`,
      );
    }
    await page.fill('.find', '');
    await page.fill('.topic-find', '+/7/#');
    const took = await shows(
      page,
      `document.querySelector('.counts').textContent === '20,000 shown of 1,000,000'`,
    );
    line('search a million: topic with wildcards', `${took.toFixed(0)} ms`, '20,000 found');
  } finally {
    view.feed.dispose();
    await page.close();
  }
}

async function topics(browser: Browser): Promise<void> {
  const model = makeModel(100_000);
  const topic = (i: number): string =>
    `house/${i % 20}/room${Math.floor(i / 20) % 50}/s${i % TOPICS}`;
  for (let i = 0; i < TOPICS; i++) say(model, i, topic(i));
  const view = await openView(browser, model);
  const { page } = view;
  try {
    await page.getByRole('tab', { name: 'Topics' }).click();
    const took = await shows(
      page,
      `/^20,000 topics/.test(document.querySelector('.topics .counts').textContent)`,
    );
    line('20,000 topics, click to drawn', `${took.toFixed(0)} ms`);
    await startFrames(page);
    const began = performance.now();
    let sent = 0;
    while (performance.now() - began < 8000) {
      const due = ((performance.now() - began) / 1000) * A_SECOND;
      for (; sent < due; sent++) say(model, sent, topic(sent * 7));
      await sleep(5);
    }
    const { rate, worst, low } = await framesOf(page);
    const goal = low >= 30 ? '' : '  BELOW 30';
    line(
      '  with 10,000 messages a second, frames',
      rate.toFixed(1),
      `worst second ${low}, longest frame ${worst.toFixed(0)} ms${goal}`,
    );
    await page.getByRole('searchbox', { name: 'Filter topics' }).fill('s19999');
    const found = await shows(page, `document.querySelectorAll('.topic-row').length === 1`);
    line('  filter to one of 20,000', `${found.toFixed(0)} ms`);
  } finally {
    view.feed.dispose();
    await page.close();
  }
}

async function main(): Promise<void> {
  const browser = (await launchBrowser()) as Browser;
  try {
    await flood(browser);
    await search(browser);
    await topics(browser);
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
