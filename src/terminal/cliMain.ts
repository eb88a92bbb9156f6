/**
 * The program `parley`: the streams and signals of a process around cli.ts. Above: package.json's `bin`.
 */
import './inLanguage';
import * as path from 'node:path';
import { main } from './cli';

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => abort.abort());
}
// `parley ls | head`: the reader went away, and nobody is left to be told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

void main(process.argv.slice(2), {
  root: path.resolve(__dirname, '..'),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: abort.signal,
}).then((code) => {
  // What is still in the pipe is written before the process ends.
  process.stdout.write('', () => process.exit(code));
});
