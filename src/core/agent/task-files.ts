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
 * 4. Each question is taken down with the answer that there is below the task's own edits; what those make of it follows from
 *    them. So it can be asked again when there are none (reuse/DESIGN.md).
 * 5. What exists already is only overwritten or deleted when the task was shown it, as it is now, before this call.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { overlayOf } from '../edits/overlay.ts';
import { viewBelow, viewOf, type OverlayView } from '../edits/overlay-view.ts';
import { sha256OfText } from '../edits/sha-256.ts';
import { eolOf } from '../edits/line-ends.ts';
import type { FileText, ReadRefusal, SearchOptions, SearchResult, SymbolInfo, WritablePath } from '../ports.ts';
import { AskedBook } from '../reuse/asked-book.ts';
import type { TextFormat } from '../text-format.ts';
import type { RunContext } from '../run-context.ts';
import type { Asked, ReadFile, RunEventBody } from '../run-event.ts';
import { applyEvent } from '../run-fold.ts';
import type { RunState, TaskState } from '../run-state.ts';
import type { PathInfo } from '../subject.ts';
import { globMatcher } from './match-path.ts';
import { proposeEdit } from './propose-edit.ts';
import { searchTexts } from './search-texts.ts';
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

export class OverlayFiles implements TaskFiles, SeenFiles {
  readonly #ctx: RunContext;
  readonly #options: TaskFilesOptions;
  readonly #before: TaskState | undefined;
  readonly #events: RunEventBody[] = [];
  readonly #book: AskedBook;
  #state: RunState;
  #view: OverlayView | undefined;
  #below: OverlayView | undefined;

  constructor(ctx: RunContext, options: TaskFilesOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#state = ctx.state;
    this.#before = ctx.state.tasks.get(options.task);
    this.#book = new AskedBook(this.#before?.asked ?? []);
  }

  /** What this call did, to be journaled with its end. */
  get events(): readonly RunEventBody[] {
    return this.#events;
  }

  /** What it asked, to be journaled with its end as well. */
  get asked(): readonly RunEventBody[] {
    const { fresh } = this.#book;
    return fresh.length === 0 ? [] : [{ type: 'workspace.asked', task: this.#options.task, asked: fresh }];
  }

  /** True when this question was asked here and had this answer. */
  hasAsked(asked: Asked): boolean {
    return this.#book.has(asked);
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
    const edited = [...this.#belowView().changed()]
      .filter(([path]) => known.has(path) || isWanted(path))
      .map(([path, text]) => ({ path, bytes: text === null ? null : utf8Bytes(text) }));
    await this.#book.add('list', { ...(glob === undefined ? {} : { glob }), limit }, { ...found, edited });
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
    await this.#noteSearch(options, found);
    if (!found.ok) return found;
    const changed = this.view.changed();
    const unchanged = found.value.lines.filter(({ path }) => !changed.has(path));
    const shown = isLocal ? unchanged : unchanged.filter(({ localOnly }) => !localOnly);
    await this.#recordLocal(shown, options.signal);
    const lines = [...(await searchTexts(changed, options, this.#ctx.deps.pause)), ...shown];
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
    const { workspace } = this.#ctx.deps;
    const places = {
      writable: (path: string) => this.place(path, signal),
      whyNever: (...change: Parameters<typeof workspace.whyNever>) => workspace.whyNever(...change),
    };
    return proposeEdit(this, { workspace: places, ...this.#options }, { edit, signal });
  }

  /** The task's own edits over those of the tasks it depends on. */
  get view(): OverlayView {
    this.#view ??= viewOf(this.#state, this.#options.task);
    return this.#view;
  }

  /** May a file of this name be changed? */
  async place(path: string, signal: AbortSignal): Promise<Result<WritablePath, ReadRefusal>> {
    const found = await this.#ctx.deps.workspace.writable(path, signal);
    const blocker = blockerAmong(this.#belowView().changed(), found.ok ? found.value.path : path);
    await this.#book.add('place', { path }, { ...(found.ok ? found.value : found.error), blocker });
    return found;
  }

  async see(asked: string, signal: AbortSignal): Promise<Result<SeenFile, ReadRefusal>> {
    const path = asked.replace(/^(?:\.\/)+/, '');
    const seen = await this.#look(path, signal);
    await this.#noteRead(path, seen);
    return seen;
  }

  async #look(path: string, signal: AbortSignal): Promise<Result<SeenFile, ReadRefusal>> {
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
    return blockerAmong(this.view.changed(), path);
  }

  isBased(path: string): boolean {
    return this.#task()?.based.some((base) => base.path === path) ?? false;
  }

  recordEdit(...bodies: readonly RunEventBody[]): void {
    for (const body of bodies) this.#record(body);
    this.#view = undefined;
  }

  /** As the task saw the workspace before its first edit. */
  #belowView(): OverlayView {
    if (this.#task()?.edits.length === 0) return this.view;
    this.#below ??= viewBelow(this.#state, this.#options.task);
    return this.#below;
  }

  /** What stands at a path that the task touched itself was taken down when it first did. */
  async #noteRead(path: string, seen: Result<SeenFile, ReadRefusal>): Promise<void> {
    const task = this.#task();
    const own = task === undefined || task.edits.length === 0 ? undefined : overlayOf(task);
    if (own?.lookup(path) !== undefined || (seen.ok && own?.lookup(seen.value.path) !== undefined)) return;
    const question = { path, isLocal: this.#options.isLocal };
    if (!seen.ok) return this.#book.add('read', question, seen.error);
    const { path: name, hash, text } = seen.value;
    const version = hash === '' ? { edited: await sha256OfText(text) } : { hash };
    await this.#book.add('read', question, { path: name, ...version, localOnly: this.#isLocalOnly(name) });
  }

  /** The lines of tasks below and those of the workspace are kept apart: the task's own edits take the place of either. */
  async #noteSearch(options: SearchOptions, found: Result<SearchResult, string>): Promise<void> {
    const { query, isRegex, matchCase, glob, limit } = options;
    const named = glob === undefined ? {} : { glob };
    const question = { query, isRegex, matchCase, ...named, limit, isLocal: this.#options.isLocal };
    if (!found.ok) return this.#book.add('search', question, { error: found.error });
    const changed = this.#belowView().changed();
    const edited = await searchTexts(changed, { ...options, limit: Number.MAX_SAFE_INTEGER }, this.#ctx.deps.pause);
    const lines = found.value.lines.filter(({ path }) => !changed.has(path));
    await this.#book.add('search', question, { ...found.value, lines, edited });
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

  /** Lines of files that must stay here keep the task here, too. */
  async #recordLocal(lines: SearchResult['lines'], signal: AbortSignal): Promise<void> {
    for (const path of new Set(lines.flatMap((line) => (line.localOnly ? [line.path] : [])))) {
      const read = await this.#ctx.deps.workspace.read(path, signal);
      const { hash = '', bytes = 0, rule } = read.ok ? read.value : {};
      this.#recordRead({ path, hash, bytes, localOnly: true, ...(rule === undefined ? {} : { rule }) });
    }
  }
}

function blockerAmong(changed: ReadonlyMap<string, string | null>, path: string): string | undefined {
  for (const [other, text] of changed)
    if (text !== null && (path.startsWith(`${other}/`) || other.startsWith(`${path}/`))) return other;
  return undefined;
}

function keptHereText(paths: readonly string[], rule?: string): string {
  const named = paths.length > 5 ? `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more` : paths.join(', ');
  return `A data rule${rule === undefined ? '' : ` ("${rule}")`} keeps ${named} on this machine, and this conversation is with a backend elsewhere: go on without it, and say so if it matters to the result.`;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
