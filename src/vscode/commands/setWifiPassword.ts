/** Set the Wi-Fi Password: into SecretStorage, for one SSID. */
import { BoardError } from '../../core/errors';
import { textFor, type Command } from '../command';
import { askPassword } from '../secrets';
import { tell } from '../notify';
import { t } from '../../core/words';

export const setWifiPassword: Command = async (services, { options }) => {
  const ssid = await textFor(options.ssid ?? (services.settings.wifiSsid || undefined), {
    title: t('Name of the Wi-Fi network (SSID)'),
  });
  const password = options.password ?? (await askPassword(ssid));
  if (password === undefined) throw new BoardError('cancelled', 'no password typed');
  await services.secrets.setWifiPassword(ssid, password);
  tell(
    t('The password of “{ssid}” is kept. Put the boards’ folders again to give it to them.', {
      ssid,
    }),
  );
  return { ssid };
};
