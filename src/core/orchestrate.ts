/** The one door to the engine, for every shell. */
import { Emitter, type Subscription } from '../base/emitter.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Turns } from '../base/turns.ts';
import { RunActions } from './control/act.ts';
import { planAgain } from './control/plan-again.ts';
import { whyNotHere } from './control/whose-folder.ts';
import { readAction } from './control/read-action.ts';
import { actAnywhere } from './control/act-anywhere.ts';
import { hasEnded, shutDown, stoppedByUser, unknownWish } from './control/refusals.ts';
import { EndedRuns } from './ended-runs.ts';
import { bugFailure, type Failure } from './failure.ts';
import { BackendHealthBook } from './health.ts';
import type { ActionDone, PersonAction } from './person-action.ts';
import type {
  AgainOptions,
  Amendment,
  BackendHealth,
  DelegateHandle,
  FolderChoice,
  Orchestrator,
  RunFinished,
  RunHandle,
  TextDelta,
} from './orchestrator.ts';
import type { RunCommand, RunWriter } from './ports.ts';
import { RunContext, type EngineDeps, type EngineState } from './run-context.ts';
import type { RunEvent, RunEventBody } from './run-event.ts';
import { driveRun, type Goal } from './run-loop.ts';
import type { RunRequest } from './run-request.ts';
import { emptyRunState, type RunState } from './run-state.ts';
import { callsInDoubt } from './calls-in-doubt.ts';
import { SlotTable } from './slots.ts';
import {
  earlierResults,
  readInterruptedRun,
  readWholeRun,
  unreadable,
  whyNotAfter,
  type InterruptedRun,
  type ResumeHow,
} from './stored-run.ts';
import { delegateResult, delegateRun, SUPERVISOR_TASK } from './supervise/delegate.ts';
import type { DelegateRequest } from './supervise/delegation.ts';
import { refusedDeliverable } from './supervise/refused-deliverable.ts';

export function createEngine(deps: EngineDeps): Orchestrator {
  return new Engine(deps);
}

class Engine implements Orchestrator {
  readonly #deps: EngineDeps;
  readonly #state: EngineState;
  readonly #active = new Map<string, ActiveRun>();
  /** Runs that are being taken up; settled and gone when they are active, or could not be taken up. */
  readonly #resuming = new Map<string, Promise<unknown>>();
  readonly #wishes = new Turns();
  readonly #ended: EndedRuns;
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
    this.#ended = new EndedRuns(deps.journal, this.#state.events);
    this.#commands = deps.journal.onCommand((command) => this.#takeCommand(command));
  }

  async start(request: RunRequest, how: FolderChoice = {}): Promise<Result<RunHandle, Failure>> {
    const elsewhere = how.isFolderNamed === true ? undefined : await whyNotAfter(this.#deps, request.again?.run);
    return elsewhere === undefined ? this.#begin(request, 'run') : err(elsewhere);
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
    const taken = await readInterruptedRun(this.#deps, run, how);
    if (!taken.ok) {
      await writer.value.release();
      return taken;
    }
    const from = { ...taken.value, writer: writer.value, isCancelled: how.isCancelled === true };
    return this.#launch(from, { type: 'run.resumed', inDoubt: callsInDoubt(from.state) });
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
        inLine: (id, reach) => this.#wishes.take(id, reach),
        active: (id) => this.#active.get(id)?.actions,
        resuming: (id) => this.#resuming.get(id),
        read: (id) => readWholeRun(this.#deps.journal, id),
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
    const before = await readWholeRun(this.#deps.journal, run);
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

  onEvent(listener: (event: RunEvent) => void): Subscription {
    return this.#state.events.subscribe(listener);
  }

  onText(listener: (delta: TextDelta) => void): Subscription {
    return this.#state.texts.subscribe(listener);
  }

  runs(): readonly RunState[] {
    return [...this.#ended.all(), ...[...this.#active.values()].map(({ ctx }) => ctx.state)];
  }

  state(run: string): RunState | undefined {
    return this.#active.get(run)?.ctx.state ?? this.#ended.get(run);
  }

  forget(run: string): void {
    this.#ended.forget(run);
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

  amend(run: string): Promise<Result<Amendment, Failure>> {
    return this.#ended.amend(run);
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
      {
        request,
        goal,
        writer: writer.value,
        state: emptyRunState(run),
        before: await earlierResults(this.#deps, request),
      },
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
    this.#ended.keep(ctx.state);
  }
}

interface ActiveRun {
  readonly ctx: RunContext;
  readonly handle: RunHandle;
  readonly actions: RunActions;
  /** Settles when it runs no more, also when it could not begin. */
  readonly closed: Promise<void>;
}

interface Launch extends Omit<InterruptedRun, 'takenMs'>, Pick<ResumeHow, 'isCancelled'> {
  readonly writer: RunWriter;
  /** Undefined: it is new. */
  readonly takenMs?: number;
}
