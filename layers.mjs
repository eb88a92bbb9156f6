/**
 * Who may import whom, and which packages belong to whom. ESLint is generated from this table
 * (eslint.config.mjs); anything not listed is an error. `node:` built-ins are open to every folder
 * but `media`.
 */
export const layers = {
  core: { imports: [], packages: [] },
  port: { imports: ['core'], packages: ['serialport'] },
  esp: { imports: ['core', 'port'], packages: ['esptool-js'] },
  micropython: { imports: ['core', 'port'], packages: [] },
  board: { imports: ['core', 'port', 'esp', 'micropython'], packages: [] },
  operations: {
    imports: ['core', 'port', 'esp', 'micropython', 'board'],
    packages: ['ignore', 'fflate'],
  },
  broker: { imports: ['core'], packages: ['aedes', 'node-forge'] },
  conversation: { imports: ['core'], packages: ['mqtt', 'classic-level'] },
  /** Numbers in what a board prints. */
  plot: { imports: ['core'], packages: [] },
  virtual: { imports: ['core'], packages: ['@micropython/micropython-webassembly-pyscript'] },
  vscode: {
    imports: [
      'core',
      'port',
      'esp',
      'micropython',
      'board',
      'operations',
      'broker',
      'conversation',
      'plot',
    ],
    packages: ['vscode'],
  },
  /** `parley` and `npm start -- --terminal`: the same operations without a window. */
  terminal: {
    imports: ['core', 'port', 'micropython', 'board', 'operations', 'broker', 'conversation'],
    packages: ['commander'],
  },
};

/** What a webview sees of the host: the types of what is said between them, and the seam for words. */
export const mediaMayImport = [
  'src/conversation/protocol',
  'src/plot/protocol',
  'src/board/virtualWorld',
  'src/core/words',
];

/** Packages of the webview alone. */
export const mediaPackages = ['uplot', 'valibot'];
