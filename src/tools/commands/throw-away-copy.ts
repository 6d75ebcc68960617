/**
 * Owns: a copy of the workspace's files for one command, from its making to its removal.
 * Does not own: where it lies (copy-folder.ts), which files are tracked (tracked-files.ts), what is run in it (command-runner.ts).
 * 1. It lies in a new folder that only this user may enter, outside of the workspace.
 * 2. Files are copied, never linked, so that what is written in it stays in it. A link among the tracked files is copied as
 *    the file that it leads to; one that leads out of the workspace, to a folder or to nothing is left out.
 * 3. What data rules keep back is not in it; of what they keep on this machine it is told.
 * 4. It is bounded in files and bytes, the installed packages apart, and says which bound it would pass.
 * 5. Whoever made it removes it; when making it fails it is removed before that is told. One whose process was killed is
 *    removed when the next one is made.
 */
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { copyFile, lstat, mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, type Result } from '../../base/result.ts';
import type { DataRule } from '../../core/data-rule.ts';
import type { CopiedFile } from '../../core/deliverable/check-ports.ts';
import type { ReadFile } from '../../core/run-event.ts';
import { DataRules, type Verdict } from '../data-rules.ts';
import { Folders, type NamedFolder } from '../folders.ts';
import { codeOf, isMissing, locate, type Root } from '../locate.ts';
import { splitPath } from '../path-text.ts';
import { Scan } from '../scan.ts';
import type { CopyLimits } from './copy-limits.ts';
import { newCopyFolder, removeCopy } from './copy-folder.ts';
import { copyPackages, PACKAGES } from './copy-packages.ts';
import { trackedFiles } from './tracked-files.ts';

export interface CopyOptions {
  readonly folders: readonly NamedFolder[];
  readonly dataRules: readonly DataRule[];
  /** As in the workspace: what an editor shows for a file (absolute path), when that is not what is on disk. */
  readonly unsavedText: (path: string) => string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits: CopyLimits;
  /** Where copies are made; undefined: in the system's folder for temporary files. */
  readonly place?: string;
  readonly signal: AbortSignal;
}

export interface ThrowAwayCopy {
  /** The top of the files; in a workspace of several folders each is a folder in it. */
  readonly files: string;
  /** For what the command needs for a while. */
  readonly temp: string;
  readonly localFiles: readonly ReadFile[];
  readonly leftOut: number;
  remove(): Promise<void>;
}

/** The error says why there is none, for a person. Rejects only with the signal's reason. */
export async function makeCopy(
  over: readonly CopiedFile[],
  options: CopyOptions,
): Promise<Result<ThrowAwayCopy, string>> {
  const top = await newCopyFolder(options);
  try {
    const making = new Making(top, options);
    const fault = await making.make(over);
    if (fault === undefined) return ok(making.copy);
    await removeCopy(top);
    return err(fault);
  } catch (error) {
    await removeCopy(top);
    options.signal.throwIfAborted();
    return err(`its files could not be copied (${codeOf(error)})`);
  }
}

class Making {
  readonly #options: CopyOptions;
  readonly #folders: Folders;
  readonly #rules: DataRules;
  readonly #top: string;
  readonly #localFiles: ReadFile[] = [];
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #plain = new Map<string, Promise<boolean>>();
  #files = 0;
  #bytes = 0;
  #leftOut = 0;

  constructor(top: string, options: CopyOptions) {
    this.#top = top;
    this.#options = options;
    this.#folders = new Folders(options.folders);
    this.#rules = new DataRules(options.dataRules);
  }

  get copy(): ThrowAwayCopy {
    return {
      files: path.join(this.#top, 'files'),
      temp: path.join(this.#top, 'temp'),
      localFiles: this.#localFiles,
      leftOut: this.#leftOut,
      remove: () => removeCopy(this.#top),
    };
  }

  /** What keeps it from being made; undefined: it is there. */
  async make(over: readonly CopiedFile[]): Promise<string | undefined> {
    const { limits, signal } = this.#options;
    await mkdir(path.join(this.#top, 'files'));
    await mkdir(path.join(this.#top, 'temp'));
    const roots = await this.#folders.roots();
    if (roots.length === 0) return 'no folder is open';
    const scan = new Scan({ rules: this.#rules, maxEntries: MOST_ENTRIES, signal });
    // Packages may be tracked, and edited: what is tracked and what the work made of it comes over them.
    for (const root of roots) {
      const packages = await copyPackages(root.real, this.#placeOf(root, []), {
        limits,
        signal,
        take: this.#takePackage(root),
      });
      if (packages !== undefined) return packages;
    }
    for (const root of roots) {
      const fault = await this.#copyFolder(root, { roots, scan });
      if (fault !== undefined) return fault;
    }
    const fault = await this.#putOver(over);
    if (fault !== undefined) return fault;
    return undefined;
  }

  async #copyFolder(root: Root, from: From): Promise<string | undefined> {
    const { limits, signal, env } = this.#options;
    const tracked = await trackedFiles(root, { limit: limits.maxFiles, scan: from.scan, env });
    if (tracked.isCut) return this.#tooLarge();
    this.#leftOut += tracked.odd;
    for (let start = 0; start < tracked.files.length; start += AT_ONCE) {
      signal.throwIfAborted();
      await Promise.all(
        tracked.files.slice(start, start + AT_ONCE).map((segments) => this.#copyFile(root, segments, from)),
      );
      if (this.#files > limits.maxFiles || this.#bytes > limits.maxBytes) return this.#tooLarge();
    }
    return undefined;
  }

  #tooLarge(): string {
    const { maxFiles, maxBytes } = this.#options.limits;
    return `the workspace has more than the ${maxFiles.toLocaleString('en-US')} files or ${maxBytes / 1_000_000} MB of which a copy is made`;
  }

  async #copyFile(root: Root, segments: readonly string[], { roots, scan }: From): Promise<void> {
    // What git ignores and tracks all the same has been committed: it is no secret by being ignored.
    const verdict = this.#rules.verdict(segments.join('/'), undefined);
    const source = isKeptBack(verdict) ? undefined : await this.#sourceOf(root, segments, { roots, scan });
    if (source === 'gone') return;
    if (source === undefined) {
      this.#leftOut += 1;
      return;
    }
    this.#files += 1;
    this.#bytes += source.stats.size;
    if (this.#files > this.#options.limits.maxFiles || this.#bytes > this.#options.limits.maxBytes) return;
    const place = this.#placeOf(root, segments);
    await this.#makeFolder(path.dirname(place));
    // A link among the packages would be written through.
    if (segments[0] === PACKAGES) await rm(place, { recursive: true, force: true });
    const unsaved = this.#options.unsavedText(source.real);
    if (unsaved === undefined) await copyFile(source.real, place, constants.COPYFILE_FICLONE);
    else await writeFile(place, unsaved, { mode: source.stats.mode });
    const local = [verdict, source.verdict].find(({ allow }) => allow === 'local');
    if (local !== undefined) await this.#noteLocal({ root, segments, place, rule: local.rule });
  }

  /** The file that a tracked name means; `gone`: none is there any more; undefined: it may not be copied. */
  async #sourceOf(root: Root, segments: readonly string[], from: From): Promise<Source | 'gone' | undefined> {
    const real = path.join(root.real, ...segments);
    const stats = await lstat(real).catch((error: unknown) => (isMissing(error) ? undefined : null));
    if (stats === undefined) return 'gone';
    if (stats === null) return undefined;
    if (stats.isFile() && (await this.#isPlain(path.dirname(real), root.real))) return { real, stats, verdict: OPEN };
    // The files of a submodule are tracked elsewhere.
    if (!stats.isFile() && !stats.isSymbolicLink()) return undefined;
    const led = await locate(root, segments, { roots: from.roots });
    if (!led.ok || !led.value.stats.isFile()) return undefined;
    const verdict = await from.scan.verdict(led.value.root, led.value.segments, false);
    // What a link leads to has not been committed by being led to.
    return verdict.allow === 'nowhere' ? undefined : { real: led.value.real, stats: led.value.stats, verdict };
  }

  /** No part of the way from the top is a link. */
  #isPlain(folder: string, top: string): Promise<boolean> {
    if (folder === top) return Promise.resolve(true);
    const known = this.#plain.get(folder);
    if (known !== undefined) return known;
    const plain = this.#isPlain(path.dirname(folder), top).then((above) => above && isFolder(folder));
    this.#plain.set(folder, plain);
    return plain;
  }

  async #noteLocal(of: LocalFile): Promise<void> {
    if (this.#localFiles.length >= MOST_LOCAL_NAMED) return;
    const bytes = await readFile(of.place);
    this.#localFiles.push({
      path: this.#folders.pathOf(of.root, of.segments),
      hash: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      localOnly: true,
      ...(of.rule === undefined ? {} : { rule: of.rule }),
    });
  }

  /** The work's own files: what it took away first. No folder of the copy is a link, so that each path ends in it. */
  async #putOver(over: readonly CopiedFile[]): Promise<string | undefined> {
    const placed: { readonly place: string; readonly file: CopiedFile; readonly mode: number | undefined }[] = [];
    for (const file of over) {
      const place = this.#placeInCopy(file.path);
      const like = this.#placeInCopy(file.like ?? file.path);
      if (!place.ok) return place.error;
      placed.push({ place: place.value, file, mode: like.ok ? await modeOf(like.value) : undefined });
    }
    for (const { place } of placed) {
      await removeFile(place);
      await this.#removeEmpty(path.dirname(place));
    }
    for (const { place, file, mode } of placed) {
      if (file.bytes === null) continue;
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, file.bytes, { ...(mode === undefined ? {} : { mode }) });
    }
    return undefined;
  }

  #placeInCopy(name: string): Result<string, string> {
    const segments = splitPath(name);
    return segments.ok ? ok(path.join(this.#top, 'files', ...segments.value)) : err(`${name}: ${segments.error.why}`);
  }

  /** A file may come to stand where a folder was. */
  async #removeEmpty(folder: string): Promise<void> {
    const top = path.join(this.#top, 'files');
    for (let at = folder; at.startsWith(top + path.sep); at = path.dirname(at)) {
      const isGone = await rmdir(at).then(
        () => true,
        () => false,
      );
      if (!isGone) return;
    }
  }

  #takePackage(root: Root): (name: string, place: string) => Promise<boolean> {
    return async (name, place) => {
      const verdict = this.#rules.verdict(name.split(path.sep).join('/'), undefined);
      if (isKeptBack(verdict)) {
        this.#leftOut += 1;
        return false;
      }
      if (verdict.allow === 'local')
        await this.#noteLocal({ root, segments: name.split(path.sep), place, rule: verdict.rule });
      return true;
    };
  }

  #makeFolder(folder: string): Promise<unknown> {
    const known = this.#made.get(folder);
    if (known !== undefined) return known;
    const made = mkdir(folder, { recursive: true });
    this.#made.set(folder, made);
    return made;
  }

  #placeOf(root: Root, segments: readonly string[]): string {
    return path.join(this.#top, 'files', ...(this.#folders.isMultiRoot ? [root.label] : []), ...segments);
  }
}

const AT_ONCE = 32;
const MOST_ENTRIES = 200_000;
/** One is enough to keep the verdict here. */
const MOST_LOCAL_NAMED = 50;
const OPEN: Verdict = { allow: 'anywhere', by: 'nothing', why: '' };

interface From {
  readonly roots: readonly Root[];
  readonly scan: Scan;
}

interface Source {
  readonly real: string;
  readonly stats: Stats;
  readonly verdict: Verdict;
}

interface LocalFile {
  readonly root: Root;
  readonly segments: readonly string[];
  readonly place: string;
  readonly rule: string | undefined;
}

function isKeptBack({ allow }: Verdict): boolean {
  return allow === 'nowhere';
}

/** What is a folder is removed with the last of its files. */
async function removeFile(place: string): Promise<void> {
  const stats = await lstat(place).catch(() => undefined);
  if (stats !== undefined && !stats.isDirectory()) await rm(place);
}

function modeOf(place: string): Promise<number | undefined> {
  return lstat(place).then(
    (stats) => (stats.isFile() ? stats.mode & 0o777 : undefined),
    () => undefined,
  );
}

function isFolder(at: string): Promise<boolean> {
  return lstat(at).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
