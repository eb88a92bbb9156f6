/**
 * Three bundles: the extension host (with the terminal runner beside it, same modules), the virtual
 * board's process (with its worker), and the webview. Types are checked by tsc, not here.
 */
const path = require('node:path');
const CopyPlugin = require('copy-webpack-plugin');
const { BannerPlugin } = require('webpack');

const dist = path.resolve(__dirname, 'dist');
const modules = path.resolve(__dirname, 'firmware/virtual');
const inModules = (file) => path.relative(modules, file).replaceAll('\\', '/');
const typescript = {
  test: /\.ts$/,
  exclude: /node_modules/,
  loader: 'esbuild-loader',
  options: { target: 'es2022' },
};

/** @returns {import('webpack').Configuration} */
const common = (name, target) => ({
  name,
  target,
  context: __dirname,
  devtool: 'source-map',
  resolve: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  module: { rules: [typescript] },
  performance: { hints: false },
  stats: 'errors-warnings',
});

/** @param {typeof import('./scripts/lib/vmBuild.mjs')} vm */
const bundles = ({ compileModule, makeVmImage, moduleName }) => [
  {
    ...common('extension', 'node20'),
    entry: {
      extension: './src/extension.ts',
      terminal: './src/terminal/main.ts',
      cli: './src/terminal/cliMain.ts',
      // The embedded broker's own process.
      broker: './src/broker/serverMain.ts',
    },
    output: {
      path: dist,
      filename: '[name].js',
      chunkFilename: 'chunk-[name].js',
      libraryTarget: 'commonjs2',
      // Chunks of an earlier build would go into the package; the other bundles keep themselves.
      clean: { keep: /^(virtual|webview|firmware)\/|^\.built\.json$/ },
    },
    plugins: [new BannerPlugin({ banner: '#!/usr/bin/env node', raw: true, include: /^cli\.js$/ })],
    // These find their prebuilt binaries beside their own files: they stay packages.
    externals: {
      vscode: 'commonjs vscode',
      serialport: 'commonjs serialport',
      'classic-level': 'commonjs classic-level',
    },
    ignoreWarnings: [{ module: /node_modules/ }],
  },
  {
    ...common('virtual', 'node20'),
    entry: { main: './src/virtual/main.ts', worker: './src/virtual/worker.ts' },
    output: { path: path.join(dist, 'virtual'), filename: '[name].js', libraryTarget: 'commonjs2' },
    plugins: [
      new CopyPlugin({
        patterns: [
          // Its JavaScript is not used: vmEngine.ts speaks to the WASM without it.
          {
            from: 'node_modules/@micropython/micropython-webassembly-pyscript/micropython.wasm',
            to: '[name][ext]',
            transform: (published) => makeVmImage(published),
          },
          {
            from: '**/*.py',
            context: modules,
            to: ({ absoluteFilename }) => `modules/${moduleName(inModules(absoluteFilename))}`,
            transform: (source, file) => compileModule(source, inModules(file)),
          },
        ],
      }),
    ],
  },
  {
    ...common('webview', 'web'),
    entry: {
      conversation: './media/conversation/main.ts',
      plot: './media/plot/main.ts',
      virtual: './media/virtual/main.ts',
    },
    output: { path: path.join(dist, 'webview'), filename: '[name].js' },
    plugins: [
      new CopyPlugin({
        patterns: [
          { from: 'media/conversation/*.css', to: '[name][ext]' },
          { from: 'media/plot/*.css', to: '[name][ext]' },
          { from: 'media/virtual/*.css', to: '[name][ext]' },
          { from: 'node_modules/uplot/dist/uPlot.min.css', to: '[name][ext]' },
        ],
      }),
    ],
  },
];

module.exports = async () => bundles(await import('./scripts/lib/vmBuild.mjs'));
