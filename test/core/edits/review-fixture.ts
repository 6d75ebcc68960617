/** A finished run with a proposal, over files in memory. */
import { err, ok, type Result } from '../../../src/base/result.ts';
import { buildProposal, entriesOf } from '../../../src/core/edits/build-proposal.ts';
import type { EditReview } from '../../../src/core/edits/edit-review.ts';
import { encodeText, fromBase64, toBase64 } from '../../../src/core/edits/encode-text.ts';
import { eolOf } from '../../../src/core/edits/line-ends.ts';
import { createEditReview, type EditReviewDeps } from '../../../src/core/edits/review.ts';
import { failure, type Failure } from '../../../src/core/failure.ts';
import type { Orchestrator } from '../../../src/core/orchestrator.ts';
import type { EditTarget, FileChange, FileOnDisk, Journal, ReadRefusal } from '../../../src/core/ports.ts';
import type { TextFormat } from '../../../src/core/text-format.ts';
import type { RunEvent, RunEventBody } from '../../../src/core/run-event.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import { NO_SPEND } from '../../../src/core/spend.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { eventsOf, hashOf, type ScriptedTask, type WorkspaceFile } from './edit-runs.ts';

export const RUN = 'r';
export const SIGNAL = new AbortController().signal;

export interface DecodedText {
  readonly text: string;
  readonly format: TextFormat;
}

export function decode(bytes: Uint8Array): DecodedText | undefined {
  const hex = Buffer.from(bytes.subarray(0, 3)).toString('hex');
  if (bytes.includes(0) && !/^(?:fffe|feff)/.test(hex)) return undefined;
  const encoding = hex.startsWith('fffe')
    ? 'utf16le'
    : hex.startsWith('feff')
      ? 'utf16be'
      : hex === 'efbbbf'
        ? 'utf8-bom'
        : Buffer.from(bytes).equals(Buffer.from(Buffer.from(bytes).toString('utf8')))
          ? 'utf8'
          : 'latin1';
  const text =
    encoding === 'latin1'
      ? Buffer.from(bytes).toString('latin1')
      : new TextDecoder(encoding.replace('utf16', 'utf-16').replace(/^utf8.*/, 'utf-8')).decode(bytes);
  return { text, format: { encoding, eol: eolOf(text) } };
}

/** All or nothing, as the port says; the test can refuse paths, fail writes and cut them off in the middle. */
export class MemoryTarget implements EditTarget {
  readonly files = new Map<string, Uint8Array>();
  readonly unsaved = new Map<string, string>();
  readonly refused = new Map<string, string>();
  readonly writes: (readonly FileChange[])[] = [];
  failure: Failure | undefined;
  /** Throws after as many files were written, as a process that is killed. */
  dieAfter: number | undefined;

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    for (const [path, content] of Object.entries(files)) this.put(path, content);
  }

  put(path: string, content: string | Uint8Array): void {
    this.files.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }

  text(path: string): string | undefined {
    const bytes = this.files.get(path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  /** As a task reads them. */
  workspace(): ReadonlyMap<string, WorkspaceFile> {
    return new Map(
      [...this.files].flatMap(([path, bytes]) => {
        const decoded = decode(bytes);
        if (decoded === undefined) return [];
        const unsaved = this.unsaved.get(path);
        if (unsaved === undefined) return [[path, { ...decoded, hash: hashOf(bytes) }] as const];
        const hash = hashOf(bytesOf(unsaved, decoded.format));
        return [[path, { text: unsaved, format: decoded.format, hash, unsaved: true }] as const];
      }),
    );
  }

  look(path: string): Promise<Result<FileOnDisk | null, ReadRefusal>> {
    const why = this.refused.get(path);
    if (why !== undefined) return Promise.resolve(err({ kind: 'outside', why }));
    const bytes = this.files.get(path);
    if (bytes === undefined) return Promise.resolve(ok(null));
    const decoded = decode(bytes);
    const unsaved = this.unsaved.get(path);
    return Promise.resolve(
      ok({
        hash: hashOf(bytes),
        base64: toBase64(bytes),
        text: decoded?.text,
        format: decoded?.format,
        ...(unsaved === undefined || unsaved === decoded?.text ? {} : { unsavedText: unsaved }),
      }),
    );
  }

  write(changes: readonly FileChange[]): Promise<Result<ReadonlyMap<string, string | null>, Failure>> {
    this.writes.push(changes);
    if (this.failure !== undefined) return Promise.resolve(err(this.failure));
    for (const change of changes) {
      const problem = this.#problem(change);
      if (problem !== undefined)
        return Promise.resolve(err(failure('rejected', `${change.path}: ${problem}`, { whatToDo: 'Look again.' })));
    }
    let written = 0;
    for (const { path, content } of changes) {
      if (this.dieAfter === written++) return Promise.reject(new Error('killed'));
      this.unsaved.delete(path);
      if (content === null) this.files.delete(path);
      else
        this.files.set(
          path,
          content.kind === 'bytes' ? fromBase64(content.base64) : bytesOf(content.text, content.format),
        );
    }
    if (this.dieAfter === written) return Promise.reject(new Error('killed'));
    const hashes = changes.map(({ path }) => {
      const bytes = this.files.get(path);
      return [path, bytes === undefined ? null : hashOf(bytes)] as const;
    });
    return Promise.resolve(ok(new Map(hashes)));
  }

  #problem({ path, expect }: FileChange): string | undefined {
    const bytes = this.files.get(path);
    const unsaved = this.unsaved.get(path);
    const format = bytes === undefined ? undefined : decode(bytes)?.format;
    const shown = unsaved === undefined || format === undefined ? bytes : bytesOf(unsaved, format);
    return (shown === undefined ? null : hashOf(shown)) === expect ? undefined : 'not what was expected';
  }
}

function bytesOf(text: string, format: TextFormat): Uint8Array {
  const encoded = encodeText(text, format);
  if (!encoded.ok) throw new Error(encoded.error);
  return encoded.value;
}

export interface ReviewFixture {
  readonly target: MemoryTarget;
  readonly journal: Journal;
  readonly review: EditReview;
  readonly amend: Orchestrator['amend'];
  /** Types of the decisions on record, with their paths. */
  readonly decisions: () => Promise<readonly string[]>;
  /** Path and status of each file, with what is wrong. */
  readonly files: () => Promise<readonly string[]>;
}

export async function reviewFixture(target: MemoryTarget, tasks: readonly ScriptedTask[]): Promise<ReviewFixture> {
  const journal = createMemoryJournal();
  await recordRun(journal, eventsOf(target.workspace(), tasks, RUN));
  return fixtureOver(target, journal);
}

/** As if every run had worked on it. */
export const ANY_FOLDER: EditReviewDeps['workspace'] = { name: 'any', isNamed: () => Promise.resolve(true) };

/** A review over a record that is there: as another process opens it. */
export function fixtureOver(
  target: MemoryTarget,
  journal: Journal,
  workspace: EditReviewDeps['workspace'] = ANY_FOLDER,
): ReviewFixture {
  const amend: Orchestrator['amend'] = async (run) => {
    const writer = await journal.amendRun(run);
    if (!writer.ok) return writer;
    return ok({
      append: async (bodies) => {
        const written = await writer.value.append(bodies);
        return written.ok ? ok(foldRun(run, await eventsIn(journal, 0))) : written;
      },
      release: () => writer.value.release(),
    });
  };
  const review = createEditReview({
    journal,
    orchestrator: { amend },
    workspace,
    target,
    pause: () => Promise.resolve(),
  });
  return {
    target,
    journal,
    review,
    amend,
    decisions: async () =>
      (await eventsIn(journal, 0))
        .filter((event) => event.type.startsWith('proposal.') && event.type !== 'proposal.made')
        .map((event) => {
          const paths = 'paths' in event ? event.paths.join(' ') : 'entry' in event ? event.entry.path : '';
          return `${event.type.slice('proposal.'.length)} ${paths}`;
        }),
    files: async () => {
      const opened = await review.open(RUN, SIGNAL);
      if (!opened.ok) return [opened.error.message];
      return opened.value.files.map(
        ({ file, status, blocked }) => `${file.path} ${status}${blocked === undefined ? '' : `: ${blocked}`}`,
      );
    },
  };
}

export async function eventsIn(journal: Journal, textsUpToBytes: number): Promise<readonly RunEvent[]> {
  const events = await journal.readRun(RUN, { textsUpToBytes });
  if (!events.ok) throw new Error(events.error.message);
  return events.value;
}

async function recordRun(journal: Journal, events: readonly RunEvent[]): Promise<void> {
  const built = buildProposal(foldRun(RUN, events));
  if (!built.ok) throw new Error(built.error.message);
  const made = { type: 'proposal.made', files: entriesOf(built.value), content: JSON.stringify(built.value) } as const;
  const bodies = events.map((event): RunEventBody => event);
  const writer = await journal.createRun(RUN);
  if (!writer.ok) throw new Error(writer.error.message);
  const appended = await writer.value.append([...bodies, ...(built.value.length === 0 ? [] : [made]), FINISHED]);
  if (!appended.ok) throw new Error(appended.error.message);
  await writer.value.release();
}

const FINISHED: RunEventBody = {
  type: 'run.finished',
  outcome: 'answered',
  stoppedBy: null,
  answer: 'done',
  failure: null,
  spent: NO_SPEND,
  tasks: [],
};
