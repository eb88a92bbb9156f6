/** Publish a Message: by hand, as a client of the broker. */
import { textFor, type Command } from '../command';
import { t } from '../../core/words';

/** Topics are not to be wild nor to hold a NUL (MQTT 3.1.1, 4.7.1 and 4.7.3). */
// eslint-disable-next-line no-control-regex
const bad = /[#+\u0000]/;

export const publish: Command = async (services, { options }) => {
  const topic = await textFor(options.topic, {
    title: t('Publish: topic'),
    value: 'notification',
    validateInput: (text) =>
      text && !bad.test(text) ? undefined : t('A topic is not empty and has no # and no +.'),
  });
  const payload = await textFor(options.payload, {
    title: t('Publish on {topic}: message', { topic }),
  });
  await services.broker.publish(topic, payload, { retain: options.retain ?? false });
  return { topic };
};
