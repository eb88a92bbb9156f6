/**
 * What virtual boards cost this computer: one that boots, idles, spins; then thirty that talk to
 * each other through Parley's own broker. Reads /proc, so it runs on Linux.
 * Below: dist/virtual/main.js, broker/embedded. Above: `npm run bench -- virtual`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { silentLog } from '../../src/core/log';

const BOARDS = 30;
const IMAGE = 'dist/firmware/parley-virtual-esp32.bin';
/** Clock ticks of /proc/PID/stat in a second: 100 on every Linux that Node runs on. */
const TICKS = 100;

class BenchBoard {
  said = '';
  private constructor(
    readonly child: ChildProcess,
    readonly socket: Socket,
    private readonly state: string,
    readonly bootMs: number,
  ) {
    socket.on('data', (bytes: Buffer) => (this.said += bytes.toString('latin1')));
  }

  /** Starts a board with MicroPython in its flash; resolves at its prompt. */
  static async start(...more: string[]): Promise<BenchBoard> {
    const state = mkdtempSync(join(tmpdir(), 'parley-bench-'));
    const flash = Buffer.alloc(0x40_0000, 0xff);
    readFileSync(IMAGE).copy(flash, 0x1000);
    writeFileSync(join(state, 'flash.bin'), flash);
    const args = ['dist/virtual/main.js', '--name', 'bench', '--state', state, '--unpaced'];
    const begun = performance.now();
    const child = spawn(process.execPath, [...args, ...more], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const port = await new Promise<number>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event = JSON.parse(line) as { event: string; port?: number };
        if (event.event === 'listening') resolve(event.port!);
      });
    });
    const socket = connect(port, '127.0.0.1');
    const board = new BenchBoard(child, socket, state, 0);
    // Where we came late, the prompt was printed for nobody; it is asked for again.
    const ask = setInterval(() => socket.write('\r'), 250);
    await board.until('>>> ').finally(() => clearInterval(ask));
    return Object.assign(board, { bootMs: performance.now() - begun });
  }

  /** Starts a program at the prompt; it prints "go" when it has begun. */
  async launch(program: string): Promise<void> {
    this.socket.write(`\x05${program}\x04`);
    await this.until('\ngo\r\n');
  }

  async until(text: string): Promise<void> {
    while (!this.said.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.said}`);
      if (this.said.includes('Traceback')) throw new Error(this.said);
      await wait(1);
    }
    this.said = '';
  }

  /** Seconds of CPU it has used so far, and its memory in MB now. */
  get cpu(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  /** Proportional: what processes share is counted once among them. */
  get memory(): number {
    const text = readFileSync(`/proc/${this.child.pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) / 1024;
  }

  /** Percent of a core over `ms`. */
  async load(ms: number): Promise<number> {
    const [cpu, start] = [this.cpu, performance.now()];
    await wait(ms);
    return ((this.cpu - cpu) * 100_000) / (performance.now() - start);
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.socket.destroy();
    this.child.stdin!.end();
    await gone;
    rmSync(this.state, { recursive: true, force: true });
  }
}

/**
 * What a board is granted; the bench ends with 1 where one is over. Times are for a computer that does
 * nothing else.
 */
function within(what: string, value: number, limit: number): void {
  if (value <= limit) return;
  console.log(`  OVER: ${what}: ${value.toFixed(1)}, ${limit} are granted`);
  process.exitCode = 1;
}

const JOIN =
  "import network, time\nw = network.WLAN(0); w.active(True); w.connect('Parley', '')\nwhile not w.isconnected(): time.sleep_ms(10)\n";

const polling = (port: number, me: number, other: number): string => `${JOIN}
from umqtt.simple import MQTTClient
c = MQTTClient('b${me}', '127.0.0.1', ${port}, keepalive=60)
def on(topic, msg): c.publish('to/${other}', msg)
c.set_callback(on); c.connect(); c.subscribe('to/${me}')
print('go')
while True: c.check_msg()
`;

async function one(): Promise<void> {
  const boots: number[] = [];
  for (let n = 0; n < 5; n++) {
    const board = await BenchBoard.start();
    boots.push(board.bootMs);
    await board.stop();
  }
  boots.sort((a, b) => a - b);
  console.log(
    `  process start to prompt: ${boots[2]!.toFixed(0)} ms (median of 5, ${boots[0]!.toFixed(0)} to ${boots[4]!.toFixed(0)})`,
  );
  within('ms from the start of the process to the prompt', boots[2]!, 300);
  const board = await BenchBoard.start('--share', '25');
  await wait(1000);
  const [idle, memory] = [await board.load(5000), board.memory];
  console.log(`  at the prompt: ${idle.toFixed(1)} % of a core, ${memory.toFixed(0)} MB`);
  within('% of a core at the prompt', idle, 1);
  within('MB of a board', memory, 60);
  await board.launch('print("go")\nwhile True: pass\n');
  await wait(2000);
  const spun = await board.load(5000);
  console.log(`  while True: pass, share of 25 %: ${spun.toFixed(1)} % of a core`);
  within('% of a core with a share of 25 %', spun, 30);
  await board.stop();
  const broker = await startEmbeddedBroker({ hosts: ['127.0.0.1'], port: 0, log: silentLog });
  for (const share of ['50', '5']) {
    const polled = await BenchBoard.start('--share', share);
    await polled.launch(polling(broker.port, 0, 1));
    await wait(1000);
    const load = (await polled.load(5000)).toFixed(1);
    console.log(`  while True: check_msg(), share of ${share} %: ${load} % of a core`);
    await polled.stop();
  }
  await broker.stop();
}

/** A ring of boards, each of which passes on what it hears. */
async function classroom(): Promise<void> {
  const broker = await startEmbeddedBroker({ hosts: ['127.0.0.1'], port: 0, log: silentLog });
  let messages = 0;
  broker.onMessage(() => messages++);
  const begun = performance.now();
  const boards = await Promise.all(Array.from({ length: BOARDS }, () => BenchBoard.start()));
  const started = performance.now() - begun;
  await Promise.all(
    boards.map((board, n) => board.launch(polling(broker.port, n, (n + 1) % BOARDS))),
  );
  const ready = performance.now() - begun;
  // Ten messages on their way at any time.
  const starter = await BenchBoard.start();
  await starter.launch(`${JOIN}
from umqtt.simple import MQTTClient
c = MQTTClient('starter', '127.0.0.1', ${broker.port}); c.connect()
for n in range(0, ${BOARDS}, 3): c.publish('to/%d' % n, 'hello')
c.disconnect()
print('go')
`);
  await starter.stop();
  await wait(1000);
  const [before, cpu, start] = [messages, boards.map((board) => board.cpu), performance.now()];
  await wait(10_000);
  const seconds = (performance.now() - start) / 1000;
  const used = boards.reduce((sum, board, n) => sum + board.cpu - cpu[n]!, 0) / seconds;
  const memory = boards.reduce((sum, board) => sum + board.memory, 0);
  const rate = (messages - before) / seconds;
  const end = performance.now();
  await Promise.all(boards.map((board) => board.stop()));
  within(`MB of each of ${BOARDS} boards`, memory / BOARDS, 60);
  if (rate === 0) within('seconds without a message', Infinity, 10);
  console.log(
    `  ${BOARDS} boards: at the prompt after ${(started / 1000).toFixed(1)} s, in the conversation after ${(ready / 1000).toFixed(1)} s; ` +
      `${rate.toFixed(0)} messages a second, ${(used * 100).toFixed(0)} % of a core and ${memory.toFixed(0)} MB together; ` +
      `stopped in ${((performance.now() - end) / 1000).toFixed(1)} s`,
  );
  await broker.stop();
}

async function main(): Promise<void> {
  if (process.platform !== 'linux') return console.log('  reads /proc: Linux only');
  await one();
  await classroom();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
