/**
 * Where things lie in this repository. Below: nothing. Above: every script.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const dist = path.join(root, 'dist');
export const out = path.join(root, 'out');
export const artifacts = path.join(root, 'artifacts');
/** What `npm start` keeps between two starts: the window's user data, nothing of the project. */
export const state = path.join(root, '.parley');
/** The workspace a newcomer sees. Theirs to change: nothing here is overwritten. */
export const example = path.join(root, '.example', 'two-boards');
/** The lockfile of the real VS Code lies here; on linux-x64 its packages too. */
export const testVscode = path.join(root, 'test', 'vscode');
