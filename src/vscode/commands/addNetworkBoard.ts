/** Add a Board on Another Computer: any RFC 2217 server, or Windows' ports from within WSL. */
import { parseRfc2217Url } from '../../port/rfc2217';
import { textFor, type Command } from '../command';
import { t } from '../../core/words';

export const addNetworkBoard: Command = async (services, { options }) => {
  const address = await textFor(options.address, {
    title: t('Board on another computer'),
    prompt: t(
      'There, run “parley share PORT” in a terminal of VS Code (or esptool’s esp_rfc2217_server, or ser2net), then type the address it says.',
    ),
    placeHolder: 'rfc2217://192.168.1.20:4000',
    validateInput: addressProblem,
  });
  const board = await services.sources.addNetwork(withScheme(address));
  return board?.id;
};

function withScheme(address: string): string {
  return address.includes('://') ? address : `rfc2217://${address.trim()}`;
}

function addressProblem(text: string): string | undefined {
  try {
    parseRfc2217Url(withScheme(text));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
