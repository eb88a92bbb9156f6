/** Types of processes.mjs for the tests. */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
export function start(
  command: string,
  args: readonly string[],
  options?: SpawnOptions,
): ChildProcess;
export function endGroup(child: ChildProcess, graceMs?: number): Promise<void>;
export function endEverything(graceMs?: number): Promise<void>;
export function endOnSignals(before?: (signal: string) => void): void;
