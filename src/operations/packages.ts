/**
 * mip through this computer: packages of micropython-lib's index, of GitHub, GitLab or any address,
 * with all they depend on, so that a board without Wi-Fi gets them too.
 * Below: esp/firmwareStore (pages that are kept), fetch. Above: the commands. What an index holds:
 * MicroPython, "Package management" (reference/packages).
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BoardError, isBoardError } from '../core/errors';
import { withProgress, type Job } from '../core/job';
import { demandSafe, FirmwareStore } from '../esp/firmwareStore';
import { sha256 } from '../micropython/contentHash';
import type { BoardFile } from './put';
import { t } from '../core/words';

export const PACKAGE_INDEX = 'https://micropython.org/pi/v2';

export interface PackageOptions {
  /** Where the index is; {@link PACKAGE_INDEX} or a mirror. */
  readonly index: string;
  /** `sys.implementation._mpy & 0xFF`: the .mpy format the board loads; 0 asks for sources. */
  readonly mpyVersion: number;
  /** Keeps what was seen, for when there is no network; made when it is first needed. */
  readonly cacheFolder: string;
  readonly fetch?: typeof fetch;
}

export interface FoundPackage {
  /** As it was asked for: "umqtt.simple", "github:org/repo". */
  readonly name: string;
  /** What the index calls its version, or the branch or tag; 'latest' where nothing is said. */
  readonly version: string;
  /** True for one that another needs. */
  readonly dependency: boolean;
}

export interface Resolved {
  readonly packages: readonly FoundPackage[];
  /** Paths below the target folder. */
  readonly files: readonly BoardFile[];
}

/** A package of a small board is small; more is no package. */
const MOST_FILES = 500;
const MOST_BYTES = 2 << 20;
/** How deep packages may need one another. */
const MOST_PACKAGES = 50;
const SILENCE_MS = 20_000;

interface Manifest {
  readonly version?: unknown;
  readonly hashes?: unknown;
  readonly urls?: unknown;
  readonly deps?: unknown;
}

/**
 * Everything that the packages are made of. Nothing is written.
 * @param specs "name", "name@version", "github:org/repo[/path][@ref]", "gitlab:…", an https address of
 *   a package.json, a folder with one, or a .py or .mpy
 * @throws BoardError package-failed details { package, reason }; cancelled
 */
export async function resolvePackages(
  specs: readonly string[],
  options: PackageOptions,
  job: Job,
): Promise<Resolved> {
  const index = options.index.replace(/\/$/, '');
  const { cacheFolder, fetch } = options;
  const store = new FirmwareStore({ folder: cacheFolder, ...(fetch ? { fetch } : {}) });
  const packages: FoundPackage[] = [];
  const files = new Map<string, BoardFile>();
  const queue = specs.map((spec) => ({ ...parseSpec(spec), dependency: false }));
  const seen = new Set<string>();
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { name, version, dependency } = next;
    if (seen.has(name)) continue;
    seen.add(name);
    if (seen.size > MOST_PACKAGES) throw failed(name, t('it needs too many others'));
    job.progress.report({ message: name });
    if (isSingleFile(name)) {
      const path = safe(name.split('/').pop() ?? '');
      files.set(path, { path, bytes: await download(addressOf(name, version), options, job) });
      packages.push({ name, version: version ?? 'latest', dependency });
      continue;
    }
    const url = manifestUrl(name, version, index, options.mpyVersion);
    const manifest = await manifestAt(url, name, store, job);
    for (const [path, where, hash] of filesOf(manifest, version, index)) {
      if (files.size >= MOST_FILES) throw failed(name, t('it has too many files'));
      const bytes =
        hash === undefined
          ? await download(where, options, job)
          : await kept(hash, where, options, job);
      files.set(path, { path, bytes });
    }
    const said = typeof manifest.version === 'string' ? manifest.version : undefined;
    packages.push({ name, version: said ?? version ?? 'latest', dependency });
    for (const [needed, at] of pairs(manifest.deps)) {
      queue.push({ name: needed, version: at === 'latest' ? undefined : at, dependency: true });
    }
  }
  return { packages, files: [...files.values()] };
}

interface Spec {
  readonly name: string;
  readonly version: string | undefined;
}

/** "name@version"; an @ inside an address before its last part is the address's own. */
function parseSpec(spec: string): Spec {
  const at = spec.lastIndexOf('@');
  const cut = at > 0 && !spec.slice(at).includes('/');
  return cut
    ? { name: spec.slice(0, at), version: spec.slice(at + 1) || undefined }
    : { name: spec, version: undefined };
}

const isAddress = (name: string): boolean => /^(https?:\/\/|github:|gitlab:)/.test(name);
const isSingleFile = (name: string): boolean => isAddress(name) && /\.m?py$/.test(name);

/** `github:` and `gitlab:` written out; anything else is what it is. */
function addressOf(name: string, ref = 'HEAD'): string {
  const [, host, org, repo, rest = ''] =
    /^(github|gitlab):([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(name) ?? [];
  if (host === undefined) return name;
  return host === 'github'
    ? `https://raw.githubusercontent.com/${org}/${repo}/${ref}/${rest}`
    : `https://gitlab.com/${org}/${repo}/-/raw/${ref}/${rest}`;
}

/** Where the package.json of a package is. @throws BoardError package-failed */
function manifestUrl(
  name: string,
  version: string | undefined,
  index: string,
  mpyVersion: number,
): string {
  if (isAddress(name)) {
    const whole = name.endsWith('.json') ? name : `${name.replace(/\/$/, '')}/package.json`;
    return addressOf(whole, version);
  }
  if (!/^[\w.-]+$/.test(name)) throw failed(name, t('a package’s name has letters, digits, . _ -'));
  const format = mpyVersion > 0 ? String(mpyVersion) : 'py';
  return `${index}/package/${format}/${name}/${version ?? 'latest'}.json`;
}

/** @throws BoardError package-failed, cancelled */
async function manifestAt(
  url: string,
  name: string,
  store: FirmwareStore,
  job: Job,
): Promise<Manifest> {
  const { text } = await store.page(url, job).catch((error: unknown) => {
    if (!isBoardError(error, 'download-failed')) throw error;
    throw failed(name, String(error.details['reason'] ?? t('no answer')), error);
  });
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Said below.
  }
  throw failed(url, t('it is no package.json'));
}

/** Path on the board, address, and the beginning of the SHA-256 where the index tells it. */
function filesOf(
  { hashes, urls }: Manifest,
  version: string | undefined,
  index: string,
): [string, string, string | undefined][] {
  return [
    ...pairs(hashes).map(([path, hash]): [string, string, string] => {
      if (!/^[0-9a-f]{8,64}$/.test(hash)) throw failed(path, t('the index has no hash of it'));
      return [safe(path), `${index}/file/${hash.slice(0, 2)}/${hash}`, hash];
    }),
    ...pairs(urls).map(([path, url]): [string, string, undefined] => [
      safe(path),
      addressOf(url, version),
      undefined,
    ]),
  ];
}

/** Pairs of words, whatever the file holds. */
function pairs(value: unknown): [string, string][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair): [string, string][] => {
    const [a, b] = Array.isArray(pair) ? (pair as unknown[]) : [];
    return typeof a === 'string' && typeof b === 'string' ? [[a, b]] : [];
  });
}

/** A package must not write outside its folder. @throws BoardError package-failed */
function safe(path: string): string {
  const parts = path.split('/');
  const wrong =
    parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(path);
  if (wrong) throw failed(path, t('it would be written outside the packages’ folder'));
  return path;
}

/** A file that the index knows by the beginning of its SHA-256, from the cache or the network. */
async function kept(
  hash: string,
  url: string,
  options: PackageOptions,
  job: Job,
): Promise<Uint8Array> {
  const file = join(options.cacheFolder, 'files', hash);
  const isIt = (bytes: Uint8Array): boolean => sha256(bytes).startsWith(hash);
  const here = await readFile(file).catch(() => undefined);
  if (here && isIt(here)) return new Uint8Array(here);
  const bytes = await download(url, options, job);
  if (!isIt(bytes)) throw failed(url, t('it is not what the index says it is (SHA-256)'));
  const draft = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(draft, bytes);
  await rename(draft, file);
  return bytes;
}

/** @throws BoardError package-failed, cancelled */
async function download(url: string, options: PackageOptions, job: Job): Promise<Uint8Array> {
  if (!isSafe(url)) throw failed(url, t('it must begin with https://'));
  const quiet = withProgress(job, () => undefined);
  const signal = AbortSignal.any([quiet.signal, AbortSignal.timeout(SILENCE_MS)]);
  try {
    const response = await (options.fetch ?? fetch)(url, { signal });
    // Where it was led to must be as safe as where it began.
    if (response.url && !isSafe(response.url)) throw failed(url, t('it leads away from https'));
    if (!response.ok) throw failed(url, t('the server says {status}', { status: response.status }));
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > MOST_BYTES) throw failed(url, t('it is too large'));
    return bytes;
  } catch (error) {
    if (job.signal.aborted) throw new BoardError('cancelled', 'cancelled by the user');
    if (isBoardError(error)) throw error;
    throw failed(url, t('no answer'), error);
  }
}

function isSafe(url: string): boolean {
  try {
    demandSafe(url);
    return true;
  } catch {
    return false;
  }
}

/** @param what the package, or the address of its file */
function failed(what: string, reason: string, cause?: unknown): BoardError {
  const details = { package: what, reason };
  return new BoardError('package-failed', `${what}: ${reason}`, { cause, details });
}
