/** Set a Virtual Board's Wi-Fi: the network it can see, with a password of its own, in SecretStorage. */
import { BoardError } from '../../core/errors';
import { t } from '../../core/words';
import { BoardSources } from '../boardSources';
import { boardFor, textFor, type Command } from '../command';
import { tell } from '../notify';
import { askAirPassword } from '../secrets';

export const setVirtualWifi: Command = async (services, call) => {
  const { options } = call;
  const question = t('The Wi-Fi of which virtual board?');
  const board = await boardFor(services, call, question, (b) => b.virtual);
  const name = BoardSources.virtualName(board);
  const now = services.virtual.air(name);
  const ssid = await textFor(options.ssid, {
    title: t('Name (SSID) of the network that {board} can see', { board: board.name }),
    prompt: t('Empty: the one of all virtual boards, “{ssid}”, which is open', {
      ssid: services.settings.virtualSsid,
    }),
    value: now?.ssid ?? '',
    // An SSID is 0 to 32 bytes (IEEE 802.11).
    validateInput: (text) =>
      Buffer.byteLength(text) <= 32 ? undefined : t('A network’s name has at most 32 bytes.'),
  });
  if (ssid === '') {
    await services.sources.setAir(board, undefined);
    return { ssid: services.settings.virtualSsid };
  }
  const password = options.password ?? (await askAirPassword(ssid));
  if (password === undefined) throw new BoardError('cancelled', 'no password typed');
  await services.sources.setAir(board, { ssid, ...(password === '' ? {} : { password }) });
  tell(
    password === ''
      ? t('{board} sees “{ssid}”, an open network.', { board: board.name, ssid })
      : t('{board} sees “{ssid}” and joins it with the right password only.', {
          board: board.name,
          ssid,
        }),
  );
  return { ssid };
};
