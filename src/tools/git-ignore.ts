import { lstat, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { segmentsBetween } from './locate.ts';

const LARGEST_BYTES = 1_000_000;

/** The rules of one ignore file, for paths below its folder. */
interface IgnoreFile {
  readonly name: string;
  /** How many segments of a path, counted from the repository's top, lead to its folder. */
  readonly depth: number;
  readonly rules: Ignore;
}

/**
 * What git ignores below one workspace folder: every .gitignore from the top of the repository (which may be above the
 * folder) down to the file, and .git/info/exclude. The user's global ignore file is not read. Case does not matter:
 * that keeps back rather too much. Holds what it read, so make a new one for each operation.
 */
export class GitIgnore {
  readonly #folder: string;
  readonly #files = new Map<string, Promise<IgnoreFile | undefined>>();
  readonly #decided = new Map<string, Promise<string | undefined>>();
  #top: Promise<{ readonly path: string; readonly exclude: IgnoreFile | undefined }> | undefined;

  /** `folder` is absolute, links resolved. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The rule that ignores a path, as `.gitignore: dist/`; undefined when git does not ignore it. */
  async ignoredBy(segments: readonly string[], isFolder: boolean): Promise<string | undefined> {
    const top = await this.#findTop();
    const full = [...segmentsBetween(top.path, this.#folder), ...segments];
    for (let length = 1; length <= full.length; length++) {
      const rule = await this.#decide(full.slice(0, length), length < full.length || isFolder);
      if (rule !== undefined) return rule;
    }
    return undefined;
  }

  /** Whether the last file that says something about this very path ignores it; deeper files go before shallower ones. */
  #decide(path: readonly string[], isFolder: boolean): Promise<string | undefined> {
    const key = path.join('/') + (isFolder ? '/' : '');
    const known = this.#decided.get(key);
    if (known !== undefined) return known;
    const decided = this.#decideAnew(path, key);
    if (isFolder) this.#decided.set(key, decided);
    return decided;
  }

  async #decideAnew(path: readonly string[], key: string): Promise<string | undefined> {
    const top = await this.#findTop();
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const file = await this.#fileIn(join(top.path, ...path.slice(0, depth)), path.slice(0, depth));
      const verdict = file === undefined ? undefined : judge(file, key);
      if (verdict !== undefined) return verdict.rule;
    }
    return top.exclude === undefined ? undefined : judge(top.exclude, key)?.rule;
  }

  #fileIn(folder: string, at: readonly string[]): Promise<IgnoreFile | undefined> {
    const known = this.#files.get(folder);
    if (known !== undefined) return known;
    const read = readIgnoreFile(join(folder, '.gitignore'), {
      name: [...at, '.gitignore'].join('/'),
      depth: at.length,
    });
    this.#files.set(folder, read);
    return read;
  }

  #findTop(): Promise<{ readonly path: string; readonly exclude: IgnoreFile | undefined }> {
    this.#top ??= findRepositoryTop(this.#folder).then(async (path) => ({
      path,
      exclude: await readIgnoreFile(join(path, '.git', 'info', 'exclude'), { name: '.git/info/exclude', depth: 0 }),
    }));
    return this.#top;
  }
}

function judge(file: IgnoreFile, key: string): { readonly rule: string | undefined } | undefined {
  const below = key.split('/').slice(file.depth).join('/');
  const result = file.rules.test(below);
  if (result.ignored) return { rule: `${file.name}: ${result.rule?.pattern ?? ''}` };
  return result.unignored ? { rule: undefined } : undefined;
}

/** The nearest folder at or above `folder` that holds `.git`; without one, `folder` itself. */
export async function findRepositoryTop(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Git does not follow a link here, and neither do we. */
async function readIgnoreFile(
  path: string,
  place: { readonly name: string; readonly depth: number },
): Promise<IgnoreFile | undefined> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || stats.size > LARGEST_BYTES) return undefined;
    return { ...place, rules: ignore().add(await readFile(path, 'utf8')) };
  } catch {
    return undefined;
  }
}
