/**
 * What the files say that start `parley` from a shell. Pure. Below: nothing. Above: terminalCommand.ts
 * puts them where VS Code's terminals find them.
 */

export interface Shim {
  readonly name: string;
  readonly text: string;
  /** Of the file; Windows does not look. */
  readonly mode: number;
}

/**
 * The files of `platform` that run `script` with `program`, which is Node or VS Code's own executable
 * (that one is Node where ELECTRON_RUN_AS_NODE is set).
 */
export function shimsFor(
  platform: NodeJS.Platform,
  program: string,
  script: string,
): readonly Shim[] {
  if (platform === 'win32') {
    const lines = [
      '@echo off',
      'setlocal',
      'set ELECTRON_RUN_AS_NODE=1',
      // A percent sign of a path is doubled in a batch file.
      `"${program.replaceAll('%', '%%')}" "${script.replaceAll('%', '%%')}" %*`,
    ];
    return [{ name: 'parley.cmd', text: lines.map((line) => `${line}\r\n`).join(''), mode: 0o644 }];
  }
  const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;
  const lines = [
    '#!/bin/sh',
    `ELECTRON_RUN_AS_NODE=1 exec ${quoted(program)} ${quoted(script)} "$@"`,
  ];
  return [{ name: 'parley', text: `${lines.join('\n')}\n`, mode: 0o755 }];
}
