/**
 * What the firmware list shows: rows as data. Below: releases, rate; no `vscode`, so plain Node can
 * test it. Above: firmwarePicker.ts makes a QuickPick of it.
 */
import { formatBytes } from '../core/rate';
import { latestPreview, latestStable, type BoardPage, type Release } from '../esp/releases';
import { t } from '../core/words';

/** Where a firmware comes from; kept as "what was used last". */
export interface FirmwareSource {
  /** An absolute path, or an https address. */
  readonly from: string;
  /** Bytes from the start of the flash; left out: where such an image belongs. */
  readonly offset?: number;
}

export type RowChoice =
  | { readonly kind: 'source'; readonly source: FirmwareSource }
  /** 'wait': the row of a list that is on its way; nothing happens when it is chosen. */
  | { readonly kind: 'file' | 'url' | 'older' | 'boards' | 'reload' | 'wait' }
  | { readonly kind: 'board'; readonly page: BoardPage };

export interface FirmwareRow {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** Missing for a heading between rows. */
  readonly choice?: RowChoice;
}

/** A page as far as it was read. */
export interface Listing {
  readonly releases: readonly Release[];
  /** Why there is no news, in a few words: "micropython.org: no answer". */
  readonly problem?: string;
}

/** Sizes in bytes, and which files are on this computer, by address. */
export interface KnownFiles {
  readonly sizes: ReadonlyMap<string, number>;
  readonly kept: ReadonlySet<string>;
}

/** The file's name, without its folder or address. */
export const sourceName = ({ from }: FirmwareSource): string =>
  from.replace(/[?#].*$/, '').replace(/^.*[\\/]/, '') || from;

/** The options that name it to a command. */
export function optionsOf({ from, offset }: FirmwareSource): {
  readonly file?: string;
  readonly url?: string;
  readonly offset?: number;
} {
  const at = offset === undefined ? {} : { offset };
  return isUrl(from) ? { url: from, ...at } : { file: from, ...at };
}

export const isUrl = (from: string): boolean => /^https?:\/\//i.test(from);

export interface FirstRowsOptions {
  readonly chip: string;
  /** Path of the image for virtual boards, where the board is one. */
  readonly virtualImage?: string;
  readonly last?: FirmwareSource;
  /** Undefined while the page is on its way. */
  readonly listing: Listing | undefined;
  readonly files: KnownFiles;
}

/**
 * The first list: the ways that are there at once, then the newest builds. What comes later stands
 * below what is fixed, or in the place of a row that waited for it: no row moves under a pointer.
 */
export function firstRows(options: FirstRowsOptions): FirmwareRow[] {
  const { chip, virtualImage, last, listing, files } = options;
  const rows: FirmwareRow[] = [];
  if (virtualImage) {
    const label = t('$(circuit-board) MicroPython for virtual boards');
    rows.push({ label, description: t('comes with Parley'), choice: source(virtualImage) });
  }
  if (last && last.from !== virtualImage) rows.push(lastRow(last, files));
  rows.push({
    label: t('$(folder-opened) Choose a .bin file…'),
    description: t('an image on this computer'),
    choice: { kind: 'file' },
  });
  rows.push({
    label: t('$(link) From an address…'),
    description: 'https',
    choice: { kind: 'url' },
  });
  rows.push({
    label: t('$(list-unordered) A board with a build of its own…'),
    description: t('every board with an {chip} that MicroPython is built for', { chip }),
    choice: { kind: 'boards' },
  });
  rows.push({ label: t('MicroPython for {chip}', { chip }) });
  if (!listing) {
    const label = t('$(loading~spin) Reading the list of builds…');
    return [...rows, { label, choice: { kind: 'wait' } }];
  }
  const newest = newestReleases(listing.releases);
  if (listing.problem) rows.push(problemRow(listing.problem, newest.length > 0));
  rows.push(...newest.map((release) => releaseRow(release, files)));
  if (listing.releases.length > newest.length) {
    const description = t('{releases} more', { releases: listing.releases.length - newest.length });
    const label = t('$(history) Older and other builds…');
    rows.push({ label, description, choice: { kind: 'older' } });
  }
  return rows;
}

/** Why a list is old or missing, in a width that is not cut off. Choosing the row reads it again. */
function problemRow(problem: string, old: boolean): FirmwareRow {
  const what = old ? t('The list may be out of date') : t('The list of builds cannot be read');
  const rest = old
    ? t('What is on this computer can be flashed.')
    : t('A .bin file can be flashed without a list.');
  return {
    label: `$(warning) ${what}`,
    description: problem,
    detail: t('Choose this to try again. {rest}', { rest }),
    choice: { kind: 'reload' },
  };
}

/** The newest stable build in each variant that has it, then the preview of the plain build. */
export function newestReleases(releases: readonly Release[]): Release[] {
  const stable = latestStable(releases);
  const plain = stable.find(({ variant }) => variant === '') ?? stable[0];
  const current = stable.filter(({ version }) => version === plain?.version);
  const previews = latestPreview(releases).filter(({ variant }) => variant === '');
  return [...current, ...previews];
}

/** Every build of a page, the newest first, with a heading for each year. */
export function allRows(releases: readonly Release[], files: KnownFiles): FirmwareRow[] {
  const rows: FirmwareRow[] = [];
  let year = '';
  for (const release of releases) {
    const its = release.date.slice(0, 4);
    if (its !== year) rows.push({ label: its });
    year = its;
    rows.push(releaseRow(release, files));
  }
  return rows;
}

export function boardRows(boards: readonly BoardPage[]): FirmwareRow[] {
  return boards.map((page) => ({
    label: page.name,
    description: page.id,
    choice: { kind: 'board', page },
  }));
}

function releaseRow(release: Release, files: KnownFiles): FirmwareRow {
  const { url, version, variant, about, date, kind } = release;
  const size = files.sizes.get(url);
  const facts = [
    about,
    kind === 'preview' ? 'preview' : '',
    date,
    size === undefined ? '' : formatBytes(size),
    files.kept.has(url) ? t('on this computer') : '',
  ];
  return {
    label: t('{more} MicroPython {version}{variant}', {
      more: kind === 'preview' ? '$(beaker)' : '$(package)',
      version,
      variant: variant && ` ${variant}`,
    }),
    description: facts.filter(Boolean).join(' · '),
    choice: source(url),
  };
}

function lastRow(last: FirmwareSource, files: KnownFiles): FirmwareRow {
  const [, folder = '', name = last.from] = /^(.*)[\\/]([^\\/]+)$/.exec(last.from) ?? [];
  const at = last.offset === undefined ? '' : `at 0x${last.offset.toString(16)}`;
  const kept = files.kept.has(last.from) ? t('on this computer') : '';
  return {
    label: `$(history) ${name.replace(/[?#].*$/, '')}`,
    description: [t('used last'), at, kept].filter(Boolean).join(' · '),
    detail: folder,
    choice: { kind: 'source', source: last },
  };
}

const source = (from: string): RowChoice => ({ kind: 'source', source: { from } });
