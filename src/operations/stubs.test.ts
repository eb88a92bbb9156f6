import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, describe, test } from 'node:test';
import { copyStubs, isMicroPython, stubVersion, wiredPyrightConfig, wiredSettings } from './stubs';

const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});
async function temporary(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-stubs-'));
  folders.push(folder);
  return folder;
}

const places = { stubPath: '.vscode/micropython', libraries: ['lib'] };

describe('stubs', () => {
  test('MicroPython is known by a module that only a board has', () => {
    for (const source of [
      'import machine',
      'import time\nimport network\n',
      'from machine import Pin, PWM',
      'import os, machine as m',
      'try:\n    import usocket as socket\nexcept ImportError: pass',
      'from umqtt.simple import MQTTClient',
    ]) {
      assert.equal(isMicroPython(source), true, source);
    }
    for (const source of [
      '',
      'import os, sys, time, asyncio, json',
      '# import machine',
      "print('import machine')",
      'import machinery\nimport dhtml',
      'from my.machine import x',
    ]) {
      assert.equal(isMicroPython(source), false, source);
    }
  });

  test('settings keep what a person has', () => {
    const before = {
      'editor.tabSize': 2,
      'python.analysis.extraPaths': ['mine'],
      'python.analysis.diagnosticSeverityOverrides': { reportMissingModuleSource: 'error', x: 'y' },
    };
    const text = wiredSettings(JSON.stringify(before, undefined, '\t'), places);
    assert.ok(text !== undefined && text.includes('\n\t"editor.tabSize": 2'));
    assert.deepEqual(JSON.parse(text), {
      'editor.tabSize': 2,
      'python.analysis.extraPaths': ['mine', 'lib'],
      'python.analysis.diagnosticSeverityOverrides': { reportMissingModuleSource: 'error', x: 'y' },
      'python.analysis.stubPath': '.vscode/micropython',
    });
    assert.equal(wiredSettings(text, places), text, 'a second time changes nothing');
    assert.ok(wiredSettings('', places)?.includes('"reportMissingModuleSource": "none"'));
  });

  test('a pyrightconfig.json keeps what it has; one with comments is left to the person', () => {
    const text = wiredPyrightConfig('{\n    "strict": ["a"],\n    "extraPaths": ["b"]\n}', places);
    assert.deepEqual(JSON.parse(text ?? ''), {
      reportMissingModuleSource: false,
      strict: ['a'],
      extraPaths: ['b', 'lib'],
      stubPath: '.vscode/micropython',
    });
    assert.ok(text?.includes('\n    "strict"'));
    for (const odd of ['// mine\n{}', '[]', 'null', '{']) {
      assert.equal(wiredPyrightConfig(odd, places), undefined, odd);
      assert.equal(wiredSettings(odd, places), undefined, odd);
    }
  });

  test('newer stubs take the place of older ones, and nobody else’s', async () => {
    const target = await temporary();
    const old = await temporary();
    await writeFile(path.join(old, 'gone.pyi'), '');
    await writeFile(path.join(old, 'machine.pyi'), 'old');
    assert.equal(await stubVersion(target), undefined);
    await copyStubs(old, target, '0.0.1');
    await writeFile(path.join(target, 'mine.pyi'), 'mine');
    assert.equal(await stubVersion(target), '0.0.1');
    await copyStubs('stubs', target, '0.1.0');
    assert.equal(await stubVersion(target), '0.1.0');
    const names = await readdir(target, { recursive: true });
    assert.ok(!names.includes('gone.pyi'));
    assert.ok(names.includes('mine.pyi') && names.includes(path.join('umqtt', 'simple.pyi')));
    assert.match(await readFile(path.join(target, 'machine.pyi'), 'utf8'), /class Pin/);
  });

  test('a mark that names files elsewhere removes none of them', async () => {
    const home = await temporary();
    const target = path.join(home, 'stubs');
    const outside = path.join(home, 'mine.pyi');
    await copyStubs('stubs', target, '1');
    await writeFile(outside, 'mine');
    const mark = { version: '1', files: ['../mine.pyi', outside, '..\\mine.pyi', 7] };
    await writeFile(path.join(target, 'parley-stubs.json'), JSON.stringify(mark));
    await copyStubs('stubs', target, '2');
    assert.equal(await readFile(outside, 'utf8'), 'mine');
  });
});
