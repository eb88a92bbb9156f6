/**
 * A flash chip with a byte that no longer holds what is written to it.
 * Below: flash.ts. Above: main.ts, for tests of what a flasher does about it.
 */
import type { Flash } from './flash';

/** `flash`, whose byte `at` (from its start) is 0 after every write over it. */
export function wornFlash(flash: Flash, at: number): Flash {
  return new Proxy(flash, {
    get(target, name) {
      if (name !== 'program') {
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      }
      return (offset: number, bytes: Uint8Array): void => {
        target.program(offset, bytes);
        if (offset <= at && at < offset + bytes.length) target.program(at, Uint8Array.of(0));
      };
    },
  });
}
