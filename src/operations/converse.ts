/**
 * Start the Conversation: everything from a blank board to two boards that talk, in one go.
 * Below: erase, flash, put, reset. Above: the command and `npm start -- --terminal`; the broker and
 * what is heard come in from there, so that nothing here knows MQTT.
 */
import { about } from '../board/about';
import type { Board } from '../board/board';
import type { Clock } from '../core/clock';
import type { Event } from '../core/event';
import { BoardError, isBoardError } from '../core/errors';
import { orCancelled, throwIfCancelled, withProgress, type Job } from '../core/job';
import { readBoardInfo } from '../micropython/info';
import { flashBoard, type Firmware } from './flash';
import type { ProvisionValues } from './provision';
import type { Compiler } from './compile';
import { macOf, putFolder } from './putFolder';
import { t } from '../core/words';

export interface ConversationPlan {
  readonly boards: readonly { readonly board: Board; readonly folder: string }[];
  readonly sharedFolder?: string;
  /** Compiles the files on their way. */
  readonly compiler?: Compiler | undefined;
  /** Ids of boards that may be wiped although they hold something that is not MicroPython. */
  readonly wipe: ReadonlySet<string>;
  /** The firmware for a board without MicroPython. @throws BoardError no-firmware */
  firmwareFor(board: Board, job: Job): Promise<Firmware>;
  valuesFor(board: Board): Promise<ProvisionValues>;
  /** Starts the broker unless it runs. */
  ensureBroker(): Promise<void>;
  /** Subscribe, publish, see it. */
  selfCheck(): Promise<void>;
  /** Every message the broker sees, with the client that said it. */
  readonly messages: Event<{ readonly topic: string; readonly clientId?: string }>;
  /** Clients that the broker did not let in. */
  readonly refused?: Event<{ readonly clientId?: string; readonly named?: boolean }>;
  /** Told of each step as it begins and of what was skipped: "machine1: MicroPython is there". */
  step?(text: string): void;
  readonly clock: Clock;
}

export interface ConversationReport {
  /** Every step in the words that `step` was told. */
  readonly steps: readonly string[];
}

/** Where MQTT clients go when a program names no port (IANA: mqtt). */
const MQTT_PORT = 1883;
/** How long a board may take from its reset to its first word, in milliseconds. */
const FIRST_WORD_MS = 60_000;
/** How long a look at a board for its prompt may take, in milliseconds. */
const LOOK_MS = 6_000;

/**
 * Brings every board of the plan to talk. What is done already is skipped and said.
 * @throws BoardError not-blank { boardId } for a real board that holds something else;
 *   no-conversation when a board says nothing; board-refused when the broker does not let it in; and what the single steps throw. The error's
 *   `details.board` names the board of the step.
 */
export async function startConversation(
  plan: ConversationPlan,
  job: Job,
): Promise<ConversationReport> {
  const steps: string[] = [];
  const step = (text: string): void => {
    steps.push(text);
    plan.step?.(text);
    job.progress.report({ message: text });
    throwIfCancelled(job);
  };
  for (const { board } of plan.boards) {
    await about(board, () => ensureMicroPython(board, plan, step, job));
  }
  step(t('Broker: starting'));
  await orCancelled(job, plan.ensureBroker());
  await orCancelled(job, plan.selfCheck());
  step(t('Broker: answers'));
  for (const { board, folder } of plan.boards) {
    await about(board, () => putOnto(board, folder, plan, step, job));
  }
  await listen(plan, step, job);
  return { steps };
}

async function ensureMicroPython(
  board: Board,
  plan: ConversationPlan,
  step: (text: string) => void,
  job: Job,
): Promise<void> {
  step(t('{board}: looking for MicroPython', { board: board.name }));
  const version = await micropythonVersion(board, job);
  if (version) {
    step(
      t('{board}: MicroPython {version} is there, nothing to flash', {
        board: board.name,
        version,
      }),
    );
    return;
  }
  const firmware = await plan.firmwareFor(board, job);
  const mayWipe = board.virtual || plan.wipe.has(board.id);
  if (
    !mayWipe &&
    !(await board.withBootloader('Looking for MicroPython', job, (l) => l.isBlank(job)))
  ) {
    throw new BoardError('not-blank', `${board.name} holds something that is not MicroPython`, {
      details: { boardId: board.id },
    });
  }
  step(
    t('{board}: erasing and flashing {firmware}', { board: board.name, firmware: firmware.name }),
  );
  const inner = withProgress(job, (update) =>
    job.progress.report({ ...update, message: `${board.name}: ${update.message ?? 'flashing'}` }),
  );
  const report = await flashBoard(board, { ...firmware, eraseFirst: true }, inner);
  const seconds = (report.milliseconds / 1000).toFixed(1);
  step(
    t('{board}: {firmware} written and verified in {seconds} s', {
      board: board.name,
      firmware: firmware.name,
      seconds,
    }),
  );
}

/** The version at the board's prompt, or undefined where there is no MicroPython. */
async function micropythonVersion(board: Board, job: Job): Promise<string | undefined> {
  try {
    const look = { deadlineMs: LOOK_MS };
    const info = await board.withRawRepl(
      'Looking for MicroPython',
      job,
      (r) => readBoardInfo(r, job),
      look,
    );
    board.learn({ mac: macOf(info.uniqueId), micropython: info.version });
    return info.version;
  } catch (error) {
    if (isBoardError(error, 'no-micropython')) return undefined;
    throw error;
  }
}

async function putOnto(
  board: Board,
  folder: string,
  plan: ConversationPlan,
  step: (text: string) => void,
  job: Job,
): Promise<void> {
  step(t('{board}: putting its files', { board: board.name }));
  const inner = withProgress(job, (update) =>
    job.progress.report({ ...update, message: `${board.name}: ${update.message ?? 'putting'}` }),
  );
  const shared = plan.sharedFolder ? { sharedFolder: plan.sharedFolder } : {};
  const values = await plan.valuesFor(board);
  const report = await putFolder(
    board,
    { folder, values, compiler: plan.compiler, ...shared },
    inner,
  );
  const skipped =
    report.skipped.length > 0 ? t(', {skipped} unchanged', { skipped: report.skipped.length }) : '';
  step(
    t('{board}: {sent} files put{skipped}', {
      board: board.name,
      sent: report.sent.length,
      skipped,
    }),
  );
  const names = Object.values(report.filled).flat();
  if (values.mqtt_password !== undefined && !names.includes('mqtt_password')) {
    step(
      t(
        '{board}: its files have no "mqtt_user = …" and "mqtt_password = …" to fill in; the broker asks for both',
        { board: board.name },
      ),
    );
  }
  if (values.tls && !board.virtual && !names.includes('mqtt_ca')) {
    step(
      t(
        '{board}: its files have no "mqtt_ca = …" to fill in; the broker lets nobody in from the network without TLS',
        { board: board.name },
      ),
    );
  }
  const { mqtt_port: port = MQTT_PORT } = values;
  if (port !== MQTT_PORT && !names.includes('mqtt_port')) {
    step(
      t('{board}: its files have no "mqtt_port = …" to fill in; the broker is on {port}', {
        board: board.name,
        port,
      }),
    );
  }
}

/** Resets every board and waits until each has said its first word. */
async function listen(
  plan: ConversationPlan,
  step: (text: string) => void,
  job: Job,
): Promise<void> {
  const silent = new Map(plan.boards.map(({ board }) => [uniqueIdOf(board), board]));
  let allHeard: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => (allHeard = resolve));
  const subscription = plan.messages(({ clientId }) => {
    for (const [id, board] of silent) {
      if (!id || !clientId?.toLowerCase().includes(id)) continue;
      silent.delete(id);
      plan.step?.(t('{board}: talks', { board: board.name }));
    }
    if (silent.size === 0) allHeard();
  });
  let timer: { dispose(): void } | undefined;
  let refusals: { dispose(): void } | undefined;
  try {
    const keptOut = new Promise<never>((_, reject) => {
      refusals = plan.refused?.(({ clientId, named }) => {
        const found = [...silent].find(([id]) => id && clientId?.toLowerCase().includes(id));
        if (!found) return;
        const details = {
          board: found[1].name,
          ...(named === undefined ? {} : { named: named ? 'yes' : 'no' }),
        };
        reject(new BoardError('board-refused', 'the broker lets a board not in', { details }));
      });
    });
    keptOut.catch(() => undefined);
    for (const { board } of plan.boards) {
      await about(board, async () => {
        step(t('{board}: resetting', { board: board.name }));
        await board.reset(job);
      });
    }
    step(t('Waiting for the first words'));
    const tooLate = new Promise<never>((_, reject) => {
      timer = plan.clock.after(FIRST_WORD_MS, () => {
        const [board] = silent.values();
        const details = { board: board?.name, seconds: FIRST_WORD_MS / 1000 };
        reject(new BoardError('no-conversation', 'a board is silent', { details }));
      });
    });
    await orCancelled(job, Promise.race([heard, tooLate, keptOut]));
    step(t('The conversation runs'));
  } finally {
    timer?.dispose();
    refusals?.dispose();
    subscription.dispose();
  }
}

function uniqueIdOf(board: Board): string {
  return (board.facts.mac ?? board.id).replace(/:/g, '');
}
