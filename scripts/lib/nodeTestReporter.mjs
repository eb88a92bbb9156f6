/**
 * A node:test reporter: one JSON object a line, what nodeTests.mjs needs to count and to print.
 * Below: node:test's event stream. Above: nodeTests.mjs, which reads these lines.
 */
import { inspect } from 'node:util';

/** node:test wraps what a test threw in an ERR_TEST_FAILURE; a reader wants what was thrown. */
function words(error) {
  if (!error) return undefined;
  const inner = error.code === 'ERR_TEST_FAILURE' && error.cause ? error.cause : error;
  return typeof inner === 'string' ? inner : inspect(inner, { depth: 6, colors: false });
}

export default async function* (events) {
  for await (const { type, data } of events) {
    if (type === 'test:pass' || type === 'test:fail') {
      const error = data.details?.error;
      yield line({
        event: type.slice(5),
        name: data.name,
        suite: data.details?.type === 'suite',
        skip: data.skip,
        todo: data.todo,
        why: error?.failureType,
        error: words(error),
      });
    } else if (type === 'test:dequeue') {
      yield line({ event: 'start', name: data.name });
    } else if (type === 'test:diagnostic' && /^(Error|Warning):/.test(data.message)) {
      yield line({ event: 'note', text: data.message });
    }
  }
}

const line = (value) => `${JSON.stringify(value)}\n`;
