import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { describe, test } from 'node:test';
import { connectClient } from '../../src/conversation/client';
import { findMosquitto } from '../../src/broker/findProgram';
import { startMosquitto } from '../../src/broker/mosquitto';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { startHostedBroker } from '../../src/broker/hosted';
import { silentLog } from '../../src/core/log';
import { brokerContract } from './broker';

brokerContract('embedded', (options) => startEmbeddedBroker({ ...options, log: silentLog }));

const program = ['--import', 'tsx', 'src/broker/serverMain.ts'];
brokerContract('embedded, in a process of its own', (options) =>
  startHostedBroker({ ...options, program, log: silentLog }),
);

const folder = mkdtempSync(path.join(tmpdir(), 'parley-mosquitto-'));
const mosquitto = [process.env['PATH'], '/usr/sbin'].join(path.delimiter);
const there = spawnSync('mosquitto', ['-h'], { env: { PATH: mosquitto } }).error === undefined;
if (there) {
  brokerContract('Mosquitto', async (options) =>
    startMosquitto({
      ...options,
      folder,
      program: await findMosquitto(''),
      observe: (host, port, clientId) => connectClient({ host, port, clientId }),
      log: silentLog,
    }),
  );
} else {
  describe('the law of a broker: Mosquitto', () => {
    test('all of it', { skip: 'mosquitto is not installed' }, () => undefined);
  });
}
