import { startEmbeddedBroker } from '../../src/broker/embedded';
import { silentLog } from '../../src/core/log';
import { brokerContract } from './broker';

brokerContract('embedded', (options) => startEmbeddedBroker({ ...options, log: silentLog }));
