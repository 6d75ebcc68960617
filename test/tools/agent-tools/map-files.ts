import { matchesGlob } from 'node:path';
import { err, ok, type Result } from '../../../src/base/result.ts';
import type { EditDone, TaskEdit, TaskFiles } from '../../../src/core/agent/tool-box.ts';
import type { FileText, ReadRefusal, SearchOptions } from '../../../src/core/ports.ts';
import { compileQuery, linesThatMatch } from '../../../src/tools/library-search.ts';
import { splitPath } from '../../../src/tools/path-text.ts';
import { symbolsIn } from '../../../src/tools/symbols.ts';

/** A task's files in a map, with the refusals of a real workspace; `.env` is kept back, a NUL makes a file binary. */
export class MapFiles implements TaskFiles {
  readonly texts: Map<string, string>;
  /** Every edit that was taken, in order. */
  readonly edits: TaskEdit[] = [];
  readonly notes: readonly string[];

  constructor(texts: Readonly<Record<string, string>>, notes: readonly string[] = []) {
    this.texts = new Map(Object.entries(texts));
    this.notes = notes;
  }

  read(path: string, signal: AbortSignal): Promise<Result<FileText, ReadRefusal>> {
    signal.throwIfAborted();
    const plain = this.#plain(path);
    if (!plain.ok) return Promise.resolve(plain);
    const text = this.texts.get(plain.value);
    if (text === undefined) return Promise.resolve(err({ kind: 'missing', why: 'There is no such file.' }));
    if (text.includes('\0')) return Promise.resolve(err({ kind: 'binary', why: 'It is not a text file.' }));
    return Promise.resolve(
      ok({
        path: plain.value,
        text,
        bytes: text.length,
        hash: '',
        localOnly: false,
        format: { encoding: 'utf8', eol: 'lf' },
        ...(path.startsWith('unsaved') ? { unsaved: true as const } : {}),
      }),
    );
  }

  list({ glob, limit }: Parameters<TaskFiles['list']>[0]): ReturnType<TaskFiles['list']> {
    const matching = [...this.texts.keys()].filter((path) => glob === undefined || matchesGlob(path, glob));
    const files = matching.slice(0, limit).map((path) => ({ path, bytes: this.texts.get(path)?.length ?? 0 }));
    return Promise.resolve({ files, cut: matching.length > limit, notes: this.notes });
  }

  async search(options: SearchOptions): ReturnType<TaskFiles['search']> {
    const matcher = compileQuery(options);
    if (!matcher.ok) return matcher;
    const lines = [];
    for (const [path, text] of this.texts) {
      if (options.glob !== undefined && !matchesGlob(path, options.glob)) continue;
      for (const found of (await linesThatMatch(text, matcher.value, { ...options, limit: options.limit + 1 })).lines)
        lines.push({ path, ...found, localOnly: false });
    }
    return ok({ lines: lines.slice(0, options.limit), cut: lines.length > options.limit, notes: this.notes });
  }

  async symbols(path: string, signal: AbortSignal): ReturnType<TaskFiles['symbols']> {
    const read = await this.read(path, signal);
    if (!read.ok) return read;
    return ok(await symbolsIn({ path, text: read.value.text }, { file: undefined, support: undefined, signal }));
  }

  edit(edit: TaskEdit): Promise<Result<EditDone, string>> {
    for (const path of edit.kind === 'rename' ? [edit.path, edit.to] : [edit.path]) {
      const plain = this.#plain(path);
      if (!plain.ok) return Promise.resolve(err(`"${path}": ${plain.error.why}`));
      if (path.startsWith('fixed/')) return Promise.resolve(err(`"${path}" cannot be changed; choose another file.`));
    }
    const before = this.texts.get(edit.path) ?? '';
    const after = edit.kind === 'create' || edit.kind === 'write' ? edit.text : edit.kind === 'rename' ? before : '';
    this.edits.push(edit);
    this.texts.delete(edit.path);
    if (edit.kind !== 'delete')
      this.texts.set(
        edit.kind === 'rename' ? edit.to : edit.path,
        before.includes('\r\n') ? after.replaceAll('\n', '\r\n') : after,
      );
    return Promise.resolve(
      ok({
        path: edit.path,
        added: missingFrom(before, after),
        removed: missingFrom(after, before),
        protectedBecause: edit.path.startsWith('.vscode/') ? 'Programs run what it says.' : undefined,
      }),
    );
  }

  #plain(path: string): Result<string, ReadRefusal> {
    const split = splitPath(path);
    if (!split.ok) return split;
    return split.value.includes('.env')
      ? err({ kind: 'withheld', why: 'It is kept back.' })
      : ok(split.value.join('/'));
  }
}

function missingFrom(text: string, other: string): number {
  const lines = new Set(text.split(/\r?\n/));
  return other.split(/\r?\n/).filter((line) => line !== '' && !lines.has(line)).length;
}
