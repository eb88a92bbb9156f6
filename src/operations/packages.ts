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
import { Downloads, type DownloadOptions } from '../esp/download';
import { FirmwareStore } from '../esp/firmwareStore';
import { sha256 } from '../micropython/contentHash';
import type { BoardFile } from './put';
import { t } from '../core/words';

export const PACKAGE_INDEX = 'https://micropython.org/pi/v2';

export interface PackageOptions extends DownloadOptions {
  /** Where the index is; {@link PACKAGE_INDEX} or a mirror. */
  readonly index: string;
  /** `sys.implementation._mpy & 0xFF`: the .mpy format the board loads; 0 asks for sources. */
  readonly mpyVersion: number;
  /** Keeps what was seen, for when there is no network; made when it is first needed. */
  readonly cacheFolder: string;
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
  const store = new FirmwareStore({ ...options, folder: options.cacheFolder });
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
    const manifest = parseManifest(await manifestAt(url, name, store, job), url, version, index);
    for (const [path, where, hash] of manifest.files) {
      if (files.size >= MOST_FILES) throw failed(name, t('it has too many files'));
      const bytes =
        hash === undefined
          ? await download(where, options, job)
          : await kept(hash, where, options, job);
      files.set(path, { path, bytes });
    }
    packages.push({ name, version: manifest.version ?? version ?? 'latest', dependency });
    for (const [needed, at] of manifest.deps) {
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
): Promise<string> {
  const page = await store.page(url, job).catch((error: unknown) => {
    throw isBoardError(error, 'download-failed') ? toldOf(name, error) : error;
  });
  return page.text;
}

export interface Manifest {
  readonly version: string | undefined;
  /** Path below the target folder, address, and the beginning of the SHA-256 where the index tells it. */
  readonly files: readonly (readonly [path: string, url: string, hash: string | undefined])[];
  /** What it needs, and in which version. */
  readonly deps: readonly (readonly [name: string, version: string])[];
}

/**
 * What a package.json says; whoever wrote it is not trusted.
 * @param url where it lies, for the sentence
 * @param version the branch or tag that was asked for
 * @throws BoardError package-failed
 */
export function parseManifest(
  text: string,
  url: string,
  version: string | undefined,
  index: string,
): Manifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (typeof parsed !== 'object' || parsed === null) throw failed(url, t('it is no package.json'));
  const { version: said, hashes, urls, deps } = parsed as Record<string, unknown>;
  return {
    version: typeof said === 'string' ? said : undefined,
    files: filesOf(hashes, urls, version, index),
    deps: pairs(deps),
  };
}

function filesOf(
  hashes: unknown,
  urls: unknown,
  version: string | undefined,
  index: string,
): Manifest['files'] {
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
  const quiet = withProgress(job, () => undefined);
  return new Downloads(options).whole(url, MOST_BYTES, quiet).catch((error: unknown) => {
    throw isBoardError(error, 'download-failed') ? toldOf(url, error) : error;
  });
}

/** A page or a file that did not come, as the failure of `what`. */
function toldOf(what: string, error: BoardError): BoardError {
  return failed(what, String(error.details['reason'] ?? t('no answer')), error);
}

/** @param what the package, or the address of its file */
function failed(what: string, reason: string, cause?: unknown): BoardError {
  const details = { package: what, reason };
  return new BoardError('package-failed', `${what}: ${reason}`, { cause, details });
}
