/**
 * The compiler of MicroPython where a person turned it on; a workspace nobody trusts never runs it.
 * Below: settings, operations/compile. Above: everything that puts files.
 */
import * as vscode from 'vscode';
import { findCompiler, type Compiler } from '../operations/compile';
import type { Services } from './services';

/** @throws BoardError mpy-missing where it is turned on and not there */
export async function compilerFor({ settings }: Services): Promise<Compiler | undefined> {
  if (!settings.compileMpy || !vscode.workspace.isTrusted) return undefined;
  return findCompiler(settings.mpyCrossPath);
}
