/**
 * Where a webview hears its host: what does not fit the schema is not for it, and is left alone.
 * Below: valibot. Above: the main.ts of each view, with its own schema.
 */
import { safeParse, type GenericSchema } from 'valibot';

/** Calls `take` with each message that fits; the others are said in the console, without what they hold. */
export function hear<T>(schema: GenericSchema<unknown, T>, take: (message: T) => void): void {
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const { success, output, issues } = safeParse(schema, data, { abortEarly: true });
    if (success) return take(output);
    const [{ message, path = [] }] = issues;
    const where = path.map(({ key }) => String(key)).join('.');
    // eslint-disable-next-line no-console -- the one place a view has for what only its makers read
    console.warn(`Parley: a message to this view was not taken: ${where}: ${message}`);
  });
}
