/**
 * diagnostics: one archive with what a maintainer asks for, without what is private.
 * Below: operations/diagnostics, terminal/journal. Above: cli.ts.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import type { Command } from 'commander';
import { findProgram } from '../../core/findProgram';
import { archiveName, tail, writeDiagnostics } from '../../operations/diagnostics';
import { portLine } from '../../port/port';
import type { Context } from '../context';
import { LOG_FILE, keptOperations } from '../journal';
import { t } from '../../core/words';

export function addDiagnosticsCommand(program: Command, context: () => Context): void {
  program
    .command('diagnostics')
    .description(
      t('one archive for an issue report: versions, ports, logs, operations; no secrets'),
    )
    .argument('[file]', t('the archive; parley-diagnostics-DATE.zip here where nothing is said'))
    .action(async (given?: string) => {
      const run = context();
      const file = path.resolve(given ?? archiveName(new Date()));
      const files = await run.withSession(async (session) => {
        const folder = session.stateFolder;
        const log = await tail(path.join(folder, LOG_FILE)).catch(() => '');
        const from = {
          versions: await versions(run.root),
          ports: (await session.ports()).map(portLine),
          boards: [],
          operations: await keptOperations(folder),
          settings: {},
          logs: { [LOG_FILE]: log },
        };
        return writeDiagnostics(file, from, { home: homedir() });
      });
      run.say(t('Diagnostics are in {file}. Look through it before you send it.', { file }));
      run.result({ file, files }, file);
    });
}

async function versions(root: string): Promise<string[]> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8').catch(() => '{}');
  const { version } = JSON.parse(text) as { version?: string };
  const programs = ['mosquitto', 'mpy-cross'].map(async (name) => {
    const found = await findProgram(name, { configured: '', usual: ['/usr/sbin'] });
    return `${name}: ${found ?? 'not found'}`;
  });
  return [
    `Parley ${version ?? 'unknown'}, command line`,
    `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    ...(await Promise.all(programs)),
  ];
}
