/**
 * Three short texts at the bottom: board, broker, messages a second. A click does the obvious.
 * Below: services, boardText. Above: extension.ts.
 */
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../core/event';
import { boardDescription, boardStatusText, endingText, fullName } from './boardText';
import type { Board } from '../board/board';
import type { Ending } from './programs';
import type { Services } from './services';

/** The rate is of the last seconds; it must also fall when nothing comes. Milliseconds. */
const RATE_MS = 1000;

export function createStatusBar(services: Services): Disposable {
  const { registry, broker, programs, feed } = services;
  const store = new DisposableStore();
  const item = (id: string, name: string, priority: number): vscode.StatusBarItem => {
    const made = vscode.window.createStatusBarItem(
      `parley.${id}`,
      vscode.StatusBarAlignment.Left,
      priority,
    );
    made.name = name;
    return store.add(made);
  };
  const boards = item('board', 'Parley: Boards', 30);
  const brokerItem = item('broker', 'Parley: Broker', 29);
  const messages = item('messages', 'Parley: Messages', 28);
  const program = item('program', 'Parley: Running Program', 31);

  const drawBoards = (): void => {
    const all = registry.boards;
    const text = boardStatusText(all);
    boards.text = text ?? '';
    boards.tooltip = [
      ...all.map((board) => `${fullName(board)}: ${boardDescription(board)}`),
      'Click: open a REPL',
    ].join('\n');
    boards.command = all.some((b) => b.status !== 'unplugged')
      ? 'parley.openRepl'
      : 'parley.boards.focus';
    show(boards, text !== undefined);
    const running = all.find((board) => programs.fileOn(board.id) !== undefined);
    if (running) {
      program.text = `$(debug-stop) ${programs.fileOn(running.id)} on ${running.name}`;
      program.tooltip = 'Click: stop the program';
      const command = { title: 'Stop', command: 'parley.stopProgram' };
      program.command = { ...command, arguments: [{ board: running.id }] };
    }
    const last = running ? undefined : lastEnding(services);
    if (last) {
      const { board, ending } = last;
      program.text = endingText(ending);
      program.tooltip = [
        `${ending.fileName} on ${board.name}: ${ending.error ?? ending.state}`,
        ending.place
          ? `Click: go to ${ending.place.file}, line ${ending.place.line}`
          : 'Click: show the terminal',
      ].join('\n');
      const id = ending.place ? 'parley.goToError' : 'parley.openRepl';
      program.command = { title: 'Show', command: id, arguments: [{ board: board.id }] };
    }
    program.backgroundColor =
      last?.ending.state === 'error'
        ? new vscode.ThemeColor('statusBarItem.errorBackground')
        : undefined;
    show(program, running !== undefined || last !== undefined);
    drawBroker();
  };
  const drawBroker = (): void => {
    const { state, kind } = broker;
    const icon = broker.lost ? '$(warning)' : kind === 'existing' ? '$(globe)' : '$(broadcast)';
    if (state === 'running') brokerItem.text = `${icon} ${broker.address}`;
    else brokerItem.text = state === 'off' ? '$(circle-slash) Broker off' : '$(broadcast) Broker…';
    brokerItem.tooltip = [
      ...(state === 'running' ? aboutBroker(services) : ['The MQTT broker is off']),
      state === 'running' ? 'Click: what can be done with it' : 'Click: start it',
    ].join('\n');
    brokerItem.backgroundColor =
      broker.openToNetwork && !broker.guarded
        ? new vscode.ThemeColor('statusBarItem.warningBackground')
        : undefined;
    brokerItem.command = broker.running ? 'parley.brokerMenu' : 'parley.startBroker';
    show(brokerItem, registry.boards.length > 0 || state !== 'off');
    drawMessages();
  };
  const drawMessages = (): void => {
    const rate = feed.messagesPerSecond;
    messages.text = `$(comment-discussion) ${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
    const { file } = services.recordings;
    if (file) messages.text = `$(record) ${messages.text}`;
    const recorded = file ? `Recorded in ${file}\n` : '';
    messages.tooltip = `${feed.total} messages so far\n${recorded}Click: see the conversation`;
    messages.command = 'parley.conversation.focus';
    show(messages, broker.running);
  };
  for (const event of [registry.onDidChange, programs.onDidChange]) store.add(event(drawBoards));
  store.add(broker.onDidChange(drawBroker));
  store.add(broker.onClient(drawBroker));
  const timer = setInterval(drawMessages, RATE_MS);
  store.add({ dispose: () => clearInterval(timer) });
  drawBoards();
  return store;
}

/** The newest ending of a board that is still there. */
function lastEnding(services: Services): { board: Board; ending: Ending } | undefined {
  return services.registry.boards
    .filter((board) => board.status !== 'unplugged')
    .flatMap((board) => {
      const ending = services.programs.endingOn(board.id);
      return ending ? [{ board, ending }] : [];
    })
    .sort((a, b) => b.ending.at - a.ending.at)[0];
}

/** Which broker, where, who is there, and who could be. */
function aboutBroker({ broker }: Services): string[] {
  const { address, kind } = broker;
  const named = {
    embedded: `Parley’s broker at ${address}, ${clients(broker.clientIds.length)}`,
    mosquitto: `Mosquitto at ${address}, ${clients(broker.clientIds.length)}`,
    existing: `The broker at ${address}${broker.lost ? ' is out of reach; it is sought again' : ''}`,
  }[kind];
  if (kind === 'existing') return [named];
  if (!broker.openToNetwork) return [named, 'Only this computer can reach it'];
  return [
    named,
    `Everyone on the network can reach it${broker.guarded ? ', with a password' : ', without a password'}`,
  ];
}

function show(item: vscode.StatusBarItem, visible: boolean): void {
  if (visible) item.show();
  else item.hide();
}

function clients(count: number): string {
  return count === 1 ? '1 client' : `${count} clients`;
}
