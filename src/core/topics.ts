/**
 * Topic filters as MQTT 3.1.1 section 4.7 defines them. Pure.
 * Below: nothing. Above: broker/ counts who a message reaches, conversation/ filters with them.
 */
import { t } from './words';

/**
 * True if a subscription to `filter` gets what is published on `topic`. `#` also matches the
 * level above it (4.7.1.2); a filter that starts with a wildcard never matches a topic that
 * starts with `$` (4.7.2).
 */
export function topicMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && (filter.startsWith('#') || filter.startsWith('+'))) return false;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (let i = 0; i < wanted.length; i++) {
    const level = wanted[i];
    if (level === '#') return true;
    if (i >= levels.length) return false;
    if (level !== '+' && level !== levels[i]) return false;
  }
  return wanted.length === levels.length;
}

/** What is wrong with `filter` as a filter to listen to (4.7.1), in one sentence; undefined if it is fine. */
export function topicFilterProblem(filter: string): string | undefined {
  const levels = filter.split('/');
  const wild = levels.findIndex((level) => level.includes('#'));
  if (wild >= 0 && (levels[wild] !== '#' || wild < levels.length - 1)) {
    return t('# stands alone, and only at the end: sensors/#.');
  }
  if (levels.some((level) => level.includes('+') && level !== '+')) {
    return t('+ takes the place of one whole level: +/temperature.');
  }
  return undefined;
}
