/**
 * Which firmware: lists of builds from the download pages, a file, an address, what was used last.
 * Below: firmwareStore, releases, firmwareRows. Above: the Flash command.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError, isBoardError } from '../core/errors';
import { quietJob } from '../core/job';
import { chipByName } from '../esp/chips';
import { demandSafe } from '../esp/download';
import { boardsIn, releasesIn, type Release } from '../esp/releases';
import {
  allRows,
  boardRows,
  firstRows,
  isUrl,
  newestReleases,
  type FirmwareRow,
  type FirmwareSource,
  type Listing,
  type RowChoice,
} from './firmwareRows';
import { chooseFile, lastSource, virtualImage } from './images';
import { sentenceFor } from './notify';
import type { Services } from './services';
import { t } from '../core/words';

/** What a list shows while it is open; `show` may be called again as more is known. */
type Fill = (show: (rows: readonly FirmwareRow[]) => void, signal: AbortSignal) => Promise<void>;

/**
 * Asks for the firmware for `board`, whose chip is `chip`. Downloads nothing yet.
 * @throws BoardError 'cancelled'
 */
export async function pickFirmware(
  services: Services,
  board: Board,
  chip: string,
  title = t('Flash {board}', { board: board.name }),
): Promise<FirmwareSource> {
  const pages = new Pages(services, board, chip);
  for (;;) {
    const choice = await ask(t('{title} with what?', { title }), title, false, (show, s) =>
      pages.fillFirst(show, s),
    );
    const source = choice && (await resolve(services, pages, title, board, choice));
    if (!choice) throw new BoardError('cancelled', 'no firmware chosen');
    if (source) return source;
  }
}

/** What a row of the first list leads to; undefined: back to that list. */
async function resolve(
  services: Services,
  pages: Pages,
  title: string,
  board: Board,
  choice: RowChoice,
): Promise<FirmwareSource | undefined> {
  switch (choice.kind) {
    case 'source':
      return choice.source;
    case 'file':
      return chooseFile(board, pages.chip);
    case 'url':
      return askUrl(title);
    case 'older': {
      const fill: Fill = (show, signal) => pages.fillAll(pages.home, pages.homeId, show, signal);
      return asSource(await ask(t('Which build?'), title, true, fill));
    }
    case 'boards': {
      const picked = await ask(t('Which board is it?'), title, true, (show, s) =>
        pages.fillBoards(show, s),
      );
      if (picked?.kind !== 'board') return undefined;
      const { url, id, name } = picked.page;
      const fill: Fill = (show, signal) => pages.fillAll(url, id, show, signal);
      return asSource(await ask(t('Which build for {name}?', { name }), title, true, fill));
    }
    default:
      services.log.debug(t('reading the download page again'));
      return undefined;
  }
}

const asSource = (choice: RowChoice | undefined): FirmwareSource | undefined =>
  choice?.kind === 'source' ? choice.source : undefined;

/** Reads pages and makes rows of them. */
class Pages {
  constructor(
    private readonly services: Services,
    private readonly board: Board,
    readonly chip: string,
  ) {}

  get homeId(): string {
    return chipByName(this.chip)?.downloadPage ?? '';
  }

  get home(): string {
    return this.address(`${this.homeId}/`);
  }

  async fillFirst(show: (rows: readonly FirmwareRow[]) => void, signal: AbortSignal) {
    const { services, board, chip } = this;
    const last = lastSource(services, board);
    const sizes = new Map<string, number>();
    const kept = new Set<string>();
    const draw = (listing?: Listing): void =>
      show(
        firstRows({
          chip,
          last,
          listing,
          files: { sizes, kept },
          ...(board.virtual ? { virtualImage: virtualImage(services, board) } : {}),
        }),
      );
    draw();
    const listing = await this.listing(this.home, this.homeId, signal);
    draw(listing);
    const newest = newestReleases(listing.releases);
    await this.learnFiles(newest, { sizes, kept }, signal, () => draw(listing));
  }

  async fillAll(
    url: string,
    id: string,
    show: (rows: readonly FirmwareRow[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const sizes = new Map<string, number>();
    const kept = new Set<string>();
    const { releases, problem } = await this.listing(url, id, signal);
    const note: FirmwareRow[] = problem ? [{ label: '$(warning)', description: problem }] : [];
    const draw = (): void => show([...note, ...allRows(releases, { sizes, kept })]);
    draw();
    // Sizes of those that are seen at once; a page may list a hundred.
    await this.learnFiles(releases.slice(0, 12), { sizes, kept }, signal, draw);
  }

  async fillBoards(
    show: (rows: readonly FirmwareRow[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const mcu = this.chip.toLowerCase().replace('-', '');
    const url = this.address(`?mcu=${mcu}`);
    const page = await this.services.firmware.page(url, quietJob(signal));
    show(boardRows(boardsIn(page.text, page.url)));
  }

  private address(rest: string): string {
    const { firmwareIndex } = this.services.settings;
    return new URL(rest, firmwareIndex.endsWith('/') ? firmwareIndex : `${firmwareIndex}/`).href;
  }

  private async listing(url: string, id: string, signal: AbortSignal): Promise<Listing> {
    try {
      const page = await this.services.firmware.page(url, quietJob(signal));
      const releases = releasesIn(page.text, page.url, id);
      if (releases.length === 0)
        return { releases, problem: t('{url} lists no firmware', { url }) };
      if (page.fresh) return { releases };
      const day = new Date(page.checkedAt).toLocaleDateString();
      const problem = t('{host} does not answer; its list of {day}', {
        host: new URL(url).host,
        day,
      });
      return { releases, problem };
    } catch (error) {
      if (signal.aborted) return { releases: [] };
      return { releases: [], problem: this.reasonOf(error, url) };
    }
  }

  /** Why a page cannot be read, in a few words. */
  private reasonOf(error: unknown, url: string): string {
    if (!isBoardError(error, 'download-failed')) {
      return sentenceFor(this.services, error, this.board);
    }
    return `${new URL(url).host}: ${String(error.details['reason'] ?? error.message)}`;
  }

  /** Sizes and what is kept here, drawn as they come. */
  private async learnFiles(
    releases: readonly Release[],
    files: { sizes: Map<string, number>; kept: Set<string> },
    signal: AbortSignal,
    draw: () => void,
  ): Promise<void> {
    const { firmware } = this.services;
    const learn = async ({ url }: Release): Promise<void> => {
      if (await firmware.has(url)) files.kept.add(url);
      const size = await firmware.size(url, signal);
      if (size !== undefined) files.sizes.set(url, size);
    };
    await Promise.all(releases.map(learn));
    if (!signal.aborted) draw();
  }
}

type Item = vscode.QuickPickItem & { row?: FirmwareRow };

/** A list that fills itself while it is open; undefined when it was left. */
function ask(
  placeholder: string,
  title: string,
  back: boolean,
  fill: Fill,
): Promise<RowChoice | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  const abort = new AbortController();
  pick.title = title;
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  pick.busy = true;
  // Sizes and dates come one by one: the list must not jump back to its top for each.
  pick.keepScrollPosition = true;
  if (back) pick.buttons = [vscode.QuickInputButtons.Back];
  const show = (rows: readonly FirmwareRow[]): void => {
    if (abort.signal.aborted) return;
    const active = pick.activeItems[0]?.label;
    pick.items = rows.map(itemOf);
    const same = pick.items.find(({ label }) => label === active);
    if (same) pick.activeItems = [same];
  };
  return new Promise((resolve, reject) => {
    pick.onDidAccept(() => {
      const choice = pick.selectedItems[0]?.row?.choice;
      if (!choice || choice.kind === 'wait') return;
      resolve(choice);
      pick.hide();
    });
    pick.onDidTriggerButton(() => pick.hide());
    pick.onDidHide(() => {
      abort.abort();
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
    fill(show, abort.signal).then(
      () => {
        if (!abort.signal.aborted) pick.busy = false;
      },
      (error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        pick.hide();
      },
    );
  });
}

function itemOf(row: FirmwareRow): Item {
  if (!row.choice) return { label: row.label, kind: vscode.QuickPickItemKind.Separator };
  const { label, description, detail } = row;
  return { label, description, detail, row };
}

async function askUrl(title: string): Promise<FirmwareSource | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: t('Address of a .bin file'),
    placeHolder: 'https://',
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (!text.trim()) return undefined;
      try {
        if (!isUrl(text.trim())) return t('It must begin with https://');
        demandSafe(text.trim());
        return undefined;
      } catch {
        return t('It must begin with https://');
      }
    },
  });
  return typed?.trim() ? { from: typed.trim() } : undefined;
}
