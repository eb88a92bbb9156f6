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
import { closedText } from './commands/startBroker';
import { t } from '../core/words';

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
  const boards = item('board', t('Parley: Boards'), 30);
  const brokerItem = item('broker', t('Parley: Broker'), 29);
  const messages = item('messages', t('Parley: Messages'), 28);
  const program = item('program', t('Parley: Running Program'), 31);

  const drawBoards = (): void => {
    const all = registry.boards;
    const text = boardStatusText(all);
    boards.text = text ?? '';
    boards.tooltip = [
      ...all.map((board) => `${fullName(board)}: ${boardDescription(board)}`),
      t('Click: open a REPL'),
    ].join('\n');
    boards.command = all.some((b) => b.status !== 'unplugged')
      ? 'parley.openRepl'
      : 'parley.boards.focus';
    show(boards, text !== undefined);
    const running = all.find((board) => programs.fileOn(board.id) !== undefined);
    if (running) {
      program.text = t('$(debug-stop) {fileOn} on {running}', {
        fileOn: programs.fileOn(running.id),
        running: running.name,
      });
      program.tooltip = t('Click: stop the program');
      const command = { title: t('Stop'), command: 'parley.stopProgram' };
      program.command = { ...command, arguments: [{ board: running.id }] };
    }
    const last = running ? undefined : lastEnding(services);
    if (last) {
      const { board, ending } = last;
      program.text = endingText(ending);
      program.tooltip = [
        t('{fileName} on {board}: {error}', {
          fileName: ending.fileName,
          board: board.name,
          error: ending.error ?? ending.state,
        }),
        ending.place
          ? t('Click: go to {file}, line {line}', {
              file: ending.place.file,
              line: ending.place.line,
            })
          : t('Click: show the terminal'),
      ].join('\n');
      const id = ending.place ? 'parley.goToError' : 'parley.openRepl';
      program.command = { title: t('Show'), command: id, arguments: [{ board: board.id }] };
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
    else
      brokerItem.text =
        state === 'off' ? t('$(circle-slash) Broker off') : t('$(broadcast) Broker…');
    brokerItem.tooltip = [
      ...(state === 'running' ? aboutBroker(services) : [t('The MQTT broker is off')]),
      state === 'running' ? t('Click: what can be done with it') : t('Click: start it'),
    ].join('\n');
    brokerItem.backgroundColor = broker.openToNetwork
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
    const recorded = file ? t('Recorded in {file}\n', { file }) : '';
    messages.tooltip = t('{total} messages so far\n{recorded}Click: see the conversation', {
      total: feed.total,
      recorded,
    });
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
    embedded: t('Parley’s broker at {address}, {clients}', {
      address,
      clients: clients(broker.clientIds.length),
    }),
    mosquitto: t('Mosquitto at {address}, {clients}', {
      address,
      clients: clients(broker.clientIds.length),
    }),
    existing: t('The broker at {address}{more}', {
      address,
      more: broker.lost ? t(' is out of reach; it is sought again') : '',
    }),
  }[kind];
  if (kind === 'existing') return [named];
  if (!broker.openToNetwork) {
    return [named, `${t('Only this computer can reach it')}.${closedText(broker.closedBecause)}`];
  }
  return [
    named,
    broker.encrypted
      ? t('Open to everyone on the network who knows the password, over TLS')
      : broker.guarded
        ? t(
            'Open to everyone on the network who knows the password; what is said there is not encrypted',
          )
        : t('Open to everyone on the network, without a password'),
    t('“Close to This Computer Only” is in its menu'),
  ];
}

function show(item: vscode.StatusBarItem, visible: boolean): void {
  if (visible) item.show();
  else item.hide();
}

function clients(count: number): string {
  return count === 1 ? t('1 client') : t('{count} clients', { count });
}
