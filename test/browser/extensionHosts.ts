/**
 * The processes in which extensions run, found and killed as a crash kills them. Linux: /proc.
 * Below: support.ts. Above: history, crash.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './support';

/** The extension hosts of this test's own VS Code: processes below this one. Linux. */
export function extensionHosts(): number[] {
  const parents = new Map<number, number>();
  const hosts: number[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const pid = Number(name);
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      if (words.includes('--type=extensionHost')) hosts.push(pid);
    } catch {
      // It ended meanwhile.
    }
  }
  const ours = (pid: number | undefined): boolean =>
    pid === process.pid || (pid !== undefined && pid > 1 && ours(parents.get(pid)));
  return hosts.filter(ours);
}

/** Kills them, and waits until VS Code has started one again. */
export async function killExtensionHosts(): Promise<void> {
  const before = extensionHosts();
  assert.ok(before.length >= 1, 'no extension host was found');
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await until('VS Code has an extension host again', () =>
    extensionHosts().some((pid) => !before.includes(pid)),
  );
}
