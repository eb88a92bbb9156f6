/**
 * The facts that `when` clauses of the manifest look at, kept current.
 * Below: services. Above: extension.ts.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { systemClock } from '../core/clock';
import { DisposableStore, type Disposable } from '../core/event';
import { SCHEME, boardOfUri } from './boardUri';
import { contextKeyNames, type ContextKeyName } from './commandTable';
import type { Services } from './services';

/**
 * VS Code registers a walkthrough when one is first shown, and never ticks what was so already at that
 * moment. Each tick therefore waits for `parley.stepsShown` too, which comes so much later.
 */
const STEPS_KNOWN_MS = 2000;

/** Set while Start the Conversation is at work. */
let conversationStarting = 0;
const starting = new vscode.EventEmitter<void>();

/** Runs `work` with `parley.conversationStarting` set. */
export async function whileStarting<T>(work: () => Promise<T>): Promise<T> {
  conversationStarting++;
  starting.fire();
  try {
    return await work();
  } finally {
    conversationStarting--;
    starting.fire();
  }
}

export function keepContextKeys(services: Services): Disposable {
  const { registry, broker, programs, recordings, plots, terminals, settings, feed } = services;
  const known = new Map<ContextKeyName, boolean>();
  const openBoard = (): Board | undefined => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    return uri?.scheme === SCHEME ? boardOfUri(registry, uri)?.board : undefined;
  };
  const terminalBoard = (): Board | undefined => {
    const terminal = vscode.window.activeTerminal;
    return terminal && terminals.boardOf(terminal);
  };
  let stepsShown = false;
  const update = (): void => {
    const boards = registry.boards;
    const here = boards.filter((b) => b.status !== 'unplugged');
    const ready = boards.filter((b) => b.status === 'idle' || b.status === 'open');
    const values: Record<ContextKeyName, boolean> = {
      'parley.untrusted': !vscode.workspace.isTrusted,
      'parley.hasBoards': here.length > 0,
      'parley.hasReadyBoards': ready.length > 0,
      'parley.hasVirtualBoards': boards.some((b) => b.virtual),
      'parley.hasNetworkBoards': settings.networkBoards.length > 0,
      'parley.brokerRunning': broker.running,
      'parley.programRunning': programs.count > 0,
      'parley.hasError': boards.some((b) => programs.endingOn(b.id)?.place !== undefined),
      'parley.conversationStarting': conversationStarting > 0,
      'parley.openBoardRuns': openBoard()?.activity === 'running',
      'parley.recording': recordings.file !== undefined,
      'parley.plotting': plots.count > 0,
      'parley.boardTerminal': terminalBoard() !== undefined,
      'parley.twoBoards': here.length >= 2,
      'parley.flashed': here.length > 0 && here.every((b) => b.facts.micropython),
      // A virtual board is in the air of an open network and asks for nothing.
      'parley.hasWifi':
        settings.wifiSsid !== '' || (here.length > 0 && here.every((b) => b.virtual)),
      'parley.boardsTalk': known.get('parley.boardsTalk') || talking(services) >= 2,
      'parley.youSpoke': broker.spoken,
      'parley.stepsShown': stepsShown,
    };
    for (const name of contextKeyNames) {
      if (known.get(name) === values[name]) continue;
      known.set(name, values[name]);
      void vscode.commands.executeCommand('setContext', name, values[name]);
    }
  };
  const store = new DisposableStore();
  // Boards change in bursts; one look after each burst is enough.
  let waiting: Disposable | undefined;
  const soon = (): void => {
    waiting ??= systemClock.after(30, () => {
      waiting = undefined;
      update();
    });
  };
  store.add({ dispose: () => waiting?.dispose() });
  for (const event of [registry.onDidChange, broker.onDidChange, programs.onDidChange]) {
    store.add(event(soon));
  }
  const hearing = feed.onMessage(() => {
    if (known.get('parley.boardsTalk')) hearing.dispose();
    else soon();
  });
  store.add(hearing);
  store.add(settings.onDidChange('parley.wifi', soon));
  store.add(starting.event(update));
  store.add(recordings.onDidChange(update));
  store.add(plots.onDidChange(update));
  store.add(vscode.window.onDidChangeActiveTerminal(soon));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(update));
  store.add(vscode.window.onDidChangeActiveTextEditor(update));
  let awaited: Disposable | undefined;
  const lookForSteps = (): void => {
    // A walkthrough is a tab of a kind that extensions are not told.
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    if (!tabs.some(({ input }) => input === undefined)) return;
    awaited ??= systemClock.after(STEPS_KNOWN_MS, () => {
      stepsShown = true;
      update();
    });
  };
  store.add(vscode.window.tabGroups.onDidChangeTabs(lookForSteps));
  store.add({ dispose: () => awaited?.dispose() });
  lookForSteps();
  update();
  return store;
}

/** How many boards have said something. */
function talking({ feed }: Services): number {
  return feed.model.speakers.filter(({ boardId, messages }) => boardId && messages > 0).length;
}
