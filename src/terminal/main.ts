/**
 * `npm start -- --terminal`: the conversation without a window, on the same operations.
 * Below: board, operations, broker, conversation. Above: scripts/start.mjs runs it as
 * `node dist/terminal.js`. Also makes the example workspace (`--make-example DIR`).
 */
import './inLanguage';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { isBoardError } from '../core/errors';
import { explain, withCode } from '../core/explain';
import { makeExampleWorkspace } from '../operations/exampleWorkspace';
import { converse } from './converse';
import { t } from '../core/words';
import { Screen } from './screen';

const usage = (): string =>
  t(`Usage: node dist/terminal.js [options]
  --make-example DIR   copy the example workspace to DIR and end
  --workspace DIR      the folder with machine1/, machine2/ and lib/ (default .example/two-boards)
  --state DIR          where the virtual boards keep their flash (default .parley/terminal)
  --port N             the broker's port (default 1883)
  --messages N         end after N messages of the boards (default: until Ctrl-C)
  --unpaced            bytes move as fast as they can, not at the line's rate`);

async function main(): Promise<number> {
  const root = path.resolve(__dirname, '..');
  const { values } = parseArgs({
    options: {
      'make-example': { type: 'string' },
      workspace: { type: 'string', default: path.join(root, '.example', 'two-boards') },
      state: { type: 'string', default: path.join(root, '.parley', 'terminal') },
      port: { type: 'string', default: '1883' },
      messages: { type: 'string' },
      unpaced: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage()}\n`);
    return 0;
  }
  if (values['make-example'] !== undefined) {
    await makeExampleWorkspace(path.join(root, 'firmware'), path.resolve(values['make-example']));
    return 0;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort());
  }
  const screen = new Screen(process.stdout);
  try {
    await makeExampleWorkspace(path.join(root, 'firmware'), path.resolve(values.workspace));
    await converse(
      {
        root,
        workspace: path.resolve(values.workspace),
        state: path.resolve(values.state),
        brokerPort: Number(values.port),
        unpaced: values.unpaced,
        ...(values.messages ? { messages: Number(values.messages) } : {}),
      },
      screen,
      abort.signal,
    );
    return 0;
  } catch (error) {
    if (isBoardError(error, 'cancelled') && abort.signal.aborted) return 0;
    const board = isBoardError(error) ? error.details['board'] : undefined;
    const { sentence } = explain(error, board === undefined ? 'Parley' : String(board));
    screen.line(withCode(sentence, error));
    return 1;
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(2);
  },
);
