/**
 * Start the Conversation: everything from a blank board to two boards that talk, with one progress.
 * Below: operations/converse. What is asked is asked before the work begins.
 */
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { systemClock } from '../../core/clock';
import { BoardError, isBoardError } from '../../core/errors';
import type { Job } from '../../core/job';
import { startConversation as converse, type ConversationPlan } from '../../operations/converse';
import { chipOf } from '../../operations/look';
import { fullName, listText } from '../boardText';
import { isReady, type Call, type Command } from '../command';
import { compilerFor } from '../compiler';
import { whileStarting } from '../contextKeys';
import { folderOf, sharedFolderFor, valuesFor, wifiFor } from '../folders';
import { pickFirmware } from '../firmwarePicker';
import { loadFirmware, readImage, virtualImage } from '../images';
import { confirm, tell } from '../notify';
import { whileWorking, withJob } from '../progress';
import type { Services } from '../services';
import { t } from '../../core/words';

/** The start that is at work; a second one would fight over the boards. */
let atWork: AbortController | undefined;

/** True while a start is at work: what goes wrong meanwhile, it tells. */
export function isStarting(): boolean {
  return atWork !== undefined;
}

/** Cancels the start that is at work, if there is one. */
export function cancelStart(): void {
  atWork?.abort();
}

export const startConversation: Command = async (services, call) => {
  if (atWork) throw new BoardError('cancelled', 'it is being started already');
  const abort = new AbortController();
  atWork = abort;
  try {
    return await whileStarting(() => start(services, call, abort.signal));
  } finally {
    atWork = undefined;
  }
};

async function start(services: Services, call: Call, stopped: AbortSignal): Promise<unknown> {
  const boards = await participants(services, call);
  const firstReal = boards.find(({ board }) => !board.virtual);
  if (firstReal) await wifiFor(services, firstReal.board, call.options);
  const wipe = new Set(
    boards.filter(({ board }) => call.options.wipe?.includes(board.name)).map((b) => b.board.id),
  );
  const plan = await makePlan(services, call, boards, wipe);
  const names = boards.map(({ board }) => board.name);
  void vscode.commands.executeCommand('parley.conversation.focus');
  for (;;) {
    try {
      const report = await withJob(
        services.activity,
        { title: t('Start the Conversation') },
        (job) => converse(plan, { ...job, signal: either(job.signal, stopped) }),
      );
      const { broker } = services;
      const reach = broker.openToNetwork
        ? t(' Everyone on that network can reach the broker.')
        : '';
      tell(
        t(
          '{names} are talking, through the broker at {address}.{reach} They go on until “Stop the Conversation”.',
          { names: listText(names), address: broker.address, reach },
        ),
        {
          [t('Open Conversation')]: 'parley.showConversation',
          [t('Stop')]: 'parley.stopConversation',
        },
      );
      return { ...report, boards: names, address: broker.address };
    } catch (error) {
      const id = isBoardError(error, 'not-blank') ? error.details['boardId'] : undefined;
      const board = boards.find((candidate) => candidate.board.id === id)?.board;
      if (!board || wipe.has(board.id) || call.options.throws) throw error;
      await confirm(
        t('{board} is not blank and has no MicroPython. Erase it?', { board: fullName(board) }),
        t('Everything on it is wiped, then MicroPython is flashed. This cannot be undone.'),
        t('Erase {board}', { board: board.name }),
      );
      wipe.add(board.id);
    }
  }
}

interface Participant {
  readonly board: Board;
  readonly folder: string;
}

/**
 * Every ready board that has a folder. Without any, two virtual boards are offered.
 * @throws BoardError no-folder, cancelled
 */
async function participants(services: Services, call: Call): Promise<Participant[]> {
  const found: Participant[] = [];
  for (const board of services.registry.boards) {
    const folder = isReady(board) ? await folderOf(services, board) : undefined;
    if (folder) found.push({ board, folder });
  }
  if (found.length > 1) return found;
  const ready = services.registry.boards.filter(isReady);
  if (ready.length > found.length + 1 || (ready.length > 1 && found.length === 0)) {
    const alone = ready.find((board) => !found.some((f) => f.board === board));
    throw new BoardError('no-folder', 'boards are here that no folder belongs to', {
      details: { board: alone?.name },
    });
  }
  if (!call.options.confirm) {
    const answer = await vscode.window.showInformationMessage(
      t('A conversation takes two boards with a folder each. Add two virtual boards?'),
      {
        modal: true,
        detail: t('They run real MicroPython in this computer; nothing else is needed.'),
      },
      t('Add Two Virtual Boards'),
    );
    if (!answer) throw new BoardError('cancelled', 'no boards');
  }
  await whileWorking(t('Starting two virtual boards'), () =>
    services.sources.addVirtual(['machine1', 'machine2']),
  );
  return participants(services, { ...call, options: { ...call.options, confirm: true } });
}

async function makePlan(
  services: Services,
  call: Call,
  boards: readonly Participant[],
  wipe: ReadonlySet<string>,
): Promise<ConversationPlan> {
  const { broker, feed, log } = services;
  const shared = await sharedFolderFor(services, boards[0]!.folder);
  return {
    boards,
    ...(shared ? { sharedFolder: shared } : {}),
    compiler: await compilerFor(services),
    wipe,
    firmwareFor: async (board, job) => {
      if (board.virtual) return readImage(virtualImage(services, board));
      const { file } = call.options;
      const chip = await chipOf(board, job);
      return file
        ? readImage(file)
        : loadFirmware(services, await pickFirmware(services, board, chip), job);
    },
    valuesFor: (board) => valuesFor(services, board, call.options),
    ensureBroker: async () => {
      await broker.ensure();
      for (const { board } of boards) broker.mustReach(board);
    },
    refused: broker.onRefused,
    selfCheck: async () => void (await broker.selfCheck()),
    messages: feed.onMessage,
    step: (text) => log.info(text),
    clock: systemClock,
  };
}

/** A signal that is aborted as soon as one of the two is. */
function either(one: Job['signal'], other: AbortSignal): AbortSignal {
  return AbortSignal.any([one, other]);
}
