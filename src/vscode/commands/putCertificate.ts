/** Put the Broker's Certificate on a Board: what a program of your own trusts the broker by. */
import { BoardError } from '../../core/errors';
import { putFile } from '../../micropython/transfer';
import { boardFor, type Command } from '../command';
import { CERTIFICATE_ON_BOARD } from '../brokerTls';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const putCertificate: Command = async (services, call) => {
  const certificate = await services.broker.certificate();
  if (!certificate) {
    tell(t('The broker does not listen with TLS: choose that first.'), {
      [t('Choose Who May Reach It')]: 'parley.openBroker',
    });
    throw new BoardError('cancelled', 'no TLS');
  }
  const board = await boardFor(services, call, t('Which board is to trust the broker?'));
  const path = `/${CERTIFICATE_ON_BOARD}`;
  const title = t('Put the Broker’s Certificate on a Board');
  await withJob(services.activity, { title, board }, (job) =>
    board.withRawRepl('Put', job, (repl) => putFile(repl, path, certificate.der, job)),
  );
  tell(
    t(
      "{board} has the broker’s certificate as {path}, fingerprint {fingerprint}. Programs that have mqtt_ca = '' are given it with their folder.",
      { board: board.name, path, fingerprint: certificate.fingerprint },
    ),
    {},
    board,
  );
  return { path, fingerprint: certificate.fingerprint };
};
