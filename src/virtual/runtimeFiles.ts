/**
 * What a board's MicroPython is made of: the thread's program, the VM and the built-in modules.
 * Below: the build (webpack.config.js). Above: runtime.ts.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the worker, the VM and the modules lie: beside the bundle that runs. */
export interface RuntimeFiles {
  readonly worker: string;
  /** What makeVmImage (vmImage.ts) has made of the published module. */
  readonly image: string;
  readonly modules: string;
}

/** The files as the build lays them out, in the directory of `dist/virtual/main.js`. */
export function bundledFiles(directory: string = __dirname): RuntimeFiles {
  return {
    worker: join(directory, 'worker.js'),
    image: join(directory, 'micropython.wasm'),
    modules: join(directory, 'modules'),
  };
}

/** Compiled once a process: a reset of the board need not do it again. */
const images = new Map<string, WebAssembly.Module>();

export function loadImage(path: string): WebAssembly.Module {
  let image = images.get(path);
  if (!image) {
    image = new WebAssembly.Module(readFileSync(path));
    images.set(path, image);
  }
  return image;
}

/** As source or compiled, whichever lies there. */
export function loadModules(directory: string): Record<string, Uint8Array> {
  const modules: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' }))
    if (/\.m?py$/.test(entry))
      modules[entry.replaceAll('\\', '/')] = Uint8Array.from(readFileSync(join(directory, entry)));
  return modules;
}
