/** Add a Virtual Board: one more, with a name of its own and a chip. */
import * as vscode from 'vscode';
import { VirtualBoards, virtualChips, type VirtualChip } from '../../board/virtualBoards';
import { BoardError } from '../../core/errors';
import { textFor, type Command } from '../command';
import { whileWorking } from '../progress';
import type { Services } from '../services';
import { t } from '../../core/words';

/** What tells the chips apart for somebody who chooses one. */
const DETAILS: Readonly<Record<VirtualChip, string>> = {
  esp32: t('As on the common DevKit boards, with a USB bridge beside it'),
  esp32s3: t('USB is in the chip: the port goes away for a moment at each reset from a program'),
  esp32c3: t('As the S3 in its USB, with a RISC-V core'),
};

export const addVirtualBoard: Command = async (services, { options }) => {
  const name = await nameVirtualBoard(services, options.name);
  const chip = options.name === undefined ? await chooseChip() : chipNamed(options.chip);
  const [board] = await whileWorking(t('Starting {name}', { name }), () =>
    services.sources.addVirtual([name], chip),
  );
  return board?.id;
};

/** A name that no virtual board has yet: the one given, or typed now. */
export async function nameVirtualBoard(services: Services, given?: string): Promise<string> {
  const taken = services.settings.virtualBoards;
  let number = 1;
  while (taken.includes(`machine${number}`)) number++;
  return textFor(given, {
    title: t('Name of the virtual board'),
    value: `machine${number}`,
    validateInput: (text) =>
      VirtualBoards.nameProblem(text) ??
      (taken.includes(text) ? t('There is a virtual board of that name.') : undefined),
  });
}

async function chooseChip(): Promise<VirtualChip> {
  const ids = Object.keys(virtualChips) as VirtualChip[];
  const items = ids.map((chip) => ({ label: virtualChips[chip], detail: DETAILS[chip], chip }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Its chip'),
    placeHolder: t('The firmware you flash must be for this chip, as on a real board'),
    ignoreFocusOut: true,
  });
  if (!picked) throw new BoardError('cancelled', 'no chip chosen');
  return picked.chip;
}

/** The chip of a caller that says which; an ESP32 without. */
function chipNamed(name: string | undefined): VirtualChip {
  const id = name?.toLowerCase().replace('-', '') ?? 'esp32';
  if (!Object.hasOwn(virtualChips, id)) {
    const details = { why: t('there is no virtual {name}', { name }) };
    throw new BoardError('virtual-failed', 'no such chip', { details });
  }
  return id as VirtualChip;
}
