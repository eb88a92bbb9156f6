/**
 * What of a folder stays at home: the defaults, and the folder's own `.parleyignore` in the syntax of
 * .gitignore. Below: the package `ignore`, node:fs. Above: put, sync, compare.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

export const IGNORE_FILE = '.parleyignore';
/** `!tests/` in a `.parleyignore` takes one back. The first covers .git, .vscode and the file itself. */
export const DEFAULT_IGNORES = ['.*', '__pycache__/', '*.pyc', 'tests/', 'test/'] as const;

export class IgnoreRules {
  private constructor(private readonly rules: Ignore) {}

  /** The rules of a folder; one without a `.parleyignore` has the defaults. */
  static async of(folder: string): Promise<IgnoreRules> {
    const text = await readFile(join(folder, IGNORE_FILE), 'utf8').catch(() => '');
    return IgnoreRules.from(text);
  }

  static from(text: string): IgnoreRules {
    return new IgnoreRules(
      ignore()
        .add([...DEFAULT_IGNORES])
        .add(text),
    );
  }

  /** @param path from the folder's root, with `/` between and no slash in front: "lib/x.py" */
  ignores(path: string, kind: 'file' | 'folder'): boolean {
    // A name that git knows no path for ("..x" it does, ".." it does not) is no rule's business.
    const asked = kind === 'folder' ? `${path}/` : path;
    return ignore.isPathValid(asked) && this.rules.ignores(asked);
  }
}
