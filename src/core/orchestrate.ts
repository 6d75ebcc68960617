/** The one door to the engine, for every shell. */
import { Emitter, type Subscription } from '../base/emitter.ts';
import { Lines } from '../base/lines.ts';
import { err, ok, type Result } from '../base/result.ts';
import { RunActions } from './control/act.ts';
import { planAgain } from './control/plan-again.ts';
import { whyNotHere } from './control/whose-folder.ts';
import { readAction } from './control/read-action.ts';
import { actAnywhere } from './control/act-anywhere.ts';
import { hasEnded, shutDown, stoppedByUser, unknownWish } from './control/refusals.ts';
import { bugFailure, failure, type Failure } from './failure.ts';
import { BackendHealthBook } from './health.ts';
import type { ActionDone, PersonAction } from './person-action.ts';
import type {
  AgainOptions,
  Amendment,
  BackendHealth,
  DelegateHandle,
  FolderChoice,
  Orchestrator,
  ProposalEventBody,
  RunFinished,
  RunHandle,
  TextDelta,
} from './orchestrator.ts';
import type { RunCommand, RunWriter } from './ports.ts';
import { RunContext, type EngineDeps, type EngineState } from './run-context.ts';
import type { RunEvent, RunEventBody } from './run-event.ts';
import { resultsBefore } from './reuse/lineage.ts';
import { driveRun, type Goal } from './run-loop.ts';
import type { RunRequest } from './run-request.ts';
import { attended, storedRequest } from './control/stored-request.ts';
import { applyEvent, foldRun } from './run-fold.ts';
import { callsInDoubt, emptyRunState, isPlanOnly, type RunState } from './run-state.ts';
import { timeTaken } from './run-time.ts';
import { SlotTable } from './slots.ts';
import { delegateResult, delegateRun, SUPERVISOR_TASK } from './supervise/delegate.ts';
import type { DelegateRequest } from './supervise/delegation.ts';
import { refusedDeliverable } from './supervise/refused-deliverable.ts';

/** Folds of ended runs that are kept in memory for who looks; the journal has all. */
const KEPT_RUNS = 8;

export function createEngine(deps: EngineDeps): Orchestrator {
  return new Engine(deps);
}

class Engine implements Orchestrator {
  readonly #deps: EngineDeps;
  readonly #state: EngineState;
  readonly #active = new Map<string, ActiveRun>();
  /** Runs that are being taken up; settled and gone when they are active, or could not be taken up. */
  readonly #resuming = new Map<string, Promise<unknown>>();
  readonly #wishes = new Lines();
  readonly #ended = new Map<string, RunState>();
  readonly #commands: Subscription;
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
    this.#commands = deps.journal.onCommand((command) => this.#takeCommand(command));
  }

  async start(request: RunRequest, how: FolderChoice = {}): Promise<Result<RunHandle, Failure>> {
    const elsewhere = how.isFolderNamed === true ? undefined : await this.#whyNotAfter(request.again?.run);
    return elsewhere === undefined ? this.#begin(request, 'run') : err(elsewhere);
  }

  /** One that is gone forbids nothing: all is done anew then. */
  async #whyNotAfter(run: string | undefined): Promise<Failure | undefined> {
    if (run === undefined) return undefined;
    const events = await this.#deps.journal.readRun(run, { textsUpToBytes: 0 });
    if (!events.ok || events.value.length === 0) return undefined;
    return whyNotHere(this.#deps.workspace, foldRun(run, events.value));
  }

  plan(request: RunRequest): Promise<Result<RunHandle, Failure>> {
    return this.#begin(request, 'plan-only');
  }

  async delegate(request: DelegateRequest): Promise<Result<DelegateHandle, Failure>> {
    const refused = refusedDeliverable(request.deliverable, this.#deps.checks);
    if (refused !== undefined) return err(refused);
    const begun = await this.#begin(delegateRun(request), 'run');
    if (!begun.ok) return begun;
    const handle = begun.value;
    // Read at once: later the fold may not be kept any more.
    const result = handle.finished.then((end) =>
      delegateResult(this.state(handle.run) ?? emptyRunState(handle.run), end),
    );
    return ok({ ...handle, task: SUPERVISOR_TASK, result });
  }

  resume(run: string, how: ResumeHow = {}): Promise<Result<RunHandle, Failure>> {
    if (this.#isDisposed) return Promise.resolve(err(shutDown()));
    const resumed = this.#resume(run, how);
    if (!this.#resuming.has(run)) {
      const over = (): boolean => this.#resuming.delete(run);
      this.#resuming.set(run, resumed.then(over, over));
    }
    return resumed;
  }

  async #resume(run: string, how: ResumeHow): Promise<Result<RunHandle, Failure>> {
    const writer = await this.#deps.journal.adoptRun(run);
    if (!writer.ok) return writer;
    const taken = await this.#takeUp(run, how);
    if (!taken.ok) {
      await writer.value.release();
      return taken;
    }
    const from = { ...taken.value, writer: writer.value, isCancelled: how.isCancelled === true };
    return this.#launch(from, { type: 'run.resumed', inDoubt: callsInDoubt(from.state) });
  }

  async #takeUp(run: string, how: ResumeHow): Promise<Result<Omit<Launch, 'writer'>, Failure>> {
    const events = await this.#deps.journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    if (!events.ok) return events;
    const state = foldRun(run, events.value);
    const stored = storedRequest(state);
    if (stored === undefined) return err(unreadable(run));
    const isAnywhere = how.isFolderNamed === true || how.isCancelled === true;
    const elsewhere = isAnywhere ? undefined : await whyNotHere(this.#deps.workspace, state);
    if (elsewhere !== undefined) return err(elsewhere);
    const request = attended(stored, this.#deps.present?.());
    return ok({
      request,
      goal: isPlanOnly(state) ? 'plan-only' : 'run',
      state,
      before: await this.#before(request),
      takenMs: request.options.limits.maxMs === undefined ? 0 : timeTaken(run, events.value),
    });
  }

  cancel(run: string): boolean {
    const active = this.#active.get(run);
    active?.ctx.stop('cancel', stoppedByUser());
    return active !== undefined;
  }

  handle(run: string): RunHandle | undefined {
    return this.#active.get(run)?.handle;
  }

  act(run: string, action: PersonAction): Promise<Result<ActionDone, Failure>> {
    if (this.#isDisposed) return Promise.resolve(err(shutDown()));
    return actAnywhere(
      {
        journal: this.#deps.journal,
        inLine: (id, reach) => this.#wishes.do(id, reach),
        active: (id) => this.#active.get(id)?.actions,
        resuming: (id) => this.#resuming.get(id),
        read: (id) => this.#read(id),
        workspace: this.#deps.workspace,
        present: this.#deps.present,
        begin: (request) => this.#begin(request, 'run'),
        resume: (id, how) => this.resume(id, how),
      },
      run,
      action,
    );
  }

  async again(run: string, how: AgainOptions): Promise<Result<RunHandle, Failure>> {
    const before = await this.#read(run);
    if (!before.ok) return before;
    const elsewhere = how.isFolderNamed === true ? undefined : await whyNotHere(this.#deps.workspace, before.value);
    if (elsewhere !== undefined) return err(elsewhere);
    const request = planAgain(before.value, how, this.#deps.present?.());
    return request.ok ? this.#begin(request.value, 'run') : request;
  }

  /** Never rejects: what came of it goes back as JSON to the process that asked. */
  async #takeCommand({ run, action }: RunCommand): Promise<string> {
    const wish = readAction(action);
    await this.#resuming.get(run);
    const active = this.#active.get(run);
    const done: Result<ActionDone, Failure> =
      wish === undefined
        ? err(unknownWish())
        : active === undefined
          ? err(this.#isDisposed ? shutDown() : hasEnded())
          : await active.actions.act(wish).catch((error: unknown) => {
              this.#deps.logger.error(`A wish for run ${run} met a bug`, error);
              return err(bugFailure(error));
            });
    return JSON.stringify(done);
  }

  async #read(run: string): Promise<Result<RunState, Failure>> {
    const events = await this.#deps.journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    if (!events.ok) return events;
    return events.value.length === 0 ? err(unreadable(run)) : ok(foldRun(run, events.value));
  }

  /** What may be used again; without it everything is done anew. */
  async #before({ again }: RunRequest): Promise<RunState | undefined> {
    if (again === undefined) return undefined;
    return resultsBefore(again, async (run) => {
      const read = await this.#read(run);
      if (!read.ok) this.#deps.logger.warn(`Run ${run} cannot be used again: ${read.error.message}`);
      return read.ok ? read.value : undefined;
    });
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

  forget(run: string): void {
    this.#ended.delete(run);
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
    this.#commands.dispose();
    const open = [...this.#active.values()];
    for (const { ctx } of open) ctx.stop('shutdown', shutDown());
    await Promise.all(open.map(({ closed }) => closed));
  }

  async #begin(request: RunRequest, goal: Goal): Promise<Result<RunHandle, Failure>> {
    if (this.#isDisposed) return err(shutDown());
    const run = this.#deps.newId();
    const writer = await this.#deps.journal.createRun(run);
    if (!writer.ok) return writer;
    const { text, options, source, ...context } = request;
    return this.#launch(
      { request, goal, writer: writer.value, state: emptyRunState(run), before: await this.#before(request) },
      {
        type: 'run.started',
        request: text,
        context: JSON.stringify({ ...context, goal }),
        source,
        options,
        workspace: this.#deps.workspace.name,
        ...(request.again === undefined ? {} : { from: request.again.run }),
      },
    );
  }

  async #launch(from: Launch, first: RunEventBody): Promise<Result<RunHandle, Failure>> {
    const ctx = new RunContext({
      deps: this.#deps,
      engine: this.#state,
      request: from.request,
      writer: from.writer,
      state: from.state,
      before: from.before,
      takenMs: from.takenMs ?? 0,
    });
    if (this.#isDisposed) {
      await from.writer.release();
      return err(shutDown());
    }
    // Known before its first event is shown: whoever sees the event finds the run, and dispose() waits for it.
    const ended = Promise.withResolvers<RunFinished>();
    const handle = { run: ctx.run, finished: ended.promise, cancel: () => ctx.stop('cancel', stoppedByUser()) };
    const closed = Promise.withResolvers<void>();
    this.#active.set(ctx.run, { ctx, handle, actions: new RunActions(ctx), closed: closed.promise });
    if (!(await ctx.append(first))) {
      this.#active.delete(ctx.run);
      await from.writer.release();
      closed.resolve();
      return err(ctx.stopped?.failure ?? unreadable(ctx.run));
    }
    if (from.isCancelled === true) ctx.stop('cancel', stoppedByUser());
    void driveRun(ctx, from.goal).then((finished) => {
      this.#retire(ctx);
      closed.resolve();
      ended.resolve(finished);
    });
    return ok(handle);
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

interface ActiveRun {
  readonly ctx: RunContext;
  readonly handle: RunHandle;
  readonly actions: RunActions;
  /** Settles when it runs no more, also when it could not begin. */
  readonly closed: Promise<void>;
}

interface ResumeHow extends FolderChoice {
  /** It is only taken up to be ended. */
  readonly isCancelled?: boolean;
}

interface Launch extends Pick<ResumeHow, 'isCancelled'> {
  readonly request: RunRequest;
  readonly goal: Goal;
  readonly writer: RunWriter;
  readonly state: RunState;
  readonly before: RunState | undefined;
  /** Undefined: it is new. */
  readonly takenMs?: number;
}

function unreadable(run: string): Failure {
  return failure('journal', `The record of run ${run} cannot be read.`, {
    whatToDo: 'Ask the request again; the other runs are not affected.',
  });
}
