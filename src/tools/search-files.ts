/**
 * Owns: the search for lines in files that may be shown to a model.
 * Does not own: which files those are (`list`, `expand`) and what may be read of them (`read`).
 * 1. Every line that is returned comes from `read`, which judges its file anew; ripgrep only says which to leave out.
 * 2. With ripgrep and without it the same lines are found, in the same order.
 * 3. So many files and bytes are looked at and no more; what is left over makes the result a cut one.
 */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import type { FileText, SearchOptions, SearchResult, Workspace } from '../core/ports.ts';
import type { PathInfo } from '../core/subject.ts';
import { compileQuery, linesThatMatch, type LineMatcher } from './library-search.ts';
import { filesThatMayMatch, ripgrepQuery, type RipgrepQuery } from './ripgrep.ts';

export interface SearchedWorkspace extends Pick<Workspace, 'list' | 'expand' | 'read'> {
  readonly maxFileBytes: number;
  /** Where paths that begin with `label/` are; a label that is empty is that of the only folder. */
  readonly folders: readonly { readonly label: string; readonly real: string }[];
  /** True when `read` gives another text than the one on disk; the path is absolute. */
  readonly isUnsaved: (path: string) => boolean;
  /** The ripgrep program; undefined: do without. */
  readonly ripgrep: string | undefined;
}

const MOST_FILES = 20_000;
const MOST_BYTES = 300_000_000;
/** Files that one look at the candidates is about; grows, because most searches end early. */
const FIRST_BATCH = 200;
const LARGEST_BATCH = 2000;
/** So few files are read sooner than a program is started. */
const FEW_FILES = 8;
const READS_AT_ONCE = 8;
const BYTES_AT_ONCE = 16_000_000;

interface Search {
  readonly options: SearchOptions;
  readonly matcher: LineMatcher;
  readonly workspace: SearchedWorkspace;
  readonly ripgrep: { readonly program: string; readonly query: RipgrepQuery } | undefined;
  readonly lines: SearchResult['lines'][number][];
  /** Not everything was looked at. */
  isCut: boolean;
}

export async function searchFiles(
  options: SearchOptions,
  workspace: SearchedWorkspace,
): Promise<Result<SearchResult, string>> {
  options.signal.throwIfAborted();
  const matcher = compileQuery(options);
  if (!matcher.ok) return matcher;
  const candidates = await filesToSearch(options, workspace);
  if (!candidates.ok) return candidates;
  const { files, cut } = withinBounds(candidates.value.files, workspace.maxFileBytes);
  const query = ripgrepQuery(options);
  const program = workspace.ripgrep;
  const search: Search = {
    options,
    matcher: matcher.value,
    workspace,
    ripgrep: query === undefined || program === undefined ? undefined : { program, query },
    lines: [],
    isCut: cut || candidates.value.cut,
  };
  for (const batch of growingBatches(files)) {
    if (search.lines.length > options.limit) break;
    await searchBatch(search, batch);
  }
  const isFull = search.lines.length > options.limit;
  return ok({ lines: search.lines.slice(0, options.limit), cut: isFull || search.isCut });
}

async function filesToSearch(
  { glob, signal }: SearchOptions,
  workspace: SearchedWorkspace,
): Promise<Result<{ readonly files: readonly PathInfo[]; readonly cut: boolean }, string>> {
  if (glob === undefined) return ok(await workspace.list({ limit: MOST_FILES, signal }));
  const { files, withheld } = await workspace.expand([glob], signal);
  const wrong = withheld.find(({ path }) => path === glob);
  const [first] = withheld;
  if (files.length === 0 && first !== undefined)
    return err(`The glob "${glob}" gives no files. ${wrong === undefined ? `${first.path}: ${first.why}` : wrong.why}`);
  return ok({ files, cut: wrong !== undefined });
}

/** Files that are too large are not read by anybody, so that they do not count. */
function withinBounds(
  all: readonly PathInfo[],
  maxFileBytes: number,
): { readonly files: readonly PathInfo[]; readonly cut: boolean } {
  const readable = all.filter(({ bytes }) => bytes <= maxFileBytes);
  let bytes = 0;
  const end = readable.findIndex((file, index) => index >= MOST_FILES || (bytes += file.bytes) > MOST_BYTES);
  return end === -1 ? { files: readable, cut: false } : { files: readable.slice(0, end), cut: true };
}

function* growingBatches(files: readonly PathInfo[]): Generator<readonly PathInfo[]> {
  let size = FIRST_BATCH;
  for (let start = 0; start < files.length;) {
    yield files.slice(start, start + size);
    start += size;
    size = Math.min(size * 2, LARGEST_BATCH);
  }
}

async function searchBatch(search: Search, batch: readonly PathInfo[]): Promise<void> {
  const { options, workspace } = search;
  for (const group of readTogether(await withoutHopeless(search, batch))) {
    if (search.lines.length > options.limit) return;
    const reads = await Promise.all(group.map(({ path }) => workspace.read(path, options.signal)));
    for (const read of reads) if (read.ok) await searchText(search, read.value);
    await setImmediate();
  }
}

function readTogether(files: readonly PathInfo[]): readonly (readonly PathInfo[])[] {
  const groups: PathInfo[][] = [];
  let bytes = 0;
  for (const file of files) {
    bytes += file.bytes;
    if (groups.length === 0 || bytes > BYTES_AT_ONCE || groups.at(-1)?.length === READS_AT_ONCE) {
      groups.push([]);
      bytes = file.bytes;
    }
    groups.at(-1)?.push(file);
  }
  return groups;
}

async function searchText(search: Search, file: FileText): Promise<void> {
  const { options, matcher, lines } = search;
  if (file.localOnly && options.leavesLocalOut === true) return;
  const limit = options.limit + 1 - lines.length;
  const found = await linesThatMatch(file.text, matcher, { limit, signal: options.signal });
  for (const line of found.lines) lines.push({ path: file.path, ...line, localOnly: file.localOnly });
  search.isCut ||= found.isCut;
}

/** What ripgrep knows of is what is on disk, so that unsaved texts are always looked at. */
async function withoutHopeless(search: Search, batch: readonly PathInfo[]): Promise<readonly PathInfo[]> {
  const { ripgrep, workspace, options } = search;
  if (ripgrep === undefined || batch.length <= FEW_FILES) return batch;
  const mayMatch = new Set<string>();
  for (const { label, real } of workspace.folders) {
    const prefix = label === '' ? '' : `${label}/`;
    const paths = batch.flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
    const found = await filesThatMayMatch(ripgrep, { folder: real, paths }, options.signal);
    for (const path of paths) if (found.has(path) || workspace.isUnsaved(join(real, path))) mayMatch.add(prefix + path);
  }
  return batch.filter(({ path }) => mayMatch.has(path));
}
