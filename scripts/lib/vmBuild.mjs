/**
 * What a build makes of a virtual board's MicroPython, so that no start of a board has to: its VM made
 * fit, and its built-in modules compiled. A board starts in about half the time.
 * Below: src/virtual/vmImage.ts, mpy-cross. Above: webpack.config.js.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import mpyCross from '@pybricks/mpy-cross-v6';
import { buildSync } from 'esbuild';
import { root } from './paths.mjs';

const require = createRequire(import.meta.url);
/** The module that the VM runs as text at each start, before it can import anything. */
const BOOT = '_boot.py';

/** The VM to run, from the module as published. @param {Buffer} published */
export function makeVmImage(published) {
  const { outputFiles } = buildSync({
    entryPoints: [path.join(root, 'src/virtual/vmImage.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, {}, require);
  return Buffer.from(module.exports.makeVmImage(published));
}

/** The name under which a built-in module is kept. @param {string} file */
export const moduleName = (file) => (file === BOOT ? file : file.replace(/\.py$/, '.mpy'));

/**
 * Starts the compiler. Its WebAssembly build would ask the network for its own file where there is a
 * fetch, and listens for what goes wrong in this process; both are kept from it.
 */
function startCompiler(...args) {
  const { fetch } = globalThis;
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => process.listeners(event));
  delete globalThis.fetch;
  try {
    return mpyCross.compile(...args);
  } finally {
    globalThis.fetch = fetch;
    events.forEach((event, n) => {
      for (const listener of process.listeners(event))
        if (!before[n].includes(listener)) process.off(event, listener);
    });
  }
}

/**
 * A built-in module as it is kept: compiled, and with the name that a traceback is searched for.
 * @param {Buffer} source
 * @param {string} file its path below the folder of the modules, with slashes
 */
export async function compileModule(source, file) {
  if (file === BOOT) return source;
  const name = path.basename(file);
  const options = ['-s', `/rom/${file}`];
  const { status, mpy, err } = await startCompiler(name, source.toString('utf8'), options);
  if (status !== 0 || !mpy) throw new Error(`${file} does not compile: ${err.join('\n')}`);
  return Buffer.from(mpy);
}
