/**
 * For tests: a site on loopback with download pages shaped as micropython.org's are, and images.
 * It counts what it is asked, answers ETag and Range, and breaks off where a test wants it to.
 * Below: node:http. Above: tests of this folder and of the whole path.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FirmwareSite {
  /** What `parley.firmware.index` would be: "http://127.0.0.1:PORT/download/". */
  readonly index: string;
  readonly origin: string;
  /** "GET /download/ESP32_GENERIC/ 200", in the order they came. */
  readonly requests: string[];
  /** What lies at a path; change it as a site changes. */
  readonly files: Map<string, Uint8Array>;
  /** Break the connection after so many bytes of the next body. */
  breakAfter: number | undefined;
  /** Wait with every body until this resolves. */
  hold: Promise<void> | undefined;
  close(): Promise<void>;
}

export async function startFirmwareSite(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<FirmwareSite> {
  const held = new Map(
    Object.entries(files).map(([path, body]) => [path, new Uint8Array(Buffer.from(body))]),
  );
  const requests: string[] = [];
  const server = createServer((request, response) => void answer(site, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const site: FirmwareSite = {
    index: `${origin}/download/`,
    origin,
    requests,
    files: held,
    breakAfter: undefined,
    hold: undefined,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return site;
}

async function answer(
  site: FirmwareSite,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '';
  const body = site.files.get(path);
  const say = (status: number): void => {
    site.requests.push(`${request.method} ${path} ${status}`);
    response.statusCode = status;
  };
  if (!body) {
    say(404);
    return void response.end();
  }
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  response.setHeader('etag', etag);
  response.setHeader('accept-ranges', 'bytes');
  if (request.headers['if-none-match'] === etag) {
    say(304);
    return void response.end();
  }
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const resumed = range && request.headers['if-range'] === etag;
  const from = resumed ? Number(range[1]) : 0;
  if (resumed)
    response.setHeader('content-range', `bytes ${from}-${body.length - 1}/${body.length}`);
  response.setHeader('content-length', body.length - from);
  say(resumed ? 206 : 200);
  if (request.method === 'HEAD') return void response.end();
  const cut = site.breakAfter;
  site.breakAfter = undefined;
  if (cut !== undefined) {
    response.write(body.subarray(from, from + cut), () => response.socket?.destroy());
    return;
  }
  response.flushHeaders();
  await site.hold;
  response.end(body.subarray(from));
}

/** A board's page: `variants` by what the heading says of them ('' for the plain build). */
export function boardPageHtml(variants: Readonly<Record<string, readonly string[]>>): string {
  const sections = Object.entries(variants).map(([about, files]) => {
    const link = (file: string): string =>
      `<strong><a href="/resources/firmware/${file}">${file}</a></strong> / ` +
      `<a href="/resources/firmware/${file.replace(/bin$/, 'app-bin')}">[.app-bin]</a> / ` +
      `<a href="/resources/firmware/${file.replace(/bin$/, 'elf')}">[.elf]</a> / ` +
      `<a href="https://github.com/micropython/micropython/releases">[Release notes]</a><br>`;
    const stable = files.filter((file) => !file.includes('preview')).map(link);
    const preview = files.filter((file) => file.includes('preview')).map(link);
    return (
      `<h2>Firmware${about ? ` (${about})` : ''}</h2>\n<h3>Releases</h3>\n${stable.join('\n')}\n` +
      (preview.length > 0 ? `<h3>Preview builds</h3>\n${preview.join('\n')}\n` : '')
    );
  });
  return `<html><body><h1>ESP32</h1><h2>Installation instructions</h2>${sections.join('')}</body></html>`;
}
