/**
 * What a board's Python can ask of its NVS. An error is a negative number; a whole number is given as
 * text, so that the two cannot be mixed up.
 * Below: nvs.ts. Above: vmHost.ts; firmware/virtual/esp32.py makes the class NVS of it.
 */
import { Nvs, NVS_ERROR } from './nvs';
import type { Region } from './fileStore';
import type { HostFunctions } from './vmEngine';
import type { VmMemory } from './vmMemory';

/** @param memory the VM's, where blobs lie */
export function nvsFunctions(region: Region, memory: () => VmMemory): HostFunctions {
  // Opened at first use: most programs never ask.
  let opened: Nvs | undefined;
  const nvs = (): Nvs => (opened ??= new Nvs(region));
  return {
    nvs_open: (name) => nvs().openNamespace(String(name)),
    nvs_set_i32: (space, key, value) => -nvs().setInt(Number(space), String(key), Number(value)),
    nvs_get_i32: (space, key) => {
      const value = nvs().getInt(Number(space), String(key));
      return typeof value === 'number' ? `${value}` : -value.error;
    },
    nvs_set_blob: (space, key, at, length) =>
      -nvs().setBlob(Number(space), String(key), memory().copy(Number(at), Number(length))),
    nvs_get_blob: (space, key, at, room) => {
      const bytes = nvs().getBlob(Number(space), String(key));
      if (!(bytes instanceof Uint8Array)) return -bytes.error;
      if (bytes.length > Number(room)) return -NVS_ERROR.invalidLength;
      memory().bytes.set(bytes, Number(at));
      return `${bytes.length}`;
    },
    nvs_erase: (space, key) => -nvs().eraseKey(Number(space), String(key)),
  };
}
