/** A run as its deliverable is judged by: the workspace under the edits of all tasks that completed, and before them. */
import { unlessAborted } from '../../base/abort.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { MergedFile } from '../edits/merged-file.ts';
import { RunEdits } from '../edits/run-edits.ts';
import type { ReadRefusal, Workspace } from '../ports.ts';
import { citationLinksIn, citationsOf } from '../read/cited-answer.ts';
import { citationLink } from '../read/citation.ts';
import type { ReadFile } from '../run-event.ts';
import type { RunState } from '../run-state.ts';
import type { FileTruth, GroundTruth, Made } from './judge.ts';

export interface RunTruthOptions {
  readonly state: RunState;
  readonly workspace: Pick<Workspace, 'read'>;
  readonly output: string;
  readonly signal: AbortSignal;
}

/** What the proposal of the run would be now, over the workspace. */
export class RunTruth implements GroundTruth {
  readonly output: string;
  /** Files looked at that a data rule keeps on this machine: the verdict says something of them. */
  readonly localFiles: ReadFile[] = [];
  readonly #options: RunTruthOptions;
  readonly #files: readonly MergedFile[];
  readonly #missing: readonly string[];

  constructor(options: RunTruthOptions) {
    this.#options = options;
    this.output = options.output;
    const edits = new RunEdits(options.state);
    this.#missing = edits.missing();
    this.#files = this.#missing.length > 0 ? [] : [...edits.all().all.values()];
  }

  async file(path: string, when: 'before' | 'after'): Promise<FileTruth> {
    const [why] = this.#missing;
    if (why !== undefined) return { kind: 'unknown', why };
    return (when === 'before' ? this.#before(path) : this.#after(path)) ?? this.#untouched(path);
  }

  /** All that the work changed; the error says why that is not one set of files. */
  edits(): Result<readonly MergedFile[], Pick<Made, 'outcome' | 'why'>> {
    const [missing] = this.#missing;
    if (missing !== undefined) return err({ outcome: 'broken', why: missing });
    const clash = this.#files.find(({ sides }) => sides.length > 0);
    if (clash !== undefined)
      return err({ outcome: 'failed', why: `${clash.path ?? clash.origin}: ${whyClash(clash)}` });
    for (const file of this.#files) this.#madeHere(file);
    return ok(this.#files);
  }

  citations(): ReturnType<GroundTruth['citations']> {
    const known = new Set(citationsOf(this.#options.state).known.map(citationLink));
    return citationLinksIn(this.output).map((link) => ({ link, isVerified: known.has(link) }));
  }

  #before(path: string): FileTruth | undefined {
    const file = this.#files.find(({ origin }) => origin === path);
    if (file !== undefined) return this.#made(file, textOf(file.base.text, path));
    return this.#files.some((one) => one.path === path) ? { kind: 'missing' } : undefined;
  }

  #after(path: string): FileTruth | undefined {
    const file = this.#files.find((one) => one.path === path && one.text !== null);
    if (file === undefined) return this.#files.some(({ origin }) => origin === path) ? { kind: 'missing' } : undefined;
    if (file.sides.length === 0) return this.#made(file, textOf(file.text ?? '', path));
    return { kind: 'conflict', why: whyClash(file) };
  }

  #made(file: MergedFile, truth: FileTruth): FileTruth {
    this.#madeHere(file);
    return truth;
  }

  /** What a task made of a file that stays here says something of it. */
  #madeHere(file: MergedFile): void {
    const { tasks } = this.#options.state;
    for (const { task } of file.contributions)
      for (const read of tasks.get(task)?.files ?? []) if (read.localOnly === true) this.stays(read);
  }

  /** The verdict says something of a file that a data rule keeps here. */
  stays(file: ReadFile): void {
    if (!this.localFiles.some(({ path }) => path === file.path)) this.localFiles.push(file);
  }

  async #untouched(path: string): Promise<FileTruth> {
    const { workspace, signal } = this.#options;
    const read = await unlessAborted(workspace.read(path, signal), signal, undefined);
    if (read === undefined) return { kind: 'unknown', why: 'it was called off' };
    if (!read.ok) return refusedTruth(read.error);
    const { hash, bytes, localOnly, rule, text } = read.value;
    const { path: name } = read.value;
    if (localOnly) this.stays({ path: name, hash, bytes, localOnly, ...(rule === undefined ? {} : { rule }) });
    return { kind: 'text', text };
  }
}

function whyClash({ sides }: MergedFile): string {
  const by = sides.map(({ title }) => `"${title}"`).join(' and ');
  return `${by} changed it differently; let one task that depends on them settle it`;
}

function textOf(text: MergedFile['base']['text'], path: string): FileTruth {
  return typeof text === 'string'
    ? { kind: 'text', text }
    : { kind: 'unknown', why: `the record was read without the text of ${path}` };
}

function refusedTruth({ kind, why }: ReadRefusal): FileTruth {
  switch (kind) {
    case 'missing':
      return { kind: 'missing' };
    case 'binary':
    case 'too-large':
      return { kind: 'opaque', why };
    case 'outside':
    case 'withheld':
    case 'unreadable':
    default:
      return { kind: 'unknown', why };
  }
}
