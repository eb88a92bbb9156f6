#!/usr/bin/env node
/**
 * MicroPython's own compiler as a program, from its WebAssembly build (@pybricks/mpy-cross-v6): for tests
 * on machines that have no mpy-cross. Understands what Parley asks it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// It would ask the network for its own file where there is a fetch.
delete globalThis.fetch;
const { compile } = createRequire(fileURLToPath(import.meta.url))('@pybricks/mpy-cross-v6');
const args = process.argv.slice(2);
if (args[0] === '--version') {
  const { mpy } = await compile('v.py', '0');
  process.stdout.write(`MicroPython (WebAssembly); mpy-cross emitting mpy v${mpy?.[1]}\n`);
  process.exit(0);
}
const from = args.pop();
const to = args.splice(args.indexOf('-o'), 2)[1];
const { status, mpy, err } = await compile('in.py', readFileSync(from, 'utf8'), args);
if (mpy && status === 0) writeFileSync(to, mpy);
process.stderr.write(Array.isArray(err) ? err.join('\n') : String(err ?? ''));
process.exit(status);
