/**
 * The workspace as one call of a task's tools sees it.
 *
 * Owns: reads and edits of that call, as events that are journaled together with its end. Does not own: the overlays
 * (core/edits), what may be read or written (the workspace), the journal.
 *
 * 1. Nothing is journaled here: who runs the call appends `events` with its end, so a call is on record whole or not at all.
 * 2. Each text that the model was shown is in a `files.read`, each edit stands on an `edit.based`.
 * 3. A file that a data rule keeps on this machine is given to local backends only, and is on record as such: from then on the
 *    task stays here.
 * 4. What exists already is only overwritten or deleted when the task was shown it, as it is now, before this call.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { viewOf, type OverlayView } from '../edits/overlay-view.ts';
import { eolOf } from '../edits/line-ends.ts';
import type { FileText, ReadRefusal, SearchOptions, SearchResult, SymbolInfo } from '../ports.ts';
import type { TextFormat } from '../text-format.ts';
import type { RunContext } from '../run-context.ts';
import type { ReadFile, RunEventBody } from '../run-event.ts';
import { applyEvent } from '../run-fold.ts';
import type { RunState, TaskState } from '../run-state.ts';
import type { PathInfo } from '../subject.ts';
import { globMatcher, lineMatcher } from './match-path.ts';
import { proposeEdit } from './propose-edit.ts';
import type { SeenFile, SeenFiles } from './seen-file.ts';
import type { EditDone, TaskEdit, TaskFiles } from './tool-box.ts';

export interface TaskFilesOptions {
  readonly task: string;
  readonly turn: number;
  /** The backend that will see the results is on this machine. */
  readonly isLocal: boolean;
  /** The call shows the model what it reads; one that edits only looks for itself. */
  readonly showsReads: boolean;
}

const NEW_FORMAT: TextFormat = { encoding: 'utf8', eol: 'none' };
const LINES_BETWEEN_PAUSES = 5_000;

export class OverlayFiles implements TaskFiles, SeenFiles {
  readonly #ctx: RunContext;
  readonly #options: TaskFilesOptions;
  readonly #before: TaskState | undefined;
  readonly #events: RunEventBody[] = [];
  #state: RunState;
  #view: OverlayView | undefined;

  constructor(ctx: RunContext, options: TaskFilesOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#state = ctx.state;
    this.#before = ctx.state.tasks.get(options.task);
  }

  /** What this call did, to be journaled with its end. */
  get events(): readonly RunEventBody[] {
    return this.#events;
  }

  async read(path: string, signal: AbortSignal): Promise<Result<FileText, ReadRefusal>> {
    const seen = await this.see(path, signal);
    if (!seen.ok) return seen;
    const { text, bytes, hash, format, isUnsaved } = seen.value;
    return ok({
      path: seen.value.path,
      text,
      bytes,
      hash,
      format,
      localOnly: this.#isLocalOnly(seen.value.path),
      ...(isUnsaved ? { unsaved: true as const } : {}),
    });
  }

  async list(options: Parameters<TaskFiles['list']>[0]): ReturnType<TaskFiles['list']> {
    const { glob, limit, signal } = options;
    const found = await this.#listWorkspace(options);
    const changed = this.view.changed();
    const isWanted = glob === undefined ? (): boolean => true : globMatcher(glob);
    const known = new Set(found.files.map(({ path }) => path));
    const files = [
      ...found.files.flatMap((file): readonly PathInfo[] => {
        const text = changed.get(file.path);
        return text === undefined ? [file] : text === null ? [] : [{ ...file, bytes: utf8Bytes(text) }];
      }),
      ...[...changed].flatMap(([path, text]): readonly PathInfo[] =>
        text === null || known.has(path) || !isWanted(path) ? [] : [{ path, bytes: utf8Bytes(text) }],
      ),
    ];
    signal.throwIfAborted();
    return { files: files.slice(0, limit), cut: found.cut || files.length > limit, notes: found.notes };
  }

  async search(options: SearchOptions): Promise<Result<SearchResult & { readonly notes: readonly string[] }, string>> {
    const { isLocal } = this.#options;
    const found = await this.#ctx.deps.workspace.search({ ...options, leavesLocalOut: !isLocal });
    if (!found.ok) return found;
    const changed = this.view.changed();
    const unchanged = found.value.lines.filter(({ path }) => !changed.has(path));
    const shown = isLocal ? unchanged : unchanged.filter(({ localOnly }) => !localOnly);
    await this.#recordLocal(shown, options.signal);
    const lines = [...(await this.#searchChanged(changed, options)), ...shown];
    const { leftOut = [] } = found.value;
    return ok({
      lines: lines.slice(0, options.limit),
      cut: found.value.cut || lines.length > options.limit,
      notes: leftOut.length === 0 ? [] : [keptHereText(leftOut)],
    });
  }

  async symbols(path: string, signal: AbortSignal): Promise<Result<readonly SymbolInfo[], ReadRefusal>> {
    const seen = await this.see(path, signal);
    if (!seen.ok) return seen;
    return ok(await this.#ctx.deps.workspace.symbols(seen.value.path, seen.value.text, signal));
  }

  edit(edit: TaskEdit, signal: AbortSignal): Promise<Result<EditDone, string>> {
    return proposeEdit(this, { workspace: this.#ctx.deps.workspace, ...this.#options }, { edit, signal });
  }

  /** The task's own edits over those of the tasks it depends on. */
  get view(): OverlayView {
    this.#view ??= viewOf(this.#state, this.#options.task);
    return this.#view;
  }

  async see(asked: string, signal: AbortSignal): Promise<Result<SeenFile, ReadRefusal>> {
    const path = asked.replace(/^(?:\.\/)+/, '');
    const edited = this.#seeEdited(path);
    if (edited !== undefined) return edited;
    const read = await this.#ctx.deps.workspace.read(path, signal);
    if (!read.ok) return read;
    // The name may have been another spelling of one that was edited.
    const same = read.value.path === path ? undefined : this.#seeEdited(read.value.path);
    if (same !== undefined) return same;
    const file = read.value;
    if (file.localOnly && !this.#options.isLocal)
      return err({ kind: 'withheld', why: keptHereText([file.path], file.rule) });
    const { hash, bytes, localOnly, rule, unsaved } = file;
    this.#recordRead({
      path: file.path,
      hash,
      bytes,
      ...(localOnly ? { localOnly } : {}),
      ...(rule === undefined ? {} : { rule }),
      ...(unsaved === undefined ? {} : { unsaved }),
    });
    return ok({ path: file.path, text: file.text, hash, bytes, format: file.format, isUnsaved: unsaved === true });
  }

  wasShown({ path, hash }: Pick<SeenFile, 'path' | 'hash'>): boolean {
    const { files = [] } = this.#before ?? {};
    const isRead = (name: string, version: string): boolean =>
      files.some((file) => file.path === name && file.hash === version);
    if (isRead(path, hash)) return true;
    const { based = [], edits = [] } = this.#task() ?? {};
    const known = new Map(based.map((base) => [base.path, base.exists && isRead(base.path, base.hash)]));
    for (const edit of edits) {
      if (edit.change === 'rename' && edit.to !== null)
        known.set(edit.to, known.get(edit.path) === true || isRead(edit.path, ''));
      known.set(edit.path, edit.change === 'write');
    }
    return known.get(path) === true;
  }

  wasShownOtherwise({ path }: SeenFile): boolean {
    return this.#before?.files.some((file) => file.path === path) ?? false;
  }

  blockerOf(path: string): string | undefined {
    for (const [other, text] of this.view.changed())
      if (text !== null && (path.startsWith(`${other}/`) || other.startsWith(`${path}/`))) return other;
    return undefined;
  }

  isBased(path: string): boolean {
    return this.#task()?.based.some((base) => base.path === path) ?? false;
  }

  recordEdit(...bodies: readonly RunEventBody[]): void {
    for (const body of bodies) this.#record(body);
    this.#view = undefined;
  }

  #seeEdited(path: string): Result<SeenFile, ReadRefusal> | undefined {
    const seen = this.view.lookup(path);
    if (seen === undefined) return undefined;
    if (seen.kind === 'missing') return err({ kind: 'unreadable', why: seen.why });
    if (seen.kind === 'deleted') return err({ kind: 'missing', why: 'It was deleted or renamed by an edit before.' });
    const { text } = seen;
    const bytes = utf8Bytes(text);
    if (!this.wasShown({ path, hash: '' })) this.#recordRead({ path, hash: '', bytes });
    return ok({ path, text, hash: '', bytes, format: this.#formatOf(path, text), isUnsaved: false });
  }

  /** The encoding that the edit stands on, of this task or one that it depends on. */
  #formatOf(path: string, text: string): TextFormat {
    const bases = [...this.#state.tasks.values()].flatMap((task) => task.based.filter((base) => base.path === path));
    const { encoding } = bases.at(-1)?.format ?? NEW_FORMAT;
    return { encoding, eol: eolOf(text) };
  }

  #isLocalOnly(path: string): boolean {
    return this.#task()?.files.some((file) => file.path === path && file.localOnly === true) ?? false;
  }

  #task(): TaskState | undefined {
    return this.#state.tasks.get(this.#options.task);
  }

  /** Once for each version. */
  #recordRead(file: ReadFile): void {
    if (!this.#options.showsReads && file.localOnly !== true) return;
    const isKnown = this.#task()?.files.some(({ path, hash }) => path === file.path && hash === file.hash);
    if (isKnown !== true) this.#record({ type: 'files.read', task: this.#options.task, files: [file] });
  }

  #record(body: RunEventBody): void {
    this.#events.push(body);
    const { run, lastSeq } = this.#state;
    this.#state = applyEvent(this.#state, { v: 1, seq: lastSeq + 1, at: 0, run, ...body });
  }

  async #listWorkspace({ glob, limit, signal }: Parameters<TaskFiles['list']>[0]): ReturnType<TaskFiles['list']> {
    const { workspace } = this.#ctx.deps;
    if (glob === undefined) return { ...(await workspace.list({ limit, signal })), notes: [] };
    const { files, withheld } = await workspace.expand([glob], signal);
    return { files, cut: false, notes: withheld.map(({ path, why }) => `${path}: ${why}`) };
  }

  async #searchChanged(
    changed: ReadonlyMap<string, string | null>,
    options: SearchOptions,
  ): Promise<SearchResult['lines'][number][]> {
    const found: SearchResult['lines'][number][] = [];
    const matches = lineMatcher(options);
    const isWanted = options.glob === undefined ? (): boolean => true : globMatcher(options.glob);
    let looked = 0;
    for (const [path, text] of changed) {
      if (text === null || !isWanted(path)) continue;
      for (const [index, line] of text.split(/\r?\n/).entries()) {
        if (found.length > options.limit) return found;
        if (matches(line)) found.push({ path, line: index + 1, text: line.slice(0, LONGEST_LINE), localOnly: false });
        looked += 1;
        if (looked % LINES_BETWEEN_PAUSES === 0) await this.#ctx.deps.pause();
        options.signal.throwIfAborted();
      }
    }
    return found;
  }

  /** Lines of files that must stay here keep the task here, too. */
  async #recordLocal(lines: SearchResult['lines'], signal: AbortSignal): Promise<void> {
    for (const path of new Set(lines.flatMap((line) => (line.localOnly ? [line.path] : [])))) {
      const read = await this.#ctx.deps.workspace.read(path, signal);
      const { hash = '', bytes = 0, rule } = read.ok ? read.value : {};
      this.#recordRead({ path, hash, bytes, localOnly: true, ...(rule === undefined ? {} : { rule }) });
    }
  }
}

const LONGEST_LINE = 1_000;

function keptHereText(paths: readonly string[], rule?: string): string {
  const named = paths.length > 5 ? `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more` : paths.join(', ');
  return `A data rule${rule === undefined ? '' : ` ("${rule}")`} keeps ${named} on this machine, and this conversation is with a backend elsewhere: go on without it, and say so if it matters to the result.`;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
