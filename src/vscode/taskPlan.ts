/**
 * What a task of `type: "parley"` in tasks.json asks for. Below: nothing of `vscode`. Above: tasks.ts.
 */
import type { CommandId } from './commandTable';
import type { CommandOptions } from './options';
import { t } from '../core/words';

/** As tasks.json says it; anything may be missing or of another type. */
export interface TaskDefinition {
  readonly type: string;
  readonly [property: string]: unknown;
}

export interface TaskPlan {
  readonly command: CommandId;
  readonly options: CommandOptions;
}

export const taskCommands = ['put', 'sync', 'run', 'flash', 'reset'] as const;
type TaskCommand = (typeof taskCommands)[number];

const commands: Readonly<Record<TaskCommand, CommandId>> = {
  put: 'parley.putFolder',
  sync: 'parley.syncFolder',
  run: 'parley.runFile',
  flash: 'parley.flashBoard',
  reset: 'parley.resetBoard',
};

/**
 * The command and its options. A task asks nothing: it is for keys and for a CI.
 * @returns a sentence where the definition is no task of ours
 */
export function planTask(
  definition: TaskDefinition,
  resolve: (path: string) => string,
): TaskPlan | string {
  const { command, board, file, folder, erase } = definition;
  const known = taskCommands.find((name) => name === command);
  if (!known)
    return t('“command” of a parley task is one of {commands}.', {
      commands: taskCommands.join(', '),
    });
  if (typeof board !== 'string' || board === '') {
    return t(
      '“board” of a parley task is the name of a board in the Boards view, such as machine1.',
    );
  }
  const needsFile = known === 'run' || known === 'flash';
  if (needsFile && typeof file !== 'string') {
    return t('A parley task with “command”: “{command}” needs “file”.', { command: known });
  }
  const options: CommandOptions = {
    board,
    throws: true,
    ...(typeof file === 'string' ? { file: resolve(file) } : {}),
    ...(typeof folder === 'string' ? { folder: resolve(folder) } : {}),
    // Never without being told: a flash keeps what it can, a sync deletes nothing.
    ...(known === 'flash' ? { eraseFirst: erase === true, confirm: true } : {}),
    ...(known === 'sync' ? { remove: [] } : {}),
  };
  return { command: commands[known], options };
}

/** "put machine1", "run blink.py on machine1". */
export function taskName({ command, board, file }: TaskDefinition): string {
  if (typeof file !== 'string') return `${String(command)} ${String(board)}`;
  const name = file.split(/[\\/]/).pop() ?? file;
  return t('{command} {name} on {board}', { command, name, board });
}
