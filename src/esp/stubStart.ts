/**
 * Starting the flasher stub once it is in the chip's memory.
 * Below: esptool-js for the packets, slipLink.ts. Above: loaderSession.ts.
 */
import type { ESPLoader } from 'esptool-js';
import { COMMAND_MS, LoaderRefusal } from './loaderCommands';
import type { SlipLink } from './slipLink';
import { words } from './words';

const MEM_END = 0x06;
/** What the stub says first ("Serial Protocol"). */
const GREETING = 'OHAI';

/**
 * Runs what was uploaded. esptool-js gives the ROM's answer 200 ms, which a network or a busy computer
 * may take, and then takes the stub for refused while it runs. Some ROMs do not answer at all before
 * they jump: what counts is the stub's greeting.
 * @throws LoaderRefusal
 */
export async function runUpload(loader: ESPLoader, link: SlipLink, entry: number): Promise<void> {
  await loader.command(MEM_END, words([entry === 0 ? 1 : 0, entry]), 0, false);
  for (;;) {
    const packet = await loader.transport.read(COMMAND_MS);
    if (Buffer.from(packet).toString('latin1') === GREETING) return link.putBack(packet);
    if (packet[0] !== 1 || packet[1] !== MEM_END) continue;
    const [failed = 0, code = 0] = packet.subarray(8);
    if (failed !== 0) throw new LoaderRefusal('start the stub', code);
  }
}
