/**
 * What comes from the network: over https alone, watched for a server that falls silent, no longer
 * than it may be, and ended by a cancel. Below: fetch. Above: firmwareStore.ts keeps it;
 * operations/packages.ts.
 */
import { systemClock, type Clock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { t } from '../core/words';

/** How long a server may take to begin its answer, and then between two pieces of it, ms. */
const SILENCE_MS = 20_000;

export interface DownloadOptions {
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

/** An answer that is watched: `alive` for each piece that came, `ended` once at the end. */
export interface Answer {
  readonly response: Response;
  alive(): void;
  ended(): void;
}

export class Downloads {
  private readonly fetch: typeof fetch;
  private readonly clock: Clock;

  constructor(options: DownloadOptions) {
    this.fetch = options.fetch ?? ((...args) => fetch(...args));
    this.clock = options.clock ?? systemClock;
  }

  /**
   * What lies at `url`, whole.
   * @param most bytes; more is refused as soon as it comes
   * @throws BoardError download-failed details { url, reason }; cancelled
   */
  async whole(url: string, most: number, job: Job): Promise<Uint8Array> {
    demandSafe(url);
    const answer = await this.request(url, {}, job);
    if (!answer.response.ok) throw failed(url, statusText(answer.response));
    return new Uint8Array(await wholeBody(answer, url, most, job));
  }

  /**
   * The head of an answer, in time: a server that falls silent is given up, then and later.
   * @throws BoardError download-failed, cancelled
   */
  async request(url: string, init: RequestInit, job: Pick<Job, 'signal'>): Promise<Answer> {
    throwIfCancelled(job);
    const abort = new AbortController();
    const onAbort = (): void => abort.abort();
    job.signal.addEventListener('abort', onAbort, { once: true });
    let timer = this.clock.after(SILENCE_MS, onAbort);
    const alive = (): void => {
      timer.dispose();
      timer = this.clock.after(SILENCE_MS, onAbort);
    };
    const ended = (): void => {
      timer.dispose();
      job.signal.removeEventListener('abort', onAbort);
    };
    try {
      const response = await this.fetch(url, { ...init, signal: abort.signal });
      demandSafe(response.url || url);
      const hasBody = response.body && response.ok && init.method !== 'HEAD';
      if (hasBody) alive();
      else {
        ended();
        void response.body?.cancel().catch(() => undefined);
      }
      return { response, alive, ended };
    } catch (error) {
      ended();
      throwIfCancelled(job);
      if (isBoardError(error)) throw error;
      throw failed(url, abort.signal.aborted ? t('no answer') : reasonOf(error), undefined, error);
    }
  }
}

/**
 * Firmware comes over https only: what is flashed runs with the Wi-Fi password of the house.
 * A server on this computer may do without.
 * @throws BoardError download-failed
 */
export function demandSafe(url: string): void {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw failed(url, t('it is no address'));
  }
  if (parsed.protocol === 'https:') return;
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol === 'http:' && loopback) return;
  throw failed(url, t('it must begin with https://'));
}

/** @throws BoardError download-failed where it is longer than `most` bytes */
export async function wholeBody(
  answer: Answer,
  url: string,
  most: number,
  job: Job,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of bodyOf(answer, url, job)) {
    bytes += chunk.length;
    if (bytes > most) throw failed(url, t('it is too large'));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body in pieces; the watch over the answer ends with it. */
export async function* bodyOf(answer: Answer, url: string, job: Job): AsyncGenerator<Uint8Array> {
  const reader = answer.response.body?.getReader();
  try {
    for (;;) {
      const piece = await reader?.read();
      if (!piece || piece.done) return;
      answer.alive();
      yield piece.value;
      throwIfCancelled(job);
    }
  } catch (error) {
    throwIfCancelled(job);
    if (isBoardError(error)) throw error;
    throw failed(url, reasonOf(error), 'yes', error);
  } finally {
    answer.ended();
    await reader?.cancel().catch(() => undefined);
  }
}

export function lengthOf(response: Response): number | undefined {
  const text = response.headers.get('content-length');
  const encoded = response.headers.get('content-encoding');
  return text === null || (encoded && encoded !== 'identity') ? undefined : Number(text);
}

export function statusText(response: Response): string {
  return response.status === 404
    ? t('it is not there (404)')
    : t('the server answers {status} {statusText}', {
        status: response.status,
        statusText: response.statusText,
      }).trim();
}

/** undici says "fetch failed" and keeps why in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = (cause as { code?: unknown })?.code;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return t('its name is not known here: no network, or a wrong address');
    case 'ECONNREFUSED':
      return t('nothing listens there');
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

export function failed(url: string, reason: string, cut?: 'yes', cause?: unknown): BoardError {
  // A query may hold a key; the sentence does not need it.
  const shown = url.replace(/[?#].*$/, '').replace(/\/\/[^/@]*@/, '//');
  return new BoardError('download-failed', `${shown}: ${reason}`, {
    details: { url: shown, reason, cut },
    cause,
  });
}
