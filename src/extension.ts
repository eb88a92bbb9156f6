/**
 * The composition root: makes the window's objects, registers what is seen, starts what was
 * running. Below: src/vscode. Above: VS Code. Everything heavy loads when it is first used.
 */
import './vscode/language';
import * as vscode from 'vscode';
import { DisposableStore } from './core/event';
import { createApi, type ParleyApi } from './vscode/api';
import { answerQuestions } from './vscode/askedFor';
import { BoardFileSystem } from './vscode/boardFileSystem';
import { BoardTree } from './vscode/boardTree';
import { registerCommands } from './vscode/commands';
import { keepContextKeys } from './vscode/contextKeys';
import { registerConversationView } from './vscode/conversation';
import { tellError } from './vscode/notify';
import { registerPutOnSave } from './vscode/putOnSave';
import { createServices, type Services } from './vscode/services';
import { startOnOpen } from './vscode/startOnOpen';
import { tellRefusals } from './vscode/refusals';
import { registerStubs } from './vscode/stubs';
import { createStatusBar } from './vscode/statusBar';
import { registerCellLenses } from './vscode/cellLens';
import { registerTasks } from './vscode/tasks';
import { offerTerminalCommand } from './vscode/terminalCommand';
import { registerTracebackLinks } from './vscode/terminalLinks';

let running: { services: Services; owned: DisposableStore } | undefined;

export function activate(context: vscode.ExtensionContext): ParleyApi {
  const owned = new DisposableStore();
  const services = createServices(context, owned);
  running = { services, owned };
  owned.add(BoardFileSystem.register(services));
  owned.add(new BoardTree(services));
  owned.add(createStatusBar(services));
  owned.add(registerConversationView(services));
  owned.add(registerTracebackLinks(services));
  owned.add(registerCellLenses());
  owned.add(registerPutOnSave(services));
  owned.add(registerTasks(services));
  owned.add(registerStubs(services));
  owned.add(keepContextKeys(services));
  owned.add(registerCommands(services));
  owned.add(answerQuestions(services));
  owned.add(
    services.broker.onFailure((error) =>
      tellError(services, error, undefined, () => services.broker.ensure()),
    ),
  );
  owned.add(tellRefusals(services));
  owned.add(
    services.registry.onTrouble(({ board, error }) => tellError(services, error, board, undefined)),
  );
  owned.add(
    services.virtual.onUnexpectedEnd(({ name, error }) =>
      tellError(services, error, undefined, () => services.virtual.start(name)),
    ),
  );
  owned.add(services.sources.onDidSync(() => void startOnOpen(services)));
  owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void start(services)));
  void start(services);
  void offerTerminalCommand(services);
  return createApi(services);
}

/** Virtual boards end with their flash written, the broker frees its port, ports are closed. */
export async function deactivate(): Promise<void> {
  if (!running) return;
  const { services, owned } = running;
  running = undefined;
  await services.broker.leave();
  await services.history.close();
  await services.virtual.stopAll();
  await services.registry.close();
  owned.dispose();
}

/**
 * What takes time: not waited for by VS Code. Runs again when the workspace becomes trusted; before
 * that no broker, no virtual board and no conversation starts.
 */
async function start(services: Services): Promise<void> {
  // What was said before stands above what is said now.
  await services.feed.begin(services.history.load());
  try {
    // The broker first: boards that boot find it at once.
    if (vscode.workspace.isTrusted) await services.broker.restore();
  } catch (error) {
    tellError(services, error, undefined, () => services.broker.ensure());
  }
  try {
    await services.sources.sync();
  } catch (error) {
    tellError(services, error, undefined, undefined);
  }
}
