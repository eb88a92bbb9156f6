/**
 * Stop: from whatever a board runs to its prompt, step by step, within one deadline. First Ctrl-C, in
 * bursts; where that is swallowed, EN with Ctrl-C while the board boots.
 * Below: Board's raw REPL bracket, esp/reset. Above: the Stop command and runOnBoard.ts.
 */
import type { Board } from '../board/board';
import { systemClock, type Clock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { hardReset } from '../esp/reset';
import { ask } from '../micropython/boardCode';
import { RawRepl, type EnterOptions } from '../micropython/rawRepl';
import type { Port } from '../port/port';
import { t } from '../core/words';

export interface StopOptions {
  /** For all of it, in ms. Default 30 s. */
  readonly deadlineMs?: number;
  /** Ctrl-C was tried already: begin with EN. */
  readonly fromBoot?: boolean;
}

export interface StopReport {
  readonly by: 'Ctrl-C' | 'EN';
  /** After EN: the files that run at each start, the one that would take the prompt again first. */
  readonly startsAgain: readonly string[];
}

const DEADLINE_MS = 30_000;
/** Time for Ctrl-C alone: all rounds of seekPrompt and a few more. */
const CTRL_C_MS = 6000;
/** Time after EN in which boot.py begins: ROM, bootloader and MicroPython itself take about 1 s. */
const BOOT_MS = 3000;
/**
 * The Ctrl-C while it boots: dense, so that one hits the first lines of boot.py or main.py, or the
 * handler of the one before. 16 bytes take 1.4 ms at 115200 baud: the line keeps up with all gaps.
 */
const BOOT_BURST = new Uint8Array(16).fill(0x03);
const BOOT_GAPS_MS = [2, 3, 2, 5] as const;
/** Time for the prompt once it has booted. */
const AFTER_BOOT_MS = 5000;

/**
 * Stops what the board runs. It tells each step to the job's progress and to the board's console.
 * @throws BoardError prompt-timeout details { reason: 'locked', seconds } when nothing helps;
 *   no-micropython for a blank board; cancelled; port-lost
 */
export async function stopBoard(
  board: Board,
  job: Job,
  options: StopOptions = {},
): Promise<StopReport> {
  let by: StopReport['by'] = 'Ctrl-C';
  const heard = { text: '' };
  const enter = (port: Port, settings: EnterOptions): Promise<RawRepl> =>
    escalate(
      port,
      settings,
      job,
      options,
      (message) => {
        by = 'EN';
        board.note(message);
        job.progress.report({ message });
      },
      heard,
    );
  job.progress.report({ message: 'Ctrl-C' });
  return board.withRawRepl(
    'Stop',
    job,
    async (repl) => ({ by, startsAgain: by === 'EN' ? await starters(repl, job, heard.text) : [] }),
    { enter },
  );
}

async function escalate(
  port: Port,
  settings: EnterOptions,
  job: Job,
  { deadlineMs = DEADLINE_MS, fromBoot = false }: StopOptions,
  pressingEn: (message: string) => void,
  heard: { text: string },
): Promise<RawRepl> {
  const clock = settings.clock ?? systemClock;
  const start = clock.now();
  const left = (): number => start + deadlineMs - clock.now();
  let failure: unknown;
  if (!fromBoot) {
    try {
      return await RawRepl.enter(
        port,
        { ...settings, deadlineMs: Math.min(CTRL_C_MS, left()) },
        job,
      );
    } catch (error) {
      if (!mayBeProgram(error)) throw error;
      failure = error;
    }
  }
  for (let attempt = 1; left() > BOOT_MS; attempt++) {
    throwIfCancelled(job);
    pressingEn(
      attempt === 1
        ? t('the program does not stop on Ctrl-C; pressing EN, with Ctrl-C while the board boots')
        : t('pressing EN again (attempt {attempt})', { attempt }),
    );
    const deadline = Math.min(AFTER_BOOT_MS, left() - BOOT_MS);
    try {
      await bootWithCtrlC(port, clock, job, heard);
      return await RawRepl.enter(port, { ...settings, deadlineMs: deadline }, job);
    } catch (error) {
      if (!mayBeProgram(error)) throw error;
      failure = error;
    }
  }
  // Nothing at all, even after EN: there is no program to be blamed.
  if (isBoardError(failure, 'no-micropython')) throw failure;
  throw new BoardError('prompt-timeout', 'neither Ctrl-C nor EN led to the prompt', {
    cause: failure,
    details: { reason: 'locked', seconds: Math.round(deadlineMs / 1000) },
  });
}

/** Silence too: a loop that has shut Ctrl-C out says nothing. The ROM's boot loop is no program. */
function mayBeProgram(error: unknown): boolean {
  if (isBoardError(error, 'prompt-timeout')) return true;
  return isBoardError(error, 'no-micropython') && error.details.reason === 'silent';
}

/** EN, then Ctrl-C again and again until the prompt shows or boot.py has had its time. */
async function bootWithCtrlC(
  port: Port,
  clock: Clock,
  job: Job,
  heard: { text: string },
): Promise<void> {
  heard.text = '';
  const subscription = port.onData((bytes) => {
    heard.text = (heard.text + Buffer.from(bytes).toString('latin1')).slice(-4000);
  });
  try {
    await hardReset(port, clock);
    const end = clock.now() + BOOT_MS;
    for (let i = 0; clock.now() < end && !/(^|[\r\n])>>> /.test(heard.text); i++) {
      throwIfCancelled(job);
      await port.write(BOOT_BURST);
      await clock.sleep(BOOT_GAPS_MS[i % BOOT_GAPS_MS.length] ?? 2);
    }
  } finally {
    subscription.dispose();
  }
}

/**
 * Ctrl-C may have hit what mounts the file system (firmware before 1.20 lets it): then it is mounted
 * here, without the formatting that the firmware's own start would do to one it cannot read.
 */
const startersCode = `
O=M('os')
try:
 O.stat('/')
 n=[e[0] for e in O.ilistdir('/')]
 if not n:
  O.statvfs('/')
except Exception:
 try:
  import flashbdev
  O.mount(flashbdev.bdev,'/')
  n=[e[0] for e in O.ilistdir('/')]
 except Exception:
  n=[]
say([x for x in n if x in ('boot.py','main.py')])
`;

async function starters(repl: RawRepl, job: Job, heard: string): Promise<string[]> {
  const [names] = (await ask(repl, startersCode, job)) as string[][];
  const hit = [...heard.matchAll(/File "\/?((?:boot|main)\.py)", line/g)].at(-1)?.[1];
  return (names ?? []).sort().sort((a, b) => Number(b === hit) - Number(a === hit));
}
