/**
 * The REPL terminal on virtual boards, with the line's own pace where it matters: pasting, Unicode,
 * file operations meanwhile, a board that goes and comes back, several at once, a program's input.
 * Below: support.ts; the session is the one that VS Code's terminal draws.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Board } from '../../src/board/board';
import { quietJob } from '../../src/core/job';
import { ls } from '../../src/micropython/filesystem';
import { runOnBoard } from '../../src/operations/runOnBoard';
import { BoardFiles } from '../../src/operations/boardFiles';
import type { Port } from '../../src/port/port';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { ReplSession } from '../../src/vscode/replSession';
import { boardOn, notBuilt, startVirtualBoard, withVirtualBoard } from './support';

const job = quietJob();

/** A terminal without a window: what it shows, and a wait for it. */
class Screen {
  text = '';
  stops = 0;
  private waiting: (() => void)[] = [];

  write(text: string): void {
    this.text += text;
    for (const look of this.waiting.splice(0)) look();
  }
  stop(): void {
    this.stops++;
  }

  /** Resolves once `pattern` is shown after `from` characters. */
  async shows(pattern: RegExp, from = 0, limitMs = 30_000): Promise<string> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const found = pattern.exec(this.text.slice(from));
      if (found) return found[0];
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no ${String(pattern)} in:\n${this.text.slice(from)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

async function open(board: Board): Promise<{ session: ReplSession; screen: Screen }> {
  const screen = new Screen();
  const session = new ReplSession(board, await board.openConsole(), screen);
  session.start();
  await screen.shows(/>>> $/);
  return { session, screen };
}

const paste = (text: string): string => `\x1b[200~${text}\x1b[201~`;

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(`a terminal on ${firmwareVersion}`, { skip: notBuilt, timeout: 120_000 }, () => {
    test('200 pasted lines land right at 115200 baud, and what is typed next comes after', async () => {
      const fast = await startVirtualBoard({ firmwareVersion });
      await fast.stop({ state: true });
      const virtual = await startVirtualBoard({ firmwareVersion, unpaced: false }, fast.state);
      try {
        const { session, screen } = await open(boardOn(virtual));
        const body = Array.from({ length: 98 }, (_, i) => [
          `    if x > ${i}:`,
          `        total += ${i}  # žluťoučký ${i}`,
        ]).flat();
        const source = ['total = 0', 'def f(x):', '    global total', ...body, 'f(1000)'].join(
          '\n',
        );
        assert.equal(source.split('\n').length, 200);
        session.handle(paste(source));
        session.handle("print('total', total)\r");
        await screen.shows(/total 4753\r\n>>> $/, 0, 60_000);
        session.handle(paste("print('ž🐎')"));
        await screen.shows(/\nž🐎\r\n>>> $/);
        assert.doesNotMatch(screen.text, /Error/);
        session.dispose();
      } finally {
        await virtual.stop();
      }
    });

    test('file operations meanwhile show nothing, and a half-typed line is still there', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const board = boardOn(virtual);
        const { session, screen } = await open(board);
        session.handle("name = '\\u017e'; print(name,");
        await screen.shows(/print\(name,$/);
        const before = screen.text;
        const files = new BoardFiles(board);
        await files.write('/a.txt', Buffer.from('x'));
        await files.list('/');
        await board.withRawRepl('Put', job, (repl) => ls(repl, '/', job));
        assert.equal(screen.text, before);
        session.handle(' 7)\x1b[D\x1b[D\x1b[C\x1b[C\r');
        await screen.shows(/ž 7\r\n>>> $/);
        session.dispose();
      });
    });

    test('what is typed during Run is the program’s input', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const board = boardOn(virtual);
        const { session, screen } = await open(board);
        const source = "name = input('who? ')\nprint('hello', name)\n";
        const work = runOnBoard(board, { source, fileName: 'x.py' }, job);
        await screen.shows(/who\? $/);
        session.handle('Ada\r');
        assert.deepEqual(await work, { ok: true });
        assert.match(screen.text, /hello Ada/);
        const from = screen.text.length;
        session.handle('print(6 * 7)\r');
        await screen.shows(/42\r\n>>> $/, from);
        session.dispose();
      });
    });
  });
}

describe('terminals', { skip: notBuilt, timeout: 120_000 }, () => {
  test('a board that goes and comes back at another port is the same terminal', async () => {
    const provider = new Rfc2217Provider();
    const board = new Board(
      { id: 'b', name: 'machine1', virtual: true },
      {
        open: (info, baudRate): Promise<Port> => provider.open(info, { baudRate }),
        rates: () => ({ repl: 115_200, flash: 460_800 }),
      },
    );
    const first = await startVirtualBoard({});
    await first.port.close();
    board.plug(provider.add(first.address));
    const { session, screen } = await open(board);
    session.handle("print('be' + 'fore')\r");
    await screen.shows(/before\r\n>>> $/);
    await first.kill();
    await screen.shows(/the port is gone; waiting for the board to come back/);
    board.plug(undefined);
    const second = await startVirtualBoard({}, first.state);
    try {
      await second.port.close();
      board.plug(provider.add(second.address));
      await screen.shows(/connected again/);
      const from = screen.text.length;
      session.handle("\rprint('af' + 'ter')\r");
      await screen.shows(/after\r\n>>> $/, from);
      assert.match(screen.text, /before/);
      session.dispose();
      await board.close();
    } finally {
      await second.stop();
    }
  });

  test('a watch shows what another view does with the board, and sends nothing', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const board = boardOn(virtual);
      const { session, screen } = await open(board);
      const seen = new Screen();
      const watch = new ReplSession(board, await board.openConsole(), seen, undefined, true);
      watch.start();
      watch.handle("print('never')\r");
      watch.handle('x');
      session.handle("print('for ' + 'both')\r");
      await Promise.all([screen.shows(/for both\r\n>>> $/), seen.shows(/for both\r\n>>> $/)]);
      assert.doesNotMatch(screen.text, /never/);
      assert.equal(seen.text.match(/only watches/g)?.length, 1);
      await runOnBoard(board, { source: "print('a ' + 'run')", fileName: 'x.py' }, job);
      await seen.shows(/a run/);
      // The terminal may go; the watch goes on.
      session.dispose();
      await runOnBoard(board, { source: "print('a ' + 'second')", fileName: 'x.py' }, job);
      await seen.shows(/a second/);
      watch.dispose();
    });
  });

  test('several at once keep to their own board', async () => {
    await withVirtualBoard({}, async (one) => {
      await withVirtualBoard({}, async (two) => {
        const [a, b] = await Promise.all([open(boardOn(one)), open(boardOn(two))]);
        a.session.handle("print('I am ' + 'one')\r");
        b.session.handle("print('I am ' + 'two')\r");
        await Promise.all([a.screen.shows(/I am one/), b.screen.shows(/I am two/)]);
        assert.doesNotMatch(a.screen.text, /I am two/);
        assert.doesNotMatch(b.screen.text, /I am one/);
        a.session.dispose();
        b.session.dispose();
      });
    });
  });

  test('opened while an operation has the board, it connects at its end', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const board = boardOn(virtual);
      const screen = new Screen();
      let session: ReplSession | undefined;
      await board.withRawRepl('Put', job, async () => {
        session = new ReplSession(board, await board.openConsole(), screen);
        session.start();
        session.handle('x');
      });
      assert.match(screen.text, /Put has the board/);
      await screen.shows(/>>> $/);
      session?.dispose();
    });
  });
});
