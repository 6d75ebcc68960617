import type { Emitter } from '../base/emitter.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from './failure.ts';
import type { Amendment, ProposalEventBody } from './orchestrator.ts';
import type { Journal, RunWriter } from './ports.ts';
import type { RunEvent } from './run-event.ts';
import { applyEvent } from './run-fold.ts';
import type { RunState } from './run-state.ts';
import { readWholeRun } from './stored-run.ts';

/** Folds that are kept in memory for who looks; the journal has all. */
const KEPT_RUNS = 8;

/** The last runs that have ended here, and what is still decided about any that has ended: its proposal. */
export class EndedRuns {
  readonly #journal: Pick<Journal, 'amendRun' | 'readRun'>;
  readonly #events: Emitter<RunEvent>;
  readonly #kept = new Map<string, RunState>();

  constructor(journal: Pick<Journal, 'amendRun' | 'readRun'>, events: Emitter<RunEvent>) {
    this.#journal = journal;
    this.#events = events;
  }

  get(run: string): RunState | undefined {
    return this.#kept.get(run);
  }

  all(): readonly RunState[] {
    return [...this.#kept.values()];
  }

  keep(state: RunState): void {
    this.#kept.set(state.run, state);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_RUNS && oldest !== undefined) this.#kept.delete(oldest);
  }

  forget(run: string): void {
    this.#kept.delete(run);
  }

  async amend(run: string): Promise<Result<Amendment, Failure>> {
    const writer = await this.#journal.amendRun(run);
    if (!writer.ok) return writer;
    return ok({
      append: (bodies) => this.#decided(writer.value, bodies),
      release: () => writer.value.release(),
    });
  }

  async #decided(writer: RunWriter, bodies: readonly ProposalEventBody[]): Promise<Result<RunState, Failure>> {
    const written = await writer.append(bodies);
    if (!written.ok) return written;
    const known = this.#kept.get(writer.run);
    const isNext = known !== undefined && known.lastSeq + 1 === written.value[0]?.seq;
    const state = isNext ? ok(written.value.reduce(applyEvent, known)) : await readWholeRun(this.#journal, writer.run);
    if (!state.ok) return err(state.error);
    this.keep(state.value);
    for (const event of written.value) this.#events.emit(event);
    return state;
  }
}
