/** From `--file` as a person types it to paths of the workspace. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { ok, type Result } from '../base/result.ts';
import { splitLineRange } from '../core/line-range.ts';
import type { CliEngine } from './open-engine.ts';
import { refused, type Refusal } from './refusal.ts';

interface Attached {
  readonly patterns: readonly string[];
  /** What was kept back, and why. */
  readonly notes: readonly string[];
}

interface Wanted {
  readonly cwd: string;
  readonly patterns: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * A path or glob means what it means in the current folder, else in the workspace. One that gives no file is refused:
 * whoever names it does not want the request to be worked on without it.
 */
export async function attachFiles(engine: CliEngine, wanted: Wanted): Promise<Result<Attached, Refusal>> {
  const patterns: string[] = [];
  const notes: string[] = [];
  const faults: string[] = [];
  for (const pattern of wanted.patterns) {
    const found = await find(engine, pattern, wanted);
    if (found.kind === 'nothing') faults.push(`--file ${pattern} ${found.why}`);
    else {
      patterns.push(found.pattern);
      notes.push(...found.notes);
    }
  }
  if (faults.length === 0) return ok({ patterns, notes });
  return refused(...faults, 'Name files of the workspace that may be read, or another folder with --workspace.');
}

type Found =
  | { readonly kind: 'files'; readonly pattern: string; readonly notes: readonly string[] }
  | { readonly kind: 'nothing'; readonly why: string };

async function find(
  engine: CliEngine,
  pattern: string,
  { cwd, signal }: Pick<Wanted, 'cwd' | 'signal'>,
): Promise<Found> {
  let why = `matches nothing in ${engine.folder}.`;
  for (const candidate of await workspaceNames(engine.folder, pattern, cwd)) {
    const { files, withheld } = await engine.workspace.expand([candidate], signal);
    const unread = await whyUnread(engine, { candidate, files, signal });
    if (unread !== undefined) return { kind: 'nothing', why: `gives no file: ${unread}` };
    if (files.length > 0) {
      const notes = withheld.map((file) => `Kept back: ${file.path} (${file.why})`);
      return { kind: 'files', pattern: candidate, notes };
    }
    const [first] = withheld;
    if (first !== undefined) why = `gives no file: ${first.why}`;
  }
  const lines = splitLineRange(pattern);
  if (lines === undefined) return { kind: 'nothing', why };
  const found = await find(engine, lines.path, { cwd, signal });
  return found.kind === 'nothing'
    ? found
    : { ...found, pattern: `${found.pattern}${pattern.slice(lines.path.length)}` };
}

/** Of a file that is named itself: why it has no text. What a glob finds beside texts is told when it is read. */
async function whyUnread(
  { workspace }: CliEngine,
  what: {
    readonly candidate: string;
    readonly files: readonly { readonly path: string }[];
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  const [file, ...others] = what.files;
  if (file === undefined || others.length > 0 || file.path !== what.candidate) return undefined;
  const read = await workspace.read(file.path, what.signal);
  return read.ok ? undefined : read.error.why;
}

/** What a path or glob may mean in `folder`, the first meaning first: as it is seen from `cwd`, and as it is. */
export async function workspaceNames(folder: string, pattern: string, cwd: string): Promise<readonly string[]> {
  const inWorkspace = path
    .relative(await real(folder), path.resolve(await real(cwd), pattern))
    .split(path.sep)
    .join('/');
  const isInside =
    inWorkspace !== '' && !inWorkspace.startsWith('../') && inWorkspace !== '..' && !path.isAbsolute(inWorkspace);
  const own = path.isAbsolute(pattern) ? [] : [pattern.split(path.sep).join('/')];
  return [...new Set([...(isInside ? [inWorkspace] : []), ...own])];
}

function real(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder);
}
