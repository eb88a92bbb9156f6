/**
 * Mocha, told to write each result the moment it is known, so that a run that hangs still says
 * where. Below: mocha. Above: index.ts.
 */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Mocha from 'mocha';

export interface RunOptions {
  /** A file that gets one JSON object a line; without it results go to the console. */
  results?: string;
  /** Only tests whose full title contains this. */
  grep?: string;
}

type Result =
  | { event: 'start' | 'pass'; name: string }
  | { event: 'fail'; name: string; error: string }
  | { event: 'pending'; name: string; reason: string }
  | { event: 'end' };

/** Results go out as they come; mocha itself has nothing to print. */
class Silent extends Mocha.reporters.Base {
  override epilogue(): void {}
}

/** How long a test may take unless it says otherwise with this.timeout, in milliseconds. */
const defaultTimeoutMs = 30_000;

/** Runs test files. Rejects with the number of failures when there are any. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<void> {
  const say = (result: Result) => {
    const line = JSON.stringify(result);
    if (options.results) appendFileSync(options.results, `${line}\n`);
    else console.log(line);
  };
  const mocha = new Mocha({ ui: 'bdd', timeout: defaultTimeoutMs, reporter: Silent });
  if (options.grep) mocha.fgrep(options.grep);
  const load = createRequire(__filename);
  for (const file of files) {
    // Mocha's own loader tries import() first, where the host's `vscode` module is not to be had.
    mocha.suite.emit('pre-require', globalThis, file, mocha);
    try {
      mocha.suite.emit('require', load(file), file, mocha);
    } catch (error) {
      say({ event: 'fail', name: file, error: String((error as Error).stack ?? error) });
      say({ event: 'end' });
      throw error;
    }
    mocha.suite.emit('post-require', globalThis, file, mocha);
  }
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on('test', (test) => say({ event: 'start', name: test.fullTitle() }))
      .on('pass', (test) => say({ event: 'pass', name: test.fullTitle() }))
      .on('fail', (test, error: Error) =>
        say({ event: 'fail', name: test.fullTitle(), error: error.stack ?? String(error) }),
      )
      .on('pending', (test) =>
        say({ event: 'pending', name: test.fullTitle(), reason: why(test) }),
      );
  });
  say({ event: 'end' });
  if (failures > 0) throw new Error(`${failures} of the extension tests failed.`);
}

/** A skipped test says why in its title after a dash: `it.skip('reads a board - set PARLEY_…')`. */
function why(test: Mocha.Test): string {
  return / - (.+)$/.exec(test.title)?.[1] ?? 'skipped';
}
