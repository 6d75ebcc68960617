/**
 * Owns: what of the user's files the engine may see, and the reading of it.
 * Does not own: the rules (they come from the settings), what leaves the machine (the router asks `localOnly`).
 * 1. Nothing outside the workspace folders is read, by whatever name (locate.ts).
 * 2. A file goes by the stricter of two verdicts: of the path that was asked for, and of the file that it means.
 * 3. What is wrong with a file is a refusal, never an exception; only an abort throws, with the signal's reason.
 * 4. Rules, ignore files and folders are looked at anew in each operation.
 */
import { join } from 'node:path';
import { escapePath, isDynamicPattern } from 'tinyglobby';
import { err, ok, type Result } from '../base/result.ts';
import type { DataRule } from '../core/data-rule.ts';
import type {
  FileText,
  ReadRefusal,
  SearchOptions,
  SearchResult,
  SymbolInfo,
  Workspace,
  WritablePath,
} from '../core/ports.ts';
import type { PathInfo } from '../core/subject.ts';
import { DataRules, stricter, whyWithheld, type Verdict } from './data-rules.ts';
import { listFiles, withSizes, type FoundFile } from './list-files.ts';
import { Folders, foldersName, type Asked, type NamedFolder } from './folders.ts';
import { locate, type FileLookup, type Located, type Root } from './locate.ts';
import { matchGlob, whyNotTried } from './match-glob.ts';
import { foldName } from './protected-paths.ts';
import { whyOwnSettings } from './own-settings.ts';
import { readText } from './read-text.ts';
import { Scan } from './scan.ts';
import { searchFiles } from './search-files.ts';
import { symbolsIn, type LanguageSupport } from './symbols.ts';
import { withUnsavedText } from './unsaved-text.ts';
import { findWritable } from './writable-path.ts';

export interface WorkspaceLimits {
  readonly maxFileBytes: number;
  /** Files that one `expand` gives. */
  readonly maxFiles: number;
  /** Names of files and folders that one operation looks at. */
  readonly maxEntries: number;
  readonly maxPatterns: number;
}

const WORKSPACE_LIMITS: WorkspaceLimits = {
  maxFileBytes: 64_000_000,
  maxFiles: 5000,
  maxEntries: 200_000,
  maxPatterns: 200,
};

export interface NodeWorkspaceOptions {
  /** Absolute paths, the main one first. With several, paths begin with a folder's name; equal names get ` (2)` … */
  readonly folders: readonly NamedFolder[];
  /** Asked in each operation, so that edited rules apply at once. */
  readonly dataRules: () => readonly DataRule[];
  readonly limits?: Partial<WorkspaceLimits>;
  /** What an editor shows for a file (absolute path, links resolved), when that is not what is on disk. */
  readonly unsavedText?: (path: string) => string | undefined;
  /** Symbols as the shell's language support knows them; undefined or none: read off the text. */
  readonly symbols?: LanguageSupport;
  /** The ripgrep program; undefined: files are searched without it. */
  readonly ripgrep?: string;
  /** How names are found; undefined: as the disk does. */
  readonly lookup?: FileLookup;
  /** The file that our settings are read from (absolute path), where they have one of their own: it is protected. */
  readonly settingsFile?: string;
}

type Expanded = Awaited<ReturnType<Workspace['expand']>>;
type Withheld = Expanded['withheld'][number];

export function createNodeWorkspace(options: NodeWorkspaceOptions): Workspace {
  return new NodeWorkspace(options);
}

class NodeWorkspace implements Workspace {
  readonly name: string;
  readonly #folders: Folders;
  readonly #dataRules: () => readonly DataRule[];
  readonly #limits: WorkspaceLimits;
  readonly #lookup: { readonly lookup?: FileLookup };
  readonly #own: { readonly settingsFile?: string };
  readonly #unsavedText: (path: string) => string | undefined;
  readonly #symbols: LanguageSupport | undefined;
  readonly #ripgrep: string | undefined;

  constructor(options: NodeWorkspaceOptions) {
    this.name = foldersName(options.folders.map((folder) => folder.path));
    this.#folders = new Folders(options.folders);
    this.#lookup = options.lookup === undefined ? {} : { lookup: options.lookup };
    this.#own = options.settingsFile === undefined ? {} : { settingsFile: options.settingsFile };
    this.#unsavedText = options.unsavedText ?? ((): undefined => undefined);
    this.#symbols = options.symbols;
    this.#ripgrep = options.ripgrep;
    this.#dataRules = options.dataRules;
    this.#limits = { ...WORKSPACE_LIMITS, ...options.limits };
  }

  isNamed(name: string): Promise<boolean> {
    return this.#folders.areNamed(name);
  }

  async list(options: {
    readonly limit: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly files: readonly PathInfo[]; readonly cut: boolean }> {
    options.signal.throwIfAborted();
    const scan = this.#scan(options.signal);
    const found = await listFiles(await this.#folders.roots(), options.limit, scan);
    const files = await withSizes(found.slice(0, options.limit), (file) => this.#pathOf(file), options.signal);
    return { files, cut: found.length > options.limit || scan.isCut };
  }

  async read(path: string, signal: AbortSignal): Promise<Result<FileText, ReadRefusal>> {
    signal.throwIfAborted();
    return this.#read(path, this.#scan(signal));
  }

  async #read(path: string, scan: Scan): Promise<Result<FileText, ReadRefusal>> {
    const named = await this.#locate(path);
    if (!named.ok) return named;
    const verdict = await this.#verdict(named.value, scan);
    if (verdict.allow === 'nowhere')
      return err({ kind: 'withheld', why: whyWithheld(verdict, named.value.file.segments.join('/')) });
    const read = await readText(named.value.file, this.#limits.maxFileBytes, scan.signal);
    if (!read.ok) return read;
    const unsaved = this.#unsavedText(named.value.file.real);
    const shown = await withUnsavedText(read.value, unsaved, this.#limits.maxFileBytes);
    return shown.ok ? ok({ path: this.#pathOf(named.value), ...shown.value, ...whetherLocal(verdict) }) : shown;
  }

  async search(options: SearchOptions): Promise<Result<SearchResult, string>> {
    const scan = this.#scan(options.signal);
    const roots = await this.#folders.roots();
    const found = await searchFiles(options, {
      list: (asked) => this.list(asked),
      expand: (patterns, signal) => this.expand(patterns, signal),
      read: (path) => this.#read(path, scan),
      maxFileBytes: this.#limits.maxFileBytes,
      folders: roots.map((root) => ({ label: this.#folders.pathOf(root, []), real: root.real })),
      isUnsaved: (path) => this.#unsavedText(path) !== undefined,
      ripgrep: this.#ripgrep,
    });
    const local = this.#dataRules().filter(({ allow }) => allow === 'local');
    if (!found.ok || options.leavesLocalOut !== true || local.length === 0) return found;
    return ok({ ...found.value, leftOut: local.map(({ glob }) => glob) });
  }

  async symbols(path: string, text: string, signal: AbortSignal): Promise<readonly SymbolInfo[]> {
    const asked = await this.#folders.find(path);
    const file = asked.ok ? join(asked.value.root.real, ...asked.value.segments) : undefined;
    return symbolsIn({ path, text }, { file, support: this.#symbols, signal });
  }

  whyNever(path: string, before: string | null, after: string | null): string | undefined {
    return whyOwnSettings(path, before, after);
  }

  async writable(path: string, signal: AbortSignal): Promise<Result<WritablePath, ReadRefusal>> {
    signal.throwIfAborted();
    const asked = await this.#folders.find(path);
    if (!asked.ok) return asked;
    const found = await findWritable(asked.value, { scan: this.#scan(signal), ...this.#lookup, ...this.#own });
    if (!found.ok) return found;
    const { place, protectedBecause } = found.value;
    return ok({
      path: this.#folders.pathOf(place.root, place.segments),
      exists: place.stats !== undefined,
      ...(protectedBecause === undefined ? {} : { protectedBecause }),
    });
  }

  async expand(patterns: readonly string[], signal: AbortSignal): Promise<Expanded> {
    signal.throwIfAborted();
    const found = new Map<string, PathInfo>();
    const missing: string[] = [];
    const withheld = new Map<string, Withheld>();
    for (const pattern of patterns.slice(0, this.#limits.maxPatterns)) {
      const one = await this.#expandOne(pattern, this.#scan(signal));
      for (const file of one.files) if (found.size < this.#limits.maxFiles) found.set(file.path, file);
      for (const item of one.withheld) withheld.set(item.path, item);
      missing.push(...one.missing);
      if (one.files.some((file) => !found.has(file.path)))
        withheld.set(pattern, {
          path: pattern,
          why: `It matches more than fits: only ${this.#limits.maxFiles} files are taken in all.`,
        });
    }
    for (const pattern of patterns.slice(this.#limits.maxPatterns))
      withheld.set(pattern, {
        path: pattern,
        why: `At most ${this.#limits.maxPatterns} paths and patterns are taken.`,
      });
    return { files: [...found.values()], missing, withheld: [...withheld.values()] };
  }

  /** A path that is there goes before a glob, because names may hold brackets: `app/[id]/page.tsx`. */
  async #expandOne(pattern: string, scan: Scan): Promise<Expanded> {
    const named = await this.#locate(pattern);
    if (named.ok && named.value.file.stats.isDirectory()) return this.#expandFolder(named.value, pattern, scan);
    if (named.ok) return this.#expandFile(named.value, scan);
    const isGlob = isDynamicPattern(pattern) && !pattern.startsWith('!');
    if (named.error.kind === 'missing' && !isGlob) return { files: [], missing: [pattern], withheld: [] };
    if (named.error.kind !== 'missing')
      return { files: [], missing: [], withheld: [{ path: pattern, why: named.error.why }] };
    const tooWild = whyNotTried(pattern);
    if (tooWild !== undefined) return { files: [], missing: [], withheld: [{ path: pattern, why: tooWild }] };
    const matched: FoundFile[] = [];
    for (const { root, rest } of this.#rootsOfGlob(pattern, await this.#folders.roots()))
      matched.push(...(await matchGlob(root, rest, scan)));
    return this.#permitted(matched, pattern, scan);
  }

  async #expandFile(named: Named, scan: Scan): Promise<Expanded> {
    const verdict = await this.#verdict(named, scan);
    const path = this.#pathOf(named);
    if (verdict.allow === 'nowhere')
      return { files: [], missing: [], withheld: [{ path, why: whyWithheld(verdict, named.file.segments.join('/')) }] };
    return { files: [{ path, bytes: named.file.stats.size }], missing: [], withheld: [] };
  }

  /** Everything below a folder, under the names of the folder that a link leads to. */
  async #expandFolder(named: Named, pattern: string, scan: Scan): Promise<Expanded> {
    const verdict = await this.#verdict(named, scan);
    if (verdict.allow === 'nowhere' && !scan.canLift)
      return {
        files: [],
        missing: [],
        withheld: [{ path: pattern, why: whyWithheld(verdict, named.file.segments.join('/')) }],
      };
    const glob = [...named.file.segments.map(escapePath), '**'].join('/');
    return this.#permitted(await matchGlob(named.file.root, glob, scan), pattern, scan);
  }

  /** Splits what a pattern matched into what may be read and what not. What git ignores is passed over in silence, unless there is nothing else. */
  async #permitted(matched: readonly FoundFile[], pattern: string, scan: Scan): Promise<Expanded> {
    const allowed: FoundFile[] = [];
    const withheld: (Withheld & { readonly byGit: boolean })[] = [];
    for (const file of matched) {
      const verdict = await scan.verdict(file.root, file.segments, false);
      if (verdict.allow !== 'nowhere') allowed.push(file);
      else
        withheld.push({
          path: this.#pathOf(file),
          why: whyWithheld(verdict, file.segments.join('/')),
          byGit: verdict.by === 'git',
        });
    }
    const told = withheld.filter((item) => !item.byGit || allowed.length === 0).map(({ path, why }) => ({ path, why }));
    const notes = [
      ...bounded(told, pattern),
      ...(scan.isCut
        ? [
            {
              path: pattern,
              why: `It reaches over too many files; only the first ${this.#limits.maxEntries.toLocaleString('en-US')} names were looked at. Name a folder.`,
            },
          ]
        : []),
    ];
    if (allowed.length === 0 && notes.length === 0) return this.#nothing(pattern, scan);
    return { files: await withSizes(allowed, (file) => this.#pathOf(file), scan.signal), missing: [], withheld: notes };
  }

  /** Names the folders that were kept back where the pattern may have meant what is in them. */
  #nothing(pattern: string, scan: Scan): Expanded {
    const meant = scan.keptBack
      .filter(({ folder }) => pattern.includes('**') || `/${pattern}/`.includes(`/${folder}/`))
      .slice(0, 5);
    if (meant.length === 0) return { files: [], missing: [pattern], withheld: [] };
    const folders = meant.map(({ folder, why }) => `${folder}/ (${why})`).join(', ');
    return {
      files: [],
      missing: [],
      withheld: [
        {
          path: pattern,
          why: `It matches nothing outside the folders that are kept back: ${folders}. Rules in orchestrator.dataRules in your user settings can let them be read.`,
        },
      ],
    };
  }

  #scan(signal: AbortSignal): Scan {
    return new Scan({ rules: new DataRules(this.#dataRules()), maxEntries: this.#limits.maxEntries, signal });
  }

  async #locate(path: string): Promise<Result<Named, ReadRefusal>> {
    const asked = await this.#folders.find(path);
    if (!asked.ok) return asked;
    const { root, segments, roots } = asked.value;
    const file = await locate(root, segments, { roots, ...this.#lookup });
    return file.ok ? ok({ root, segments: inOwnSpelling(asked.value, file.value), file: file.value }) : file;
  }

  /** In a multi-root workspace a glob begins with a folder's name, with `*` for any, or with `**`. */
  #rootsOfGlob(pattern: string, roots: readonly Root[]): readonly { readonly root: Root; readonly rest: string }[] {
    const plain = pattern.replace(/^(?:\.\/)+/, '');
    const [first = '', ...rest] = plain.split('/');
    if (!this.#folders.isMultiRoot || first === '**') return roots.map((root) => ({ root, rest: plain }));
    const meant = first === '*' ? roots : roots.filter(({ label }) => label === first);
    return rest.length === 0 ? [] : meant.map((root) => ({ root, rest: rest.join('/') }));
  }

  async #verdict(named: Named, scan: Scan): Promise<Verdict> {
    const isFolder = named.file.stats.isDirectory();
    const ofPath = await scan.verdict(named.root, named.segments, isFolder);
    return stricter(ofPath, await scan.verdict(named.file.root, named.file.segments, isFolder));
  }

  #pathOf(file: FoundFile): string {
    return this.#folders.pathOf(file.root, file.segments);
  }
}

/** A path that was asked for, and the file that it means. */
interface Named extends FoundFile {
  readonly file: Located;
}

const MOST_TOLD = 20;

function bounded(withheld: readonly Withheld[], pattern: string): readonly Withheld[] {
  if (withheld.length <= MOST_TOLD) return withheld;
  return [
    ...withheld.slice(0, MOST_TOLD),
    { path: pattern, why: `${withheld.length - MOST_TOLD} more files that it matches are kept back.` },
  ];
}

function whetherLocal({ allow, rule }: Verdict): Pick<FileText, 'localOnly' | 'rule'> {
  if (allow !== 'local') return { localOnly: false };
  return { localOnly: true, ...(rule === undefined ? {} : { rule }) };
}

/** The segments as the disk has them; with a link among them, as they were asked for. */
function inOwnSpelling(asked: Asked, file: Located): readonly string[] {
  const isSame =
    file.root.real === asked.root.real && foldName(file.segments.join('/')) === foldName(asked.segments.join('/'));
  return isSame ? file.segments : asked.segments;
}
