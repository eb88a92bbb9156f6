/**
 * The stubs that editors complete and check MicroPython with, held to pyright (Microsoft's checker,
 * which Pylance is made of): all Python that Parley ships is right by them, and a wrong call is not.
 * Below: stubs/, snippets/, firmware/. Above: npm test. Nothing is asked of the network.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { pyrightSettings } from '../../src/operations/stubs';

interface Report {
  readonly generalDiagnostics: readonly {
    readonly file: string;
    readonly severity: 'error' | 'warning' | 'information';
    readonly message: string;
    readonly rule?: string;
    readonly range: { readonly start: { readonly line: number } };
  }[];
  readonly summary: { readonly filesAnalyzed: number };
}

const scratch: string[] = [];
after(() => scratch.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** What pyright says of these files, with the stubs wired as Parley wires them. */
async function check(files: Readonly<Record<string, string>>): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-stubs-'));
  scratch.push(folder);
  cpSync('stubs', join(folder, '.vscode', 'micropython'), { recursive: true });
  cpSync('firmware/lib', join(folder, 'lib'), { recursive: true });
  cpSync('firmware/projects/lib', join(folder, 'lib'), { recursive: true });
  for (const name of ['asyncio', 'ring']) {
    cpSync(`firmware/projects/${name}/lib`, join(folder, 'lib'), { recursive: true });
  }
  const settings = pyrightSettings({}, { stubPath: '.vscode/micropython', libraries: ['lib'] });
  writeFileSync(join(folder, 'pyrightconfig.json'), JSON.stringify(settings));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(resolve(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const program = resolve('node_modules/pyright/index.js');
  const output = await new Promise<string>((done, failed) =>
    execFile(
      process.execPath,
      [program, '--outputjson', '--pythonversion', '3.12', '--project', folder],
      { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, PYRIGHT_PYTHON_IGNORE_WARNINGS: '1' } },
      // It ends with 1 where it finds errors; that is what is read here.
      (error, stdout) => (stdout ? done(stdout) : failed(error ?? new Error('it says nothing'))),
    ),
  );
  return JSON.parse(output) as Report;
}

/** How the library itself is written, which the stubs have no part in: `self.sock = None` at first. */
const OF_STYLE = /^reportOptional|^reportPossiblyUnbound/;

const said = ({ generalDiagnostics }: Report): string[] =>
  generalDiagnostics
    .filter(
      ({ severity, rule = '', file }) =>
        severity !== 'information' && !(/[\\/]lib[\\/]/.test(file) && OF_STYLE.test(rule)),
    )
    .map(
      ({ file, range, message, rule }) =>
        `${relative(scratch.at(-1) ?? '', file)}:${range.start.line + 1} ${message.split('\n')[0]} (${rule})`,
    );

/** A board runs boot.py and main.py one after the other with the same names: they are one program. */
function programsIn(folder: string, boot = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'lib' || entry.name === 'virtual') continue;
    const read = (name: string): string => {
      try {
        return readFileSync(join(folder, entry.name, name), 'utf8');
      } catch {
        return '';
      }
    };
    const main = read('main.py');
    if (!main) continue;
    found[`${entry.name}/program.py`] = `${read('boot.py') || boot}\n${main}`;
    // What it imports from beside it.
    for (const name of readdirSync(join(folder, entry.name))) {
      if (/^(?!boot|main).*\.py$/.test(name)) found[`${entry.name}/${name}`] = read(name);
    }
  }
  return found;
}

/** Each snippet as the editor inserts it. */
function snippets(): Record<string, string> {
  const all = JSON.parse(readFileSync('snippets/micropython.json', 'utf8')) as Record<
    string,
    { body: string[] }
  >;
  const gap = /\$\{\d+:([^}]*)\}|\$\{\d+\|([^,|]*)[^}]*\|\}|\$\d/g;
  return Object.fromEntries(
    Object.values(all).map(({ body }, at) => [
      `snippets/s${at}.py`,
      body.join('\n').replace(gap, (_, value?: string, first?: string) => value ?? first ?? ''),
    ]),
  );
}

describe('the stubs', { concurrency: 1 }, () => {
  test('are right in themselves', async () => {
    const stubs: Record<string, string> = {};
    for (const name of readdirSync('stubs', { recursive: true, encoding: 'utf8' })) {
      // Where they lie they are taken for what they describe; as sources they are checked.
      if (name.endsWith('.pyi'))
        stubs[`checked/${name}`] = readFileSync(join('stubs', name), 'utf8');
    }
    const report = await check(stubs);
    assert.ok(report.summary.filesAnalyzed >= 40);
    assert.deepEqual(said(report), []);
  });

  test('know all that the snippets, the tutorial and the projects use', async () => {
    const boot = readFileSync('firmware/machine1/boot.py', 'utf8');
    const projects: Record<string, string> = {};
    for (const name of readdirSync('firmware/projects')) {
      if (name === 'lib') continue;
      Object.assign(projects, programsIn(join('firmware/projects', name), boot));
    }
    const files = { ...snippets(), ...programsIn('firmware'), ...projects };
    assert.ok(Object.keys(files).length >= 13 + 2 + 9, String(Object.keys(files)));
    const report = await check(files);
    assert.ok(report.summary.filesAnalyzed >= Object.keys(files).length);
    assert.deepEqual(said(report), []);
  });

  test('find what is wrong', async () => {
    const wrong = [
      "machine.Pin(2, 'out')",
      'machine.Pin()',
      'machine.Pin(2).turn_on()',
      'time.sleep_ms()',
      "time.sleep('1')",
      'time.tick_ms()',
      "os.path.join('a', 'b')",
      "network.WLAN(network.STA_IF).conect('x')",
      'neopixel.NeoPixel(5, 8)',
      "umqtt.simple.MQTTClient('id')",
      'asyncio.sleep_ms()',
      'gc.mem_free() + "x"',
    ];
    const head = 'import asyncio, gc, machine, neopixel, network, os, time\nimport umqtt.simple\n';
    const report = await check({ 'wrong.py': head + wrong.join('\n') + '\n' });
    const lines = report.generalDiagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ range }) => range.start.line - 2);
    assert.deepEqual(
      wrong.filter((_, at) => !lines.includes(at)),
      [],
    );
  });
});
