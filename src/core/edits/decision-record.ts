import { invariant } from '../../base/assert.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../failure.ts';
import type { Amendment, Orchestrator, ProposalEventBody } from '../orchestrator.ts';
import type { DecisionStatus } from './proposal.ts';
import { statusesOf, type ReviewedRun } from './reviewed-run.ts';
import { Turns } from '../../base/turns.ts';

/** Where decisions about the edits of runs are written, one after the other, each under the lease of its run. */
export class DecisionRecord {
  readonly #orchestrator: Pick<Orchestrator, 'amend'>;
  readonly #turns = new Turns();
  /** Leases of runs whose turn it is. */
  readonly #held = new Map<string, Amendment>();

  constructor(orchestrator: Pick<Orchestrator, 'amend'>) {
    this.#orchestrator = orchestrator;
  }

  /** Does the work when all that was asked before about this run is done. */
  async queued<T>(
    run: string,
    signal: AbortSignal,
    work: () => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    try {
      return await this.#turns.take(run, work, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return err(
        failure('cancelled', 'It was cancelled.', { whatToDo: 'Open the proposal to see how its files stand.' }),
      );
    }
  }

  /** Only in the run's turn. Fails when another process holds the run. */
  async holding<T>(run: string, work: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
    const held = await this.#orchestrator.amend(run);
    if (!held.ok) return held;
    this.#held.set(run, held.value);
    try {
      return await work();
    } finally {
      this.#held.delete(run);
      await held.value.release();
    }
  }

  /** Only while the run is held. */
  async append(
    run: string,
    bodies: readonly ProposalEventBody[],
  ): Promise<Result<Pick<ReviewedRun, 'status' | 'hashes'>, Failure>> {
    const held = this.#held.get(run);
    invariant(held !== undefined, `nobody holds run ${run}`);
    const state = await held.append(bodies);
    if (!state.ok) return state;
    const { proposal } = state.value;
    return ok({
      status: proposal === null ? new Map<string, DecisionStatus>() : statusesOf(proposal),
      hashes: proposal?.hashes ?? new Map<string, string | null>(),
    });
  }
}
