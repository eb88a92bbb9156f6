/**
 * Tells, once for each, which board the broker did not let in, and what to do about it.
 * Below: brokerControl.ts. Above: extension.ts registers it; Start the Conversation ends by it.
 */
import type { Board } from '../board/board';
import type { BrokerRefusal } from '../broker/broker';
import { BoardError } from '../core/errors';
import { DisposableStore, type Disposable } from '../core/event';
import { t } from '../core/words';
import { isStarting } from './commands/startConversation';
import { tellError } from './notify';
import type { Services } from './services';

/** More strangers than these are in the log alone: anybody may knock, as often as he likes. */
const MOST = 5;

export function tellRefusals(services: Services): Disposable {
  const { broker, registry } = services;
  const store = new DisposableStore();
  const told = new Set<string>();
  store.add(
    broker.onDidChange(() => {
      if (broker.state !== 'running') told.clear();
    }),
  );
  store.add(
    broker.onRefused((refusal) => {
      const board = boardOf(registry.boards, refusal);
      const who = board?.id ?? refusal.clientId ?? refusal.remoteAddress ?? '';
      // Parley's own look at who has a port knocks without a name.
      if (told.has(who) || told.size >= MOST || refusal.clientId?.startsWith('parley-')) return;
      told.add(who);
      // Start the Conversation ends by it, and says the same.
      if (isStarting()) return;
      tellError(services, refusalError(refusal, board), board, undefined);
    }),
  );
  return store;
}

/** The board whose unique id is in the client id; undefined where none is. */
function boardOf(boards: readonly Board[], { clientId }: BrokerRefusal): Board | undefined {
  const said = clientId?.toLowerCase();
  return boards.find(({ facts }) => facts.mac && said?.includes(facts.mac.replace(/:/g, '')));
}

function refusalError(refusal: BrokerRefusal, board: Board | undefined): BoardError {
  const { clientId, remoteAddress, named } = refusal;
  const who = clientId
    ? t('the client “{client}”', { client: clientId.slice(0, 60) })
    : t('a client at {address}', { address: remoteAddress ?? '?' });
  return new BoardError('board-refused', `${clientId ?? remoteAddress} was not let in`, {
    details: {
      board: board?.name ?? who,
      ...(named === undefined ? {} : { named: named ? 'yes' : 'no' }),
    },
  });
}
