/**
 * A flasher that is not ours, of another house than esptool-js, which Parley flashes with: a browser's,
 * on each chip of a virtual board over RFC 2217. Runs the built process, dist/virtual/main.js.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { MAIN, withBoard } from './support';
import { loaderPackage, missingLoader, WebSerial } from './webSerialLoader';

const skip = missingLoader() || (existsSync(MAIN) ? false : `${MAIN} is not built`);

/** What the system says of a chip with USB in it: Espressif, USB JTAG/serial debug unit. */
const USB_JTAG = { usbVendorId: 0x303a, usbProductId: 0x1001 };

const kinds = [
  { chip: 'esp32', name: 'ESP32', usb: {}, magic: 0x00f0_1d83, id: undefined, start: 0x1000 },
  { chip: 'esp32s3', name: 'ESP32-S3', usb: USB_JTAG, magic: 9, id: 9, start: 0 },
  { chip: 'esp32c3', name: 'ESP32-C3', usb: USB_JTAG, magic: 0x1b31_506f, id: 5, start: 0 },
] as const;

/** Bytes that compress to about half. */
const image = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (n & 1 ? 0x55 : (n * 2_654_435_761) >>> 24));

describe('tasmota-webserial-esptool', { skip, concurrency: 1, timeout: 120_000 }, () => {
  for (const { chip, name, usb, magic, id, start } of kinds) {
    test(`${name}: known, written plain and deflated, read back, erased, started`, async () => {
      const { ESPLoader } = await loaderPackage();
      await withBoard({ flags: ['--unpaced', '--chip', chip] }, async ({ port, mac }) => {
        const web = new WebSerial(`127.0.0.1:${port}`, usb);
        await web.open({ baudRate: 115_200 });
        const quiet = (): void => undefined;
        const loader = new ESPLoader(web, { log: quiet, debug: quiet, error: quiet });
        try {
          await loader.initialize();
          assert.equal(loader.chipName, name);
          assert.equal(Buffer.from(loader.macAddr()).toString('hex'), mac.replaceAll(':', ''));
          assert.equal(await loader.flashId(), 0x16_40ef);
          assert.equal((await loader.readRegister(0x4000_1000)) >>> 0, magic);
          assert.equal(loader.getBootloaderOffset(), start);
          if (id === undefined) await assert.rejects(loader.getSecurityInfo(), /unsupported/);
          else assert.equal((await loader.getSecurityInfo()).chipId, id);
          // Without a stub, as the ROM alone has it.
          const plain = image(3000);
          await loader.flashData(plain.buffer as ArrayBuffer, quiet, 0x8000, false);

          const stub = await loader.runStub();
          assert.equal(stub.flashSize, '4MB');
          // It closes the port and opens it at the new rate; the stub goes on.
          await stub.setBaudrate(460_800);
          assert.deepEqual(await stub.readFlash(0x8000, plain.length), plain);
          const files = [image(9000), image(5001)];
          await stub.flashData(files[0]!.buffer as ArrayBuffer, quiet, 0x1_0000, true);
          await stub.flashData(files[1]!.buffer as ArrayBuffer, quiet, 0x2_0000, false);
          for (const [n, file] of files.entries())
            assert.deepEqual(await stub.readFlash((n + 1) << 16, file.length), file);
          await stub.eraseFlash();
          const blank = await stub.readFlash(0x1_0000, 4096);
          assert.ok(blank.every((byte) => byte === 0xff));
          // What it says next is the program's, at the rate of the ROM.
          await stub.setBaudrate(115_200);
          const from = web.heard.length;
          await loader.hardReset();
          assert.match(web.heard.subarray(from).toString('latin1'), /invalid header: 0xffffffff/);
        } finally {
          await loader.disconnect();
          await web.close();
        }
      });
    });
  }
});
