/**
 * Why Do They Not Talk: looks at the broker and at every board, says the first thing that is wrong and
 * mends it with one click, then looks again; all findings are a list away.
 * Below: operations/examine and diagnose.
 */
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { isBoardError } from '../../core/errors';
import { withProgress, type Job } from '../../core/job';
import {
  diagnose,
  type BoardLook,
  type BrokerLook,
  type Finding,
  type Remedy,
} from '../../operations/diagnose';
import { examine } from '../../operations/examine';
import type { Call, Command } from '../command';
import type { CommandId } from '../commandTable';
import { runCommand, sentenceFor, tell, tellError } from '../notify';
import { withJob } from '../progress';
import type { Services } from '../services';
import { t } from '../../core/words';

/** What a remedy is called on a button, and the command that is it. */
const remedies: Readonly<Record<Exclude<Remedy, 'stopAndLook'>, [string, CommandId]>> = {
  startBroker: [t('Start Broker'), 'parley.startBroker'],
  checkBroker: [t('Choose Another Broker'), 'parley.chooseBroker'],
  plugIn: [t('Show Me'), 'parley.plugInHelp'],
  flash: [t('Flash MicroPython'), 'parley.flashBoard'],
  put: [t('Put Its Files'), 'parley.putFolder'],
  setWifi: [t('Set the Password'), 'parley.setWifiPassword'],
  reset: [t('Reset'), 'parley.resetBoard'],
  openTerminal: [t('Open REPL'), 'parley.openRepl'],
};
const STOP_AND_LOOK = t('Stop and Look');
const SHOW_ALL = t('Show All');

export const doctor: Command = async (services, call) => {
  const findings = await look(services, call, new Set());
  if (!call.options.throws) void show(services, call, findings).catch(failed(services));
  return { findings };
};

/** @param stop ids of boards whose program may be stopped */
function look(services: Services, call: Call, stop: ReadonlySet<string>): Promise<Finding[]> {
  return withJob(services.activity, { title: t('Why do they not talk?') }, async (job) => {
    job.progress.report({ message: t('the broker') });
    const broker = await lookAtBroker(services);
    const boards: BoardLook[] = [];
    for (const board of call.board ? [call.board] : services.registry.boards) {
      const inner = withProgress(job, () => undefined);
      job.progress.report({ message: board.name });
      boards.push(await lookAtBoard(services, board, stop.has(board.id), inner));
    }
    return diagnose(broker, boards);
  });
}

async function lookAtBroker(services: Services): Promise<BrokerLook> {
  const { broker, feed } = services;
  const tells = feed.listening !== undefined;
  if (!broker.running) return { address: '', tells };
  try {
    return { address: broker.address, tells, check: await broker.selfCheck() };
  } catch (error) {
    return { address: broker.address, tells, check: sentenceFor(services, error) };
  }
}

async function lookAtBoard(
  services: Services,
  board: Board,
  stop: boolean,
  job: Job,
): Promise<BoardLook> {
  const { feed, settings } = services;
  const { name, virtual } = board;
  const ssid = settings.wifiSsid || (virtual ? settings.virtualSsid : '');
  const target = targetFor(services, board);
  const about = { name, virtual, ssid, ...(target ? { target } : {}) };
  const subscribed = feed.listening?.get(board.id);
  // A program that was stopped leaves its connection open: the prompt knows better.
  if (subscribed && !stop && board.activity !== 'prompt') return { ...about, subscribed };
  return { ...about, found: await examine(board, { ...(target ? { target } : {}), stop }, job) };
}

/** Where `board` should find the broker; undefined while none runs or it has no way to it. */
function targetFor({ broker }: Services, board: Board): { host: string; port: number } | undefined {
  if (!broker.running) return undefined;
  try {
    return { host: broker.addressFor(board), port: broker.port };
  } catch (error) {
    if (isBoardError(error, 'broker-address')) return undefined;
    throw error;
  }
}

/** Says the first thing that is wrong, mends it where asked, and looks again. */
async function show(
  services: Services,
  call: Call,
  findings: readonly Finding[],
  before = new Set<string>(),
): Promise<void> {
  const wrong = findings.find(({ state }) => state === 'bad') ?? findings.find(isNotGood);
  if (!wrong) {
    const sentence = t('The broker works and every board is connected to it and listens.');
    tell(sentence, { [t('Open Conversation')]: 'parley.showConversation' });
    return;
  }
  const label = labelOf(wrong);
  const answer = await vscode.window.showWarningMessage(
    wrong.sentence,
    ...(label ? [label] : []),
    SHOW_ALL,
  );
  if (answer === SHOW_ALL) {
    const chosen = await showAll(findings);
    if (chosen) await mend(services, call, chosen, before);
  } else if (answer === label && answer !== undefined) await mend(services, call, wrong, before);
}

async function mend(
  services: Services,
  call: Call,
  { board: name, remedy }: Finding,
  stopped: Set<string>,
): Promise<void> {
  const board = services.registry.boards.find((candidate) => candidate.name === name);
  if (remedy === 'stopAndLook' && board) stopped.add(board.id);
  else if (remedy && remedy !== 'stopAndLook') {
    const done = await runCommand(remedies[remedy][1], ...(board ? [{ board: board.id }] : []));
    // Not done, or it is up to the person now.
    if (done === undefined || remedy === 'plugIn' || remedy === 'openTerminal') return;
    if (remedy === 'reset' || remedy === 'setWifi') return;
  }
  const findings = await look(services, call, stopped);
  await show(services, call, findings, stopped);
}

/** All findings; one with a remedy can be chosen. */
async function showAll(findings: readonly Finding[]): Promise<Finding | undefined> {
  const icons = { good: '$(pass)', bad: '$(error)', unknown: '$(question)' };
  const items = findings.map((finding) => {
    const { board, state, sentence } = finding;
    const mends = labelOf(finding);
    return {
      label: `${icons[state]} ${board ?? t('Broker')}`,
      ...(mends ? { description: `$(wrench) ${mends}` } : {}),
      detail: sentence,
      finding,
    };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Why do they not talk?'),
    placeHolder: t('Choose a line with a wrench to mend it'),
    matchOnDetail: true,
  });
  return picked?.finding.remedy ? picked.finding : undefined;
}

/** What its remedy is called on a button; undefined where it has none. */
function labelOf({ remedy }: Finding): string | undefined {
  return remedy === 'stopAndLook' ? STOP_AND_LOOK : remedy && remedies[remedy][0];
}

function isNotGood({ state }: Finding): boolean {
  return state !== 'good';
}

function failed(services: Services): (error: unknown) => void {
  return (error) => tellError(services, error, undefined, undefined);
}
