import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { planTask, taskCommands, taskName } from './taskPlan';

const resolve = (path: string): string => `/ws/${path}`;
const plan = (definition: object): unknown => planTask({ type: 'parley', ...definition }, resolve);

describe('tasks', () => {
  test('become commands that ask nothing', () => {
    assert.deepEqual(plan({ command: 'put', board: 'machine1', folder: 'machine1' }), {
      command: 'parley.putFolder',
      options: { board: 'machine1', throws: true, folder: '/ws/machine1' },
    });
    assert.deepEqual(plan({ command: 'sync', board: 'a' }), {
      command: 'parley.syncFolder',
      options: { board: 'a', throws: true, remove: [] },
    });
    assert.deepEqual(plan({ command: 'flash', board: 'a', file: 'x.bin' }), {
      command: 'parley.flashBoard',
      options: { board: 'a', throws: true, file: '/ws/x.bin', eraseFirst: false, confirm: true },
    });
  });

  test('what is missing is said', () => {
    assert.match(String(plan({ board: 'a' })), /one of put, sync, run, flash, reset/);
    assert.match(String(plan({ command: 'format', board: 'a' })), /one of/);
    assert.match(String(plan({ command: 'put' })), /name of a board/);
    assert.match(String(plan({ command: 'run', board: 'a' })), /needs “file”/);
  });

  test('have a name', () => {
    assert.equal(taskName({ type: 'parley', command: 'put', board: 'machine1' }), 'put machine1');
    const run = { type: 'parley', command: 'run', board: 'machine1', file: 'lib/blink.py' };
    assert.equal(taskName(run), 'run blink.py on machine1');
  });

  test('the manifest knows the same commands, and its problem matcher reads a traceback', () => {
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: {
        taskDefinitions: { properties: { command: { enum: string[] } } }[];
        problemMatchers: { pattern: { regexp: string }[] }[];
      };
    };
    assert.deepEqual(contributes.taskDefinitions[0]?.properties.command.enum, [...taskCommands]);
    const [where, what] = contributes.problemMatchers[0]!.pattern.map((p) => new RegExp(p.regexp));
    const found = where!.exec('  File "lib/x.py", line 12, in <module>');
    assert.deepEqual([found?.[1], found?.[2]], ['lib/x.py', '12']);
    assert.equal(
      what!.exec('ZeroDivisionError: divide by zero')?.[1],
      'ZeroDivisionError: divide by zero',
    );
    assert.equal(what!.exec('OSError: [Errno 2] ENOENT')?.[1], 'OSError: [Errno 2] ENOENT');
    assert.equal(what!.exec('  File "x.py", line 3, in f'), null);
  });
});
