/**
 * Where a step is written down, a readable line each. Fits `vscode.LogOutputChannel`.
 * Below: nothing. Above: everything that is worth a line. Never give it a secret.
 */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** `log` with `name` before each line: which board it is about. */
export function named(log: Log, name: () => string): Log {
  const line = (message: string): string => `${name()}: ${message}`;
  return {
    debug: (message) => log.debug(line(message)),
    info: (message) => log.info(line(message)),
    warn: (message) => log.warn(line(message)),
    error: (message) => log.error(line(message)),
  };
}
