/**
 * Which MicroPython there is for a chip, read from the download pages of micropython.org. There is
 * no index made for programs and no published checksum: the pages are the index (mpflash and
 * Thonny read them too). Below: nothing; text in, data out. Above: firmwareStore.ts fetches pages.
 */

export interface Release {
  /** The board it was built for: "ESP32_GENERIC_S3". */
  readonly board: string;
  /** "SPIRAM_OCT", or '' for the board's plain build. */
  readonly variant: string;
  /** What the page says of the variant ("Support for Octal-SPIRAM"), or ''. */
  readonly about: string;
  /** "1.27.0", "1.28.0-preview.17". */
  readonly version: string;
  readonly kind: 'stable' | 'preview';
  /** Day of the build: "2025-12-09". */
  readonly date: string;
  readonly url: string;
  /** Last part of the address. */
  readonly fileName: string;
}

export interface BoardPage {
  /** "ADAFRUIT_FEATHER_ESP32S2". */
  readonly id: string;
  /** "Adafruit Feather ESP32-S2". */
  readonly name: string;
  readonly url: string;
}

/**
 * `<BOARD[-VARIANT]>-<YYYYMMDD>-v<X.Y[.Z]>[-preview.N.gHASH].bin`. Builds before 1.22 said
 * `-unstable-v1.21.0-123-gHASH` for a preview. An `.app-bin` is an update for OTA, not an image.
 */
const FILE =
  /^(.+?)-(\d{4})(\d{2})(\d{2})-(unstable-)?v(\d+\.\d+(?:\.\d+)?)(?:-(preview\.\d+|\d+))?(?:[.-]g[0-9a-f]+)?\.bin$/;
/** A tag and its attributes. It never looks past the next tag: a page of any make is read in one go. */
const TAG = /<(\/?)(h[1-6]|a)\b([^<>]*)>/gi;
const HREF = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
const CLASS = /\bclass\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
/** A heading or a card is no longer than this, characters. */
const MOST_INSIDE = 4000;

/**
 * The images a board's page links to, newest first; each once.
 * @param pageUrl where the page came from: links are relative to it
 * @param board the page's board, which the names of old builds ("esp32-ota-…") do not tell
 */
export function releasesIn(html: string, pageUrl: string, board: string): Release[] {
  const found = new Map<string, Release>();
  let about = '';
  for (const { 1: closing, 2: tag = '', 3: attributes = '', 0: all, index } of html.matchAll(TAG)) {
    if (closing) continue;
    if (tag.toLowerCase() !== 'a') {
      // "Firmware (Support for Octal-SPIRAM)"; a "Releases" below it belongs to the same.
      const variant = /^firmware\b\s*(?:\((.*)\))?/i.exec(
        textOf(inside(html, index + all.length, tag)),
      );
      if (variant) about = variant[1] ?? '';
      continue;
    }
    const url = absolute(hrefIn(attributes), pageUrl);
    const release = url && releaseOf(url, board, about);
    if (release && !found.has(release.url)) found.set(release.url, release);
  }
  return [...found.values()].sort(newestFirst);
}

/** What an image's address tells of it, or undefined where it is no MicroPython build. */
export function releaseOf(url: string, board: string, about = ''): Release | undefined {
  const fileName = fileNameOf(url);
  const parts = FILE.exec(fileName);
  if (!parts) return undefined;
  const [, name = '', year, month, day, unstable, base = '', after] = parts;
  const kind = unstable || after ? 'preview' : 'stable';
  const version = after
    ? `${base}-${after.startsWith('preview') ? after : `${after} commits`}`
    : base;
  return {
    board,
    variant: variantOf(name, board),
    about,
    version,
    kind,
    date: `${year}-${month}-${day}`,
    url,
    fileName,
  };
}

/** The boards that a list page (`/download/?mcu=esp32s3`) shows, as it orders them. */
export function boardsIn(html: string, pageUrl: string): BoardPage[] {
  const boards: BoardPage[] = [];
  for (const { 1: closing, 2: tag = '', 3: attributes = '', 0: all, index } of html.matchAll(TAG)) {
    const [, double, single] = CLASS.exec(attributes) ?? [];
    const card = /(^|\s)board-card(\s|$)/i.test(double ?? single ?? '');
    if (closing || tag.toLowerCase() !== 'a' || !card) continue;
    const inner = inside(html, index + all.length, 'a');
    const url = absolute(hrefIn(attributes), pageUrl);
    const id = url && new URL(url).pathname.split('/').filter(Boolean).at(-1);
    if (!url || !id || boards.some((board) => board.id === id)) continue;
    const piece = (name: string): string => {
      const div = new RegExp(`<(\\w+)\\b[^<>]*\\b${name}\\b[^<>]*>([\\s\\S]*?)</\\1>`, 'i').exec(
        inner,
      );
      return textOf(div?.[2] ?? '');
    };
    const said = [piece('board-vendor'), piece('board-product')].filter(Boolean).join(' ');
    boards.push({
      id,
      name: said || textOf(inner) || id,
      url: url.endsWith('/') ? url : `${url}/`,
    });
  }
  return boards;
}

/** The newest stable build of each variant, the plain one first, then by name. */
export function latestStable(releases: readonly Release[]): Release[] {
  return newestOfEach(releases, 'stable');
}

/** The newest preview of each variant, where it is newer than that variant's stable build. */
export function latestPreview(releases: readonly Release[]): Release[] {
  const stable = latestStable(releases);
  return newestOfEach(releases, 'preview').filter((preview) => {
    const released = stable.find(({ variant }) => variant === preview.variant);
    return !released || released.date < preview.date;
  });
}

function newestOfEach(releases: readonly Release[], kind: Release['kind']): Release[] {
  const newest = new Map<string, Release>();
  for (const release of [...releases].sort(newestFirst)) {
    if (release.kind === kind && !newest.has(release.variant)) {
      newest.set(release.variant, release);
    }
  }
  return [...newest.values()].sort((a, b) => (a.variant < b.variant ? -1 : 1));
}

function newestFirst(a: Release, b: Release): number {
  if (a.date !== b.date) return a.date < b.date ? 1 : -1;
  const byVersion = compareVersions(b.version, a.version);
  return byVersion || (a.variant < b.variant ? -1 : a.variant > b.variant ? 1 : 0);
}

/** Below 0 when `a` is older. Numbers in turn; "1.28.0" is newer than "1.28.0-preview.9". */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference) return difference;
  }
  return (left[3] ?? Infinity) - (right[3] ?? Infinity) || 0;
}

/** "ESP32_GENERIC-SPIRAM" is the SPIRAM of ESP32_GENERIC; an old "esp32-ota" the ota of esp32. */
function variantOf(name: string, board: string): string {
  if (name === board) return '';
  if (name.startsWith(`${board}-`)) return name.slice(board.length + 1);
  const [, ...rest] = name.split('-');
  return rest.join('-').toUpperCase();
}

/** Last part of an address, decoded; '' where there is none. */
export function fileNameOf(url: string): string {
  const last = URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** What stands from `at` to the end of the element `tag`. */
function inside(html: string, at: number, tag: string): string {
  const piece = html.slice(at, at + MOST_INSIDE);
  const end = piece.toLowerCase().indexOf(`</${tag.toLowerCase()}`);
  return end < 0 ? '' : piece.slice(0, end);
}

function hrefIn(attributes: string): string {
  const [, double, single] = HREF.exec(attributes) ?? [];
  return double ?? single ?? '';
}

function absolute(href: string, base: string): string | undefined {
  try {
    return new URL(href.replaceAll('&amp;', '&').trim(), base).href;
  } catch {
    return undefined;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
};

function textOf(html: string): string {
  return html
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(#?\w+);/g, (all, name: string) => ENTITIES[name] ?? all)
    .replace(/\s+/g, ' ')
    .trim();
}
