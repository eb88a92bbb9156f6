/**
 * Whether a process that wrote down its number still lives: numbers are given again.
 * Below: the system. Above: leases of ports, the folder of a virtual board.
 */
import { readFileSync } from 'node:fs';

/** When the process began, in ticks since the computer did; '' where the system does not tell. */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Field 22 (proc(5)); Z is a process that is over and not yet fetched.
    return after[0] === 'Z' ? '' : (after[19] ?? '');
  } catch {
    return '';
  }
}

/** Whether a process of that number lives; on Linux one that is over and not fetched does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return process.platform !== 'linux' || startOf(pid) !== '';
}

/** Whether the process that wrote `started` still lives under that number. */
export function isThat(pid: number, started: unknown): boolean {
  if (!isAlive(pid)) return false;
  return typeof started !== 'string' || started === startOf(pid);
}
