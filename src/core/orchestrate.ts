/** The one door to the engine, for every shell. */
import { Emitter, type Subscription } from '../base/emitter.ts';
import { err, ok, type Result } from '../base/result.ts';
import { failure, type Failure } from './failure.ts';
import { BackendHealthBook } from './health.ts';
import type {
  Amendment,
  BackendHealth,
  Orchestrator,
  ProposalEventBody,
  RunHandle,
  TextDelta,
} from './orchestrator.ts';
import type { RunWriter } from './ports.ts';
import { RunContext, type EngineDeps, type EngineState } from './run-context.ts';
import type { RunEvent, RunEventBody } from './run-event.ts';
import { payloadText } from './run-event.ts';
import { driveRun, type Goal } from './run-loop.ts';
import type { RunRequest } from './run-request.ts';
import { applyEvent, foldRun } from './run-fold.ts';
import { callsInDoubt, emptyRunState, isPlanOnly, type RunState } from './run-state.ts';
import { SlotTable } from './slots.ts';

/** Folds of ended runs that are kept in memory for who looks; the journal has all. */
const KEPT_RUNS = 8;

export function createEngine(deps: EngineDeps): Orchestrator {
  return new Engine(deps);
}

class Engine implements Orchestrator {
  readonly #deps: EngineDeps;
  readonly #state: EngineState;
  readonly #active = new Map<string, { readonly ctx: RunContext; readonly finished: Promise<unknown> }>();
  readonly #ended = new Map<string, RunState>();
  #isDisposed = false;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    const onError = (error: unknown): void => deps.logger.error('A listener of run events failed', error);
    this.#state = {
      slots: new SlotTable(
        deps.clock,
        (id) => deps.roster.backends().find((backend) => backend.description.id === id)?.description,
      ),
      health: new BackendHealthBook(deps.clock),
      events: new Emitter<RunEvent>(onError),
      texts: new Emitter<TextDelta>(onError),
      rotation: 0,
    };
  }

  start(request: RunRequest): Promise<Result<RunHandle, Failure>> {
    return this.#begin(request, 'run');
  }

  plan(request: RunRequest): Promise<Result<RunHandle, Failure>> {
    return this.#begin(request, 'plan-only');
  }

  async resume(run: string): Promise<Result<RunHandle, Failure>> {
    if (this.#isDisposed) return err(shutDown());
    const writer = await this.#deps.journal.adoptRun(run);
    if (!writer.ok) return writer;
    const events = await this.#deps.journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    const state = events.ok ? foldRun(run, events.value) : undefined;
    const request = state === undefined ? undefined : storedRequest(state);
    if (!events.ok || state === undefined || request === undefined) {
      await writer.value.release();
      return events.ok ? err(unreadable(run)) : events;
    }
    return this.#launch(
      { request, goal: isPlanOnly(state) ? 'plan-only' : 'run', writer: writer.value, state },
      { type: 'run.resumed', inDoubt: callsInDoubt(state) },
    );
  }

  cancel(run: string): boolean {
    const active = this.#active.get(run);
    active?.ctx.stop('cancel', stoppedByUser());
    return active !== undefined;
  }

  onEvent(listener: (event: RunEvent) => void): Subscription {
    return this.#state.events.subscribe(listener);
  }

  onText(listener: (delta: TextDelta) => void): Subscription {
    return this.#state.texts.subscribe(listener);
  }

  runs(): readonly RunState[] {
    return [...this.#ended.values(), ...[...this.#active.values()].map(({ ctx }) => ctx.state)];
  }

  state(run: string): RunState | undefined {
    return this.#active.get(run)?.ctx.state ?? this.#ended.get(run);
  }

  health(): readonly BackendHealth[] {
    return this.#deps.roster.backends().map(({ description }) => {
      const rest = this.#state.health.rest(description.id);
      return {
        backend: description.id,
        callsInFlight: this.#state.slots.callsInFlight(description.id),
        restingForMs: Number.isFinite(rest.forMs) ? rest.forMs : 1,
        why: rest.why,
      };
    });
  }

  rosterChanged(edited: readonly string[]): void {
    for (const backend of edited) this.#state.health.forget(backend);
    this.#state.slots.wake();
  }

  async amend(run: string): Promise<Result<Amendment, Failure>> {
    const writer = await this.#deps.journal.amendRun(run);
    if (!writer.ok) return writer;
    return ok({
      append: (bodies) => this.#decided(writer.value, bodies),
      release: () => writer.value.release(),
    });
  }

  async #decided(writer: RunWriter, bodies: readonly ProposalEventBody[]): Promise<Result<RunState, Failure>> {
    const written = await writer.append(bodies);
    if (!written.ok) return written;
    const { run } = writer;
    const known = this.#ended.get(run);
    const read =
      known !== undefined && known.lastSeq + 1 === written.value[0]?.seq
        ? written
        : await this.#deps.journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    if (!read.ok) return read;
    const state =
      read === written && known !== undefined ? written.value.reduce(applyEvent, known) : foldRun(run, read.value);
    this.#keep(state);
    for (const event of written.value) this.#state.events.emit(event);
    return ok(state);
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    const open = [...this.#active.values()];
    for (const { ctx } of open) ctx.stop('shutdown', shutDown());
    await Promise.all(open.map(({ finished }) => finished));
  }

  async #begin(request: RunRequest, goal: Goal): Promise<Result<RunHandle, Failure>> {
    if (this.#isDisposed) return err(shutDown());
    const run = this.#deps.newId();
    const writer = await this.#deps.journal.createRun(run);
    if (!writer.ok) return writer;
    const { text, options, source, ...context } = request;
    return this.#launch(
      { request, goal, writer: writer.value, state: emptyRunState(run) },
      {
        type: 'run.started',
        request: text,
        context: JSON.stringify({ ...context, goal }),
        source,
        options,
        workspace: this.#deps.workspace.name,
      },
    );
  }

  async #launch(
    from: { readonly request: RunRequest; readonly goal: Goal; readonly writer: RunWriter; readonly state: RunState },
    first: RunEventBody,
  ): Promise<Result<RunHandle, Failure>> {
    const ctx = new RunContext({
      deps: this.#deps,
      engine: this.#state,
      request: from.request,
      writer: from.writer,
      state: from.state,
    });
    if (this.#isDisposed) {
      await from.writer.release();
      return err(shutDown());
    }
    // Known before its first event is shown: whoever sees the event finds the run, and dispose() waits for it.
    const ended = Promise.withResolvers<void>();
    this.#active.set(ctx.run, { ctx, finished: ended.promise });
    if (!(await ctx.append(first))) {
      this.#active.delete(ctx.run);
      await from.writer.release();
      ended.resolve();
      return err(ctx.stopped?.failure ?? unreadable(ctx.run));
    }
    const finished = driveRun(ctx, from.goal).finally(() => {
      this.#retire(ctx);
      ended.resolve();
    });
    return ok({ run: ctx.run, finished, cancel: () => ctx.stop('cancel', stoppedByUser()) });
  }

  #retire(ctx: RunContext): void {
    this.#active.delete(ctx.run);
    this.#keep(ctx.state);
  }

  #keep(state: RunState): void {
    this.#ended.set(state.run, state);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > KEPT_RUNS && oldest !== undefined) this.#ended.delete(oldest);
  }
}

/** The request as it was journaled with the run's first event. */
function storedRequest(state: RunState): RunRequest | undefined {
  if (state.options === null) return undefined;
  try {
    // Written by #begin above; another version's record has other `v`, which the journal refuses before.
    const context = JSON.parse(payloadText(state.context)) as Omit<RunRequest, 'text' | 'options' | 'source'>;
    return { ...context, text: payloadText(state.request), source: state.source, options: state.options };
  } catch {
    return undefined;
  }
}

function unreadable(run: string): Failure {
  return failure('journal', `The record of run ${run} cannot be read.`, {
    whatToDo: 'Ask the request again; the other runs are not affected.',
  });
}

function shutDown(): Failure {
  return failure('cancelled', 'Orchestrator is shutting down.', { whatToDo: 'Open VS Code again and resume the run.' });
}

function stoppedByUser(): Failure {
  return failure('cancelled', 'You stopped the run.', {
    whatToDo: 'Ask again when you like; finished tasks are kept in the record.',
  });
}
