import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataRules, Verdict } from './data-rules.ts';
import { GitIgnore } from './git-ignore.ts';
import type { Root } from './locate.ts';
import { isPlainName } from './path-text.ts';

/** Folders of version control and of installed packages: looked into only when they are named. */
const NEVER_SCANNED: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.jj', 'cvs']);
const PACKAGE_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  'bower_components',
  'jspm_packages',
  '.venv',
  'venv',
  '__pycache__',
  '.tox',
  '.gradle',
  '.yarn',
  '.pnpm-store',
]);

export interface FolderContent {
  /** Names, sorted. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** How many folders are remembered for a message. */
const MOST_KEPT_BACK = 50;

const NOTHING: FolderContent = { files: [], folders: [] };

/** One walk over the workspace: what it may see, how far it may go, and what it passed by. */
export class Scan {
  readonly signal: AbortSignal;
  readonly #rules: DataRules;
  readonly #git = new Map<string, GitIgnore>();
  #entriesLeft: number;
  #keptBack: { readonly folder: string; readonly why: string }[] = [];

  constructor(options: { readonly rules: DataRules; readonly maxEntries: number; readonly signal: AbortSignal }) {
    this.#rules = options.rules;
    this.#entriesLeft = options.maxEntries;
    this.signal = options.signal;
  }

  /** True when folders were left out because there are too many entries. */
  get isCut(): boolean {
    return this.#entriesLeft <= 0;
  }

  /** False when a folder that is kept back cannot hold a file that a rule of the user lets through. */
  get canLift(): boolean {
    return this.#rules.canLift;
  }

  /** Some folders that rules kept back, by their path from their root, with the reason. */
  get keptBack(): readonly { readonly folder: string; readonly why: string }[] {
    return this.#keptBack;
  }

  /**
   * Plain files and folders; never a link, which is another name of something or leads out, nor a name that cannot
   * stand in a path. Folders that a rule keeps back are left out. An unreadable or vanished folder is empty.
   */
  async readFolder(root: Root, segments: readonly string[], skip: (name: string) => boolean): Promise<FolderContent> {
    this.signal.throwIfAborted();
    if (this.isCut) return NOTHING;
    const entries = await readdir(join(root.real, ...segments), { withFileTypes: true }).catch((): Dirent[] => []);
    this.#entriesLeft -= entries.length;
    const plain = entries.filter((entry) => isPlainName(entry.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    const folders: string[] = [];
    for (const entry of plain) {
      if (!entry.isDirectory() || NEVER_SCANNED.has(entry.name.toLowerCase()) || skip(entry.name)) continue;
      if (await this.#mayEnter(root, [...segments, entry.name])) folders.push(entry.name);
    }
    return { files: plain.filter((entry) => entry.isFile()).map((entry) => entry.name), folders };
  }

  async verdict(root: Root, segments: readonly string[], isFolder: boolean): Promise<Verdict> {
    const git = this.#git.get(root.real) ?? new GitIgnore(root.real);
    this.#git.set(root.real, git);
    const ignoredBy = segments.length === 0 ? undefined : await git.ignoredBy(segments, isFolder);
    return segments.length === 0
      ? { allow: 'anywhere', by: 'nothing', why: '' }
      : this.#rules.verdict(segments.join('/') + (isFolder ? '/' : ''), ignoredBy);
  }

  async #mayEnter(root: Root, segments: readonly string[]): Promise<boolean> {
    const verdict = await this.verdict(root, segments, true);
    if (verdict.allow !== 'nowhere' || this.#rules.canLift) return true;
    if (this.#keptBack.length < MOST_KEPT_BACK) this.#keptBack.push({ folder: segments.join('/'), why: verdict.why });
    return false;
  }
}

export function isPackageFolder(name: string): boolean {
  return PACKAGE_FOLDERS.has(name.toLowerCase());
}
