/** A run as its deliverable is judged by: the workspace under the edits of all tasks that completed, and before them. */
import { unlessAborted } from '../../base/abort.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { MergedFile } from '../edits/merged-file.ts';
import { RunEdits } from '../edits/run-edits.ts';
import type { ReadRefusal, Workspace } from '../ports.ts';
import { citationLinksIn, citationsOf } from '../read/cited-answer.ts';
import { citationLink } from '../read/citation.ts';
import { localFilesBehind, localOnlySource } from '../local-only.ts';
import type { ReadFile } from '../run-event.ts';
import type { RunState } from '../run-state.ts';
import type { FileTruth, GroundTruth, Made } from './judge.ts';

export interface RunTruthOptions {
  readonly state: RunState;
  readonly workspace: Pick<Workspace, 'read'>;
  readonly output: string;
  readonly signal: AbortSignal;
}

/** A file, and what of it stays on this machine. */
interface LookedAt {
  readonly truth: FileTruth;
  readonly kept: readonly ReadFile[];
}

const MISSING: LookedAt = { truth: { kind: 'missing' }, kept: [] };

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
    const { truth, kept } = await this.look(path, when);
    for (const file of kept) this.stays(file);
    return truth;
  }

  /** As `file`, for who has not said anything of it yet. */
  async look(path: string, when: 'before' | 'after'): Promise<LookedAt> {
    const [why] = this.#missing;
    if (why !== undefined) return { truth: { kind: 'unknown', why }, kept: [] };
    return (when === 'before' ? this.#before(path) : this.#after(path)) ?? this.#untouched(path);
  }

  /** All that the work changed; the error says why that is not one set of files. */
  edits(): Result<readonly MergedFile[], Pick<Made, 'outcome' | 'why'>> {
    const [missing] = this.#missing;
    if (missing !== undefined) return err({ outcome: 'broken', why: missing });
    const clash = this.#files.find(({ sides }) => sides.length > 0);
    if (clash !== undefined)
      return err({ outcome: 'failed', why: `${clash.path ?? clash.origin}: ${whyClash(clash)}` });
    for (const read of this.#files.flatMap((file) => this.#keptBehind(file))) this.stays(read);
    return ok(this.#files);
  }

  citations(): ReturnType<GroundTruth['citations']> {
    const known = new Set(citationsOf(this.#options.state).known.map(citationLink));
    return citationLinksIn(this.output).map((link) => ({ link, isVerified: known.has(link) }));
  }

  #before(path: string): LookedAt | undefined {
    const file = this.#files.find(({ origin }) => origin === path);
    if (file !== undefined) return this.#made(file, textOf(file.base.text, path));
    return this.#files.some((one) => one.path === path) ? MISSING : undefined;
  }

  #after(path: string): LookedAt | undefined {
    const file = this.#files.find((one) => one.path === path && one.text !== null);
    if (file === undefined) return this.#files.some(({ origin }) => origin === path) ? MISSING : undefined;
    if (file.sides.length === 0) return this.#made(file, textOf(file.text ?? '', path));
    return { truth: { kind: 'conflict', why: whyClash(file) }, kept: [] };
  }

  #made(file: MergedFile, truth: FileTruth): LookedAt {
    return { truth, kept: this.#keptBehind(file) };
  }

  /** What a task made of a file that stays here, itself or through what it depends on, says something of it. */
  #keptBehind({ contributions }: MergedFile): readonly ReadFile[] {
    const { state } = this.#options;
    return contributions.flatMap(({ task }) => {
      const files = localFilesBehind(state, task);
      // An earlier conversation, too, may have been told what stays here.
      const isKept = files.length > 0 || localOnlySource(state, task) === undefined;
      return isKept ? files : [{ path: 'an earlier conversation', hash: '', bytes: 0, localOnly: true }];
    });
  }

  /** The verdict says something of a file that a data rule keeps here. */
  stays(file: ReadFile): void {
    if (!this.localFiles.some(({ path }) => path === file.path)) this.localFiles.push(file);
  }

  async #untouched(path: string): Promise<LookedAt> {
    const { workspace, signal } = this.#options;
    const read = await unlessAborted(workspace.read(path, signal), signal, undefined);
    if (read === undefined) return { truth: { kind: 'unknown', why: 'it was called off' }, kept: [] };
    if (!read.ok) return { truth: refusedTruth(read.error), kept: [] };
    const { hash, bytes, localOnly, rule, text } = read.value;
    const file = { path: read.value.path, hash, bytes, ...(rule === undefined ? {} : { rule }) };
    return { truth: { kind: 'text', text }, kept: localOnly ? [{ ...file, localOnly }] : [] };
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
