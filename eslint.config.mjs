/** ESLint: recommended rules, the promises rules, and the dependency table of layers.mjs. */
import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { layers, mediaMayImport, mediaPackages } from './layers.mjs';

const folders = Object.keys(layers);
const owned = [
  ...new Set([...Object.values(layers).flatMap((layer) => layer.packages), ...mediaPackages]),
];
const builtins = (await import('node:module')).builtinModules.filter((n) => !n.startsWith('_'));

/** The import rules of one folder of src, from the table. */
function rulesFor(name) {
  const { imports, packages } = layers[name];
  const forbiddenFolders = folders.filter((f) => f !== name && !imports.includes(f));
  const patterns = [
    ...forbiddenFolders.map((f) => ({
      regex: `^(\\.\\./)+${f}(/|$)`,
      message: `${name} may not import ${f} (layers.mjs).`,
    })),
    { regex: '(^|/)(media|test|scripts)/', message: 'src imports only src.' },
    { regex: '(^|/)extension$', message: 'Nothing imports the composition root.' },
    ...owned
      .filter((p) => !packages.includes(p))
      .map((p) => ({
        regex: `^${p.replace('/', '\\/')}(/|$)`,
        message: `${p} belongs to another folder (layers.mjs).`,
      })),
  ];
  const files = [`src/${name}/**/*.ts`];
  const rule = ['error', { patterns, paths: unprefixed }];
  return { files, rules: { 'no-restricted-imports': rule } };
}

const unprefixed = builtins
  .filter((n) => !n.startsWith('node:'))
  .map((n) => ({ name: n, message: `Write node:${n}.` }));

export default tseslint.config(
  {
    ignores: [
      'dist',
      'out',
      'artifacts',
      '.example',
      '.parley',
      '.vscode-test',
      '**/node_modules',
      'webpack.config.js',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommended],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
      globals: { ...globals.node },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    // node:test's describe and it return promises that the runner itself awaits.
    rules: { '@typescript-eslint/no-floating-promises': 'off', 'no-console': 'off' },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: { ...globals.node } } },
  ...folders.map(rulesFor),
  {
    files: ['media/**/*.ts'],
    ignores: ['media/**/*.test.ts'],
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(?!(${mediaMayImport.join('|')})$)src/`,
              message: 'A webview sees its protocol alone (layers.mjs).',
            },
            { regex: '^(node:|vscode$)', message: 'The webview runs in a browser.' },
          ],
        },
      ],
    },
  },
);
