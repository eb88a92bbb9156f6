/** Forget the Wi-Fi Password of one SSID. What is on the boards stays there. */
import { textFor, type Command } from '../command';
import { tell } from '../notify';

export const forgetWifiPassword: Command = async (services, { options }) => {
  const ssid = await textFor(options.ssid ?? (services.settings.wifiSsid || undefined), {
    title: 'Forget the password of which Wi-Fi network (SSID)?',
  });
  await services.secrets.forgetWifiPassword(ssid);
  tell(`The password of “${ssid}” is forgotten here. Boards that have it in boot.py keep it.`);
  return { ssid };
};
