/**
 * Pages and firmware from the network, kept on this computer: asked again only for what changed
 * (ETag), a download that was cut goes on where it stopped, and without a network what was seen
 * before is still there. Below: node:fs, download.ts, image.ts. Above: the Flash command, packages.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { isBoardError } from '../core/errors';
import { orCancelled, throwIfCancelled, type Job } from '../core/job';
import {
  Downloads,
  bodyOf,
  demandSafe,
  failed,
  lengthOf,
  statusText,
  wholeBody,
  type DownloadOptions,
} from './download';
import { parseImage } from './image';
import { fileNameOf } from './releases';
import { t } from '../core/words';

/** A cut download is taken up again so many times before it is told. */
const ATTEMPTS = 3;
/** The whole flash of the largest module; nothing larger is a firmware. */
const MAX_BYTES = 64 << 20;
const MAX_PAGE_BYTES = 8 << 20;

export interface Page {
  readonly text: string;
  /** Where it came from at last. */
  readonly url: string;
  /** When a server last said that this is how it is, ms since 1970. */
  readonly checkedAt: number;
  /** False when the server did not answer and the text is of an earlier time. */
  readonly fresh: boolean;
}

export interface DownloadedFile {
  readonly name: string;
  /** Where it is kept. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface Entry {
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly checkedAt: number;
}

export interface FirmwareStoreOptions extends DownloadOptions {
  /** Folder of the cache; made when it is first needed. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class FirmwareStore {
  private readonly downloads: Downloads;
  private readonly now: () => number;
  /** Downloads under way: a second one of the same file waits for the first. */
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly options: FirmwareStoreOptions) {
    this.downloads = new Downloads(options);
    this.now = options.now ?? Date.now;
  }

  /**
   * A page as it is now; without a network as it was.
   * @throws BoardError download-failed (no answer, and never seen before; no https), cancelled
   */
  async page(url: string, job: Job): Promise<Page> {
    demandSafe(url);
    const file = this.fileFor(url, '.html');
    const known = await this.entry(file);
    try {
      return await this.freshPage(url, file, known, job);
    } catch (error) {
      if (!isBoardError(error, 'download-failed') || !known) throw error;
      const text = await readFile(file, 'utf8');
      return { text, url: known.url, checkedAt: known.checkedAt, fresh: false };
    }
  }

  /** Bytes of what lies at `url`, or undefined where the server does not say. Never throws. */
  async size(url: string, signal: AbortSignal): Promise<number | undefined> {
    const kept = await stat(this.fileFor(url, '.bin')).catch(() => undefined);
    if (kept) return kept.size;
    const note = this.fileFor(url, '.size');
    const said = await readFile(note, 'utf8').catch(() => '');
    if (said) return Number(said);
    try {
      demandSafe(url);
      const { response } = await this.downloads.request(url, { method: 'HEAD' }, { signal });
      const size = response.ok ? lengthOf(response) : undefined;
      if (size !== undefined) await this.keep(note, String(size));
      return size;
    } catch {
      return undefined;
    }
  }

  /** Whether `url` was downloaded before and can be had without a network. */
  async has(url: string): Promise<boolean> {
    return stat(this.fileFor(url, '.bin')).then(
      () => true,
      () => false,
    );
  }

  /**
   * The firmware at `url`, from the cache or the network, and whole: its checksum and SHA-256 are
   * checked each time. What was cut is kept and taken up the next time.
   * @param lasting true for an address whose content never changes (a dated build): then the
   *   server is not asked about a file that is here
   * @throws BoardError download-failed, image-corrupt, not-an-image, cancelled
   */
  download(url: string, lasting: boolean, job: Job): Promise<DownloadedFile> {
    const before = this.queues.get(url) ?? Promise.resolve();
    const mine = orCancelled(
      job,
      before.catch(() => undefined),
    ).then(() => this.downloadNow(url, lasting, job));
    this.queues.set(url, mine);
    return mine.finally(() => {
      if (this.queues.get(url) === mine) this.queues.delete(url);
    });
  }

  private async downloadNow(url: string, lasting: boolean, job: Job): Promise<DownloadedFile> {
    demandSafe(url);
    const name = fileNameOf(url) || 'firmware.bin';
    const file = this.fileFor(url, '.bin');
    const entry = await this.entry(file);
    if (!entry || !lasting) {
      job.progress.report({ message: t('Downloading {name}', { name }) });
      try {
        await this.fetchWhole(url, file, entry, job);
      } catch (error) {
        if (!entry || !isBoardError(error, 'download-failed')) throw error;
      }
    }
    const bytes = new Uint8Array(await readFile(file));
    try {
      parseImage(bytes, name);
    } catch (error) {
      // It would be damaged the next time too.
      await Promise.all([rm(file, { force: true }), rm(`${file}.json`, { force: true })]);
      throw error;
    }
    return { name, path: file, bytes };
  }

  private async fetchWhole(
    url: string,
    file: string,
    entry: Entry | undefined,
    job: Job,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.fetchRest(url, file, entry, job);
      } catch (error) {
        throwIfCancelled(job);
        const cut = isBoardError(error, 'download-failed') && error.details['cut'] === 'yes';
        if (!cut || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Gets what is missing of `file` and puts it in place when it is whole. */
  private async fetchRest(
    url: string,
    file: string,
    entry: Entry | undefined,
    job: Job,
  ): Promise<void> {
    const part = `${file}.part`;
    const begun = entry ? undefined : await this.entry(part);
    const have = begun ? ((await stat(part).catch(() => undefined))?.size ?? 0) : 0;
    // Only a strong ETag may say that the rest belongs to what is here (RFC 9110, If-Range).
    const mark = begun?.etag && !begun.etag.startsWith('W/') ? begun.etag : begun?.lastModified;
    const headers: Record<string, string> = {
      // A length in bytes of what is stored, not of what a proxy squeezed.
      'accept-encoding': 'identity',
      ...conditions(entry),
      ...(have > 0 && mark ? { range: `bytes=${have}-`, 'if-range': mark } : {}),
    };
    const answer = await this.downloads.request(url, { headers }, job);
    const { response } = answer;
    if (response.status === 304 && entry) return;
    if (response.status === 416) {
      await rm(part, { force: true });
      throw failed(url, t('the server has less than was downloaded'), 'yes');
    }
    if (!response.ok) throw failed(url, statusText(response));
    const from = response.status === 206 ? have : 0;
    const length = lengthOf(response);
    const totalBytes = length === undefined ? undefined : from + length;
    if ((totalBytes ?? 0) > MAX_BYTES) throw failed(url, t('it is too large for a firmware'));
    const next = this.entryOf(url, response);
    await this.keep(`${part}.json`, JSON.stringify(next));
    const handle = await open(part, from > 0 ? 'r+' : 'w');
    let done = from;
    try {
      for await (const chunk of bodyOf(answer, url, job)) {
        if (done + chunk.length > MAX_BYTES) throw failed(url, t('it is too large for a firmware'));
        await handle.write(chunk, 0, chunk.length, done);
        done += chunk.length;
        job.progress.report({ doneBytes: done, totalBytes });
      }
    } finally {
      await handle.close();
    }
    if (totalBytes !== undefined && done !== totalBytes) {
      throw failed(
        url,
        t('it broke off after {done} of {totalBytes} bytes', { done, totalBytes }),
        'yes',
      );
    }
    await rename(part, file);
    await this.keep(`${file}.json`, JSON.stringify(next));
    await rm(`${part}.json`, { force: true });
  }

  private async freshPage(
    url: string,
    file: string,
    known: Entry | undefined,
    job: Job,
  ): Promise<Page> {
    const answer = await this.downloads.request(url, { headers: conditions(known) }, job);
    const { response } = answer;
    const checkedAt = this.now();
    if (response.status === 304 && known) {
      await this.keep(`${file}.json`, JSON.stringify({ ...known, checkedAt }));
      return { text: await readFile(file, 'utf8'), url: known.url, checkedAt, fresh: true };
    }
    if (!response.ok) throw failed(url, statusText(response));
    const text = (await wholeBody(answer, url, MAX_PAGE_BYTES, job)).toString('utf8');
    await this.keep(file, text);
    const entry = this.entryOf(response.url || url, response);
    await this.keep(`${file}.json`, JSON.stringify(entry));
    return { text, url: entry.url, checkedAt, fresh: true };
  }

  private entryOf(url: string, response: Response): Entry {
    const etag = response.headers.get('etag') ?? undefined;
    const lastModified = response.headers.get('last-modified') ?? undefined;
    return { url, etag, lastModified, checkedAt: this.now() };
  }

  private async entry(file: string): Promise<Entry | undefined> {
    try {
      const entry = JSON.parse(await readFile(`${file}.json`, 'utf8')) as Entry;
      await stat(file);
      return entry;
    } catch {
      return undefined;
    }
  }

  private fileFor(url: string, extension: string): string {
    const key = createHash('sha256').update(url).digest('hex').slice(0, 16);
    const name = path
      .parse(fileNameOf(url))
      .name.replace(/[^\w.-]/g, '_')
      .slice(0, 80);
    return path.join(this.options.folder, `${name || 'page'}-${key}${extension}`);
  }

  /** Whole or not at all: a cache that was cut must not be believed. */
  private async keep(file: string, text: string): Promise<void> {
    await mkdir(this.options.folder, { recursive: true });
    const draft = `${file}.${process.pid}.tmp`;
    await writeFile(draft, text);
    await rename(draft, file);
  }
}

function conditions(entry: Entry | undefined): Record<string, string> {
  return {
    ...(entry?.etag ? { 'if-none-match': entry.etag } : {}),
    ...(entry?.lastModified ? { 'if-modified-since': entry.lastModified } : {}),
  };
}
