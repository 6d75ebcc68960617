/**
 * Owns: the order of decisions about a run's edits, which of them may be done now, and their record.
 * Does not own: the files (EditTarget looks and writes, all or nothing), the merging, the record itself (Journal), the warning
 * that a protected file needs (the shell gives it).
 *
 * 1. Decisions about one run follow one another, over all processes; each holds the run's lease from reading the journal and
 *    looking at the files to the last event. Looking alone needs no lease.
 * 2. What it takes to go back is in the journal before any file is changed; when it cannot be recorded, nothing is written.
 * 3. A file is written only over what its edit stands on: the same bytes, and in no editor another unsaved text. A conflict is
 *    never written before it is decided.
 * 4. A protected file is written only when it alone is named and the shell has warned.
 * 5. Files that are applied together are written together or not at all; those that cannot be are left, each with the reason.
 * 6. A process that ended between record and writing leaves files `applying`. Whoever looks next finds out by what stands there:
 *    as it was to be written, it is applied; what the edit stands on, it is open; half of a rename is finished when it is applied
 *    again; anything else is told and left alone.
 * 7. The files are looked at and written, and decided about, only where the folder is open that the run worked on.
 * 8. Going back writes the recorded bytes, and only over what was written; also for a rename that was interrupted half way.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { whyNotHere } from '../control/whose-folder.ts';
import { describeFailure, failure, type Failure } from '../failure.ts';
import type { Orchestrator, ProposalEventBody } from '../orchestrator.ts';
import type { EditTarget, FileChange, Journal, Workspace } from '../ports.ts';
import { entryOf } from './build-proposal.ts';
import { DecisionRecord } from './decision-record.ts';
import type { ApplyReport, EditReview, ReviewedFile, ReviewedProposal } from './edit-review.ts';
import { mergeWithCurrent, resolveConflict } from './merge-again.ts';
import type { ProposedFile } from './proposal.ts';
import { isAsWritten, leaveNested, planApply, planRest, planRevert, type ApplyPlan } from './review-plan.ts';
import { appliedAlready, fileToChange, halfRenamed, inDoubt, INTERRUPTED, notInProposal } from './review-refusals.ts';
import { readReviewedRun, unseen, type ReviewedRun } from './reviewed-run.ts';
import { blockedBecause, standingOf } from './standing.ts';

export interface EditReviewDeps {
  readonly journal: Pick<Journal, 'readRun' | 'readBlob'>;
  readonly orchestrator: Pick<Orchestrator, 'amend'>;
  readonly target: EditTarget;
  readonly workspace: Pick<Workspace, 'isNamed' | 'name'>;
  /** Lets everything else that waits run first. */
  readonly pause: () => Promise<void>;
}

export function createEditReview(deps: EditReviewDeps): EditReview {
  return new Review(deps);
}

type Left = ApplyReport['left'][number];

class Review implements EditReview {
  readonly #deps: EditReviewDeps;
  readonly #record: DecisionRecord;

  constructor(deps: EditReviewDeps) {
    this.#deps = deps;
    this.#record = new DecisionRecord(deps.orchestrator);
  }

  open(run: string, signal: AbortSignal): Promise<Result<ReviewedProposal, Failure>> {
    const look = async (reviewed: ReviewedRun): Promise<Result<ReviewedProposal, Failure>> => {
      const files: ReviewedFile[] = [];
      for (const file of reviewed.files) files.push(await this.#look(reviewed, file, signal));
      return ok({ run, files });
    };
    return this.#record.queued(run, signal, async () => {
      const reviewed = await readReviewedRun(this.#deps.journal, run);
      if (!reviewed.ok) return reviewed;
      const elsewhere = await whyNotHere(this.#deps.workspace, reviewed.value);
      if (elsewhere !== undefined) return ok({ run, files: unseen(reviewed.value, describeFailure(elsewhere)) });
      if (![...reviewed.value.status.values()].includes('applying')) return look(reviewed.value);
      // When another process decides at this moment, it is no interrupted one: its files are shown as they stand.
      const known = await this.#record.holding(run, async () => this.#known(run, signal));
      return look(known.ok ? known.value : reviewed.value);
    });
  }

  apply(
    run: string,
    choice: { readonly paths?: readonly string[]; readonly warned?: boolean },
    signal: AbortSignal,
  ): Promise<Result<ApplyReport, Failure>> {
    return this.#inTurn(run, signal, async (reviewed) => {
      const found: ApplyPlan[] = [];
      const blocked: Left[] = [];
      const paths = new Set(choice.paths ?? openPaths(reviewed));
      const mayProtected = choice.warned === true && choice.paths !== undefined && paths.size === 1;
      for (const path of paths) {
        const plan = await this.#planFor(reviewed, path, { mayProtected, signal });
        if (typeof plan === 'string') blocked.push({ path, why: plan });
        else found.push(plan);
      }
      const { plans, left: nested } = leaveNested(found);
      const left = [...blocked, ...nested];
      const written = plans.length === 0 ? ok(undefined) : await this.#write(reviewed, plans, signal);
      return written.ok ? ok({ done: plans.map(({ file }) => file.path), left }) : written;
    });
  }

  discard(run: string, paths: readonly string[] | undefined): Promise<Result<readonly string[], Failure>> {
    return this.#inTurn(run, NEVER, async (reviewed) => {
      const unknown = paths?.find((path) => !reviewed.status.has(path));
      if (unknown !== undefined) return err(notInProposal(run, unknown));
      const chosen = (paths ?? openPaths(reviewed)).filter((path) => reviewed.status.get(path) !== 'applied');
      if (chosen.length === 0) return paths === undefined || paths.length === 0 ? ok([]) : err(appliedAlready(paths));
      for (const file of reviewed.files.filter(({ path }) => chosen.includes(path)))
        if (
          reviewed.status.get(file.path) === 'applying' &&
          (await planRest(this.#deps.target, { file, ...reviewed }, NEVER))
        )
          return err(halfRenamed(file));
      const recorded = await this.#record.append(run, [{ type: 'proposal.discarded', paths: chosen }]);
      return recorded.ok ? ok(chosen) : recorded;
    });
  }

  resolve(run: string, path: string, take: string): Promise<Result<ReviewedFile, Failure>> {
    return this.#inTurn(run, NEVER, async (reviewed) => {
      const file = fileToChange(reviewed, path);
      if (!file.ok) return file;
      const resolved = resolveConflict(file.value, take);
      if (!resolved.ok)
        return err(failure('rejected', resolved.error, { whatToDo: 'Name one of its sides, or both.' }));
      return this.#update(reviewed, { before: file.value, after: resolved.value, why: 'resolved', signal: NEVER });
    });
  }

  mergeAgain(run: string, path: string, signal: AbortSignal): Promise<Result<ReviewedFile, Failure>> {
    return this.#inTurn(run, signal, async (reviewed) => {
      const file = fileToChange(reviewed, path);
      if (!file.ok) return file;
      const before = file.value;
      const standing = await standingOf(this.#deps.target, before, signal);
      const problem = before.conflict === undefined ? standing.refused : blockedBecause(before, standing);
      if (problem !== undefined)
        return err(failure('rejected', problem, { whatToDo: 'Mend that, then merge it again, or discard its edit.' }));
      if (standing.stale === undefined) return ok(await this.#look(reviewed, before, signal));
      const title = before.tasks.map((task) => reviewed.titles.get(task) ?? task).join(' + ');
      const merged = await mergeWithCurrent(before, standing.here, title);
      if (!merged.ok) return err(failure('rejected', merged.error, { whatToDo: 'Discard its edit.' }));
      return this.#update(reviewed, { before, after: merged.value, why: 'merged-again', signal });
    });
  }

  revert(run: string, signal: AbortSignal): Promise<Result<ApplyReport, Failure>> {
    return this.#inTurn(run, signal, async (reviewed) => {
      const { originals, hashes } = reviewed;
      const done: string[] = [];
      const left: Left[] = [];
      const changes: FileChange[] = [];
      const mayBeWritten = ({ path }: ProposedFile): boolean =>
        ['applied', 'applying'].includes(reviewed.status.get(path) ?? '');
      for (const file of reviewed.files.filter(mayBeWritten)) {
        const input = { run, file, originals, hash: hashes.get(file.path) };
        const plan = await planRevert(this.#deps.target, input, signal);
        await this.#deps.pause();
        if (plan.kind === 'left') left.push({ path: file.path, why: plan.why });
        else {
          done.push(file.path);
          changes.push(...plan.changes);
        }
      }
      if (done.length === 0) return ok({ done, left });
      const label = `Revert the edits of run ${run}`;
      const written = changes.length === 0 ? ok(undefined) : await this.#deps.target.write(changes, { label, signal });
      if (!written.ok) return written;
      const recorded = await this.#record.append(run, [{ type: 'proposal.reverted', paths: done }]);
      return recorded.ok ? ok({ done, left }) : recorded;
    });
  }

  /** Does the work when all decisions about this run before it are done, and after interrupted ones were looked into. */
  async #inTurn<T>(
    run: string,
    signal: AbortSignal,
    work: (reviewed: ReviewedRun) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    return this.#record.queued(run, signal, () =>
      this.#record.holding(run, async () => {
        const known = await this.#known(run, signal);
        return known.ok ? work(known.value) : known;
      }),
    );
  }

  async #known(run: string, signal: AbortSignal): Promise<Result<ReviewedRun, Failure>> {
    const reviewed = await readReviewedRun(this.#deps.journal, run);
    if (!reviewed.ok) return reviewed;
    const elsewhere = await whyNotHere(this.#deps.workspace, reviewed.value);
    return elsewhere === undefined ? this.#findOut(reviewed.value, signal) : err(elsewhere);
  }

  /** Invariant 6. */
  async #findOut(reviewed: ReviewedRun, signal: AbortSignal): Promise<Result<ReviewedRun, Failure>> {
    const applied: { path: string; hash: string | null }[] = [];
    const open: string[] = [];
    for (const file of reviewed.files) {
      if (reviewed.status.get(file.path) !== 'applying') continue;
      const hash = await this.#hashIfWritten(reviewed, file, signal);
      if (hash !== undefined) applied.push({ path: file.path, hash });
      else if (isFree(await standingOf(this.#deps.target, file, signal))) open.push(file.path);
    }
    const bodies: ProposalEventBody[] = [];
    if (applied.length > 0) bodies.push(appliedBody(applied));
    if (open.length > 0) bodies.push({ type: 'proposal.not-applied', paths: open, failure: INTERRUPTED });
    if (bodies.length === 0) return ok(reviewed);
    const recorded = await this.#record.append(reviewed.run, bodies);
    return recorded.ok ? ok({ ...reviewed, ...recorded.value }) : recorded;
  }

  /** Undefined: what stands there is not what was to be written. */
  async #hashIfWritten(
    { originals }: ReviewedRun,
    file: ProposedFile,
    signal: AbortSignal,
  ): Promise<string | null | undefined> {
    let hash: string | null = null;
    for (const path of file.from === undefined ? [file.path] : [file.from, file.path]) {
      const original = originals.get(path);
      if (original === undefined) continue;
      const looked = await this.#deps.target.look(path, signal);
      if (!looked.ok || !isAsWritten(original, looked.value)) return undefined;
      if (path === file.path) hash = looked.value?.hash ?? null;
    }
    return hash;
  }

  async #look(reviewed: ReviewedRun, file: ProposedFile, signal: AbortSignal): Promise<ReviewedFile> {
    const status = reviewed.status.get(file.path) ?? 'open';
    await this.#deps.pause();
    if (status === 'applied') return { file, status, stale: undefined, blocked: undefined };
    if (status === 'applying') {
      const rest = await planRest(this.#deps.target, { file, ...reviewed }, signal);
      if (rest !== undefined) return { file, status, stale: undefined, blocked: undefined };
    }
    const standing = await standingOf(this.#deps.target, file, signal);
    const blocked = status === 'applying' ? inDoubt(file) : blockedBecause(file, standing);
    return { file, status, stale: standing.stale, blocked };
  }

  /** The text: why it is left. */
  async #planFor(
    reviewed: ReviewedRun,
    path: string,
    { mayProtected, signal }: { readonly mayProtected: boolean; readonly signal: AbortSignal },
  ): Promise<ApplyPlan | string> {
    const file = reviewed.files.find((one) => one.path === path);
    if (file === undefined) return `The proposal of run ${reviewed.run} has no such file.`;
    const status = reviewed.status.get(path);
    if (status === 'applied') return 'It is applied already.';
    if (file.protectedBecause !== undefined && !mayProtected)
      return `It is protected: ${file.protectedBecause.replace(/\.$/, '')}. Apply it by itself.`;
    await this.#deps.pause();
    const standing = await standingOf(this.#deps.target, file, signal);
    const blocked = blockedBecause(file, standing);
    if (blocked === undefined) return planApply(file, standing.here);
    if (status !== 'applying') return blocked;
    return (await planRest(this.#deps.target, { file, ...reviewed }, signal)) ?? inDoubt(file);
  }

  /** Record, write, record: invariants 2 and 5. */
  async #write({ run }: ReviewedRun, plans: readonly ApplyPlan[], signal: AbortSignal): Promise<Result<void, Failure>> {
    const paths = plans.map(({ file }) => file.path);
    const originals = JSON.stringify(plans.flatMap((plan) => plan.originals));
    const begun = await this.#record.append(run, [{ type: 'proposal.applying', paths, originals }]);
    if (!begun.ok) return begun;
    const changes = plans.flatMap((plan) => plan.changes);
    const label = `Apply the edits of run ${run}`;
    const written =
      changes.length === 0 ? ok(new Map<string, null>()) : await this.#deps.target.write(changes, { label, signal });
    if (!written.ok) {
      const told = await this.#record.append(run, [{ type: 'proposal.not-applied', paths, failure: written.error }]);
      return told.ok ? written : err({ ...written.error, message: `${written.error.message} ${told.error.message}` });
    }
    const hashes = plans.map(({ file }) => ({
      path: file.path,
      hash: written.value.get(file.path) ?? (file.text === null ? null : (file.base?.hash ?? null)),
    }));
    const recorded = await this.#record.append(run, [appliedBody(hashes)]);
    return recorded.ok ? ok(undefined) : recorded;
  }

  /** `after` undefined: nothing of the edit is left to do, so it is put aside. */
  async #update(
    reviewed: ReviewedRun,
    change: {
      readonly before: ProposedFile;
      readonly after: ProposedFile | undefined;
      readonly why: 'resolved' | 'merged-again';
      readonly signal: AbortSignal;
    },
  ): Promise<Result<ReviewedFile, Failure>> {
    const { before, after, why, signal } = change;
    const { path } = before;
    const bodies: ProposalEventBody[] = [];
    if (reviewed.status.get(path) === 'applying')
      bodies.push({ type: 'proposal.not-applied', paths: [path], failure: INTERRUPTED });
    if (after === undefined) bodies.push({ type: 'proposal.discarded', paths: [path] });
    else bodies.push({ type: 'proposal.updated', entry: entryOf(after), content: JSON.stringify(after), why });
    const recorded = await this.#record.append(reviewed.run, bodies);
    if (!recorded.ok) return recorded;
    return ok(await this.#look({ ...reviewed, ...recorded.value }, after ?? before, signal));
  }
}

const NEVER = new AbortController().signal;

function openPaths({ files, status }: ReviewedRun): readonly string[] {
  return files.map(({ path }) => path).filter((path) => status.get(path) === 'open' || status.get(path) === 'applying');
}

function isFree({
  stale,
  refused,
}: {
  readonly stale: string | undefined;
  readonly refused: string | undefined;
}): boolean {
  return stale === undefined && refused === undefined;
}

function appliedBody(files: readonly { readonly path: string; readonly hash: string | null }[]): ProposalEventBody {
  return { type: 'proposal.applied', paths: files.map(({ path }) => path), hashes: files.map(({ hash }) => hash) };
}
