/** Forget the Wi-Fi Password of one SSID. What is on the boards stays there. */
import { textFor, type Command } from '../command';
import { tell } from '../notify';
import { t } from '../../core/words';

export const forgetWifiPassword: Command = async (services, { options }) => {
  const ssid = await textFor(options.ssid ?? (services.settings.wifiSsid || undefined), {
    title: t('Forget the password of which Wi-Fi network (SSID)?'),
  });
  await services.secrets.forgetWifiPassword(ssid);
  tell(
    t('The password of “{ssid}” is forgotten here. Boards that have it in boot.py keep it.', {
      ssid,
    }),
  );
  return { ssid };
};
