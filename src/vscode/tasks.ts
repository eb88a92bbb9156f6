/**
 * Tasks of `type: "parley"`: put, sync, run, flash, reset, for keys and for a CI. One for each board
 * and folder is offered by itself.
 * Below: taskPlan.ts and the commands. Above: extension.ts.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../core/event';
import { folderOf } from './folders';
import { runCommand } from './notify';
import type { Services } from './services';
import { planTask, taskName, type TaskDefinition } from './taskPlan';
import { t } from '../core/words';

const TYPE = 'parley';

export function registerTasks(services: Services): Disposable {
  return vscode.tasks.registerTaskProvider(TYPE, {
    provideTasks: async () => {
      const found: vscode.Task[] = [];
      for (const board of services.registry.boards) {
        if (!(await folderOf(services, board))) continue;
        for (const command of ['put', 'sync', 'reset']) {
          found.push(taskFor(services, { type: TYPE, command, board: board.name }));
        }
      }
      return found;
    },
    resolveTask: (task) => taskFor(services, task.definition, task.scope),
  });
}

function taskFor(
  services: Services,
  definition: TaskDefinition,
  scope: vscode.Task['scope'] = vscode.TaskScope.Workspace,
): vscode.Task {
  const run = new vscode.CustomExecution(() =>
    Promise.resolve(new TaskTerminal(services, definition)),
  );
  return new vscode.Task(definition, scope, taskName(definition), 'Parley', run, '$parley');
}

/** Shows what the board prints and how it ended; closing it stops a program that it runs. */
class TaskTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly ended = new vscode.EventEmitter<number>();
  private watching: Disposable | undefined;
  private done = false;
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.ended.event;

  constructor(
    private readonly services: Services,
    private readonly definition: TaskDefinition,
  ) {}

  open(): void {
    void this.run();
  }

  close(): void {
    this.watching?.dispose();
    const { command, board } = this.definition;
    if (command === 'run' && !this.done) void runCommand('parley.stopProgram', { board });
  }

  /** Ctrl-C ends the program that runs. */
  handleInput(text: string): void {
    if (text === '\x03') this.close();
  }

  private async run(): Promise<void> {
    const plan = planTask(this.definition, absolute);
    if (typeof plan === 'string') return this.end(plan, 2);
    const board = this.services.registry.boards.find(({ name }) => name === plan.options.board);
    this.watching = board?.onConsole((bytes) => {
      if (this.definition['command'] === 'run') this.written.fire(Buffer.from(bytes).toString());
    });
    try {
      const report = await runCommand(plan.command, plan.options);
      const failed = (report as { ok?: boolean } | undefined)?.ok === false;
      this.end(failed ? t('The program raised.') : t('Done.'), failed ? 1 : 0);
    } catch (error) {
      // Commands that are told to throw throw an Error whose message is the sentence.
      this.end((error as Error).message, 1);
    }
  }

  private end(sentence: string, code: number): void {
    this.done = true;
    this.watching?.dispose();
    this.written.fire(`\r\n${sentence}\r\n`);
    this.ended.fire(code);
  }
}

function absolute(file: string): string {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return root && !path.isAbsolute(file) ? path.join(root, file) : file;
}
