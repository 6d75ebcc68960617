/**
 * What all parts of one run share.
 *
 * Owns: the run's live fold, the order of its events, its budget and its end signal. Does not own: what happens next.
 *
 * 1. An event is folded and shown only after the journal has it, in the journal's order.
 * 2. When the journal cannot write, the run stops: nothing more is spent. Nothing more is written either, or the record would go on
 *    over a hole; it is of an interrupted run, which can be resumed.
 * 3. `stop` counts once; the first reason stays.
 */
import type { Clock } from '../base/clock.ts';
import type { Emitter } from '../base/emitter.ts';
import type { AgentProfile } from './agents/agent-profile.ts';
import { BUILT_IN_AGENTS } from './agents/built-in-agents.ts';
import type { CallKey } from './backend.ts';
import { Accounts } from './supervise/accounts.ts';
import { BudgetPool } from './budget.ts';
import { countedInRun } from './calls-in-doubt.ts';
import type { CheckPorts } from './deliverable/check-ports.ts';
import { RunningTasks } from './control/running-tasks.ts';
import { RetryBudget } from './attempts.ts';
import { bugFailure, failure, type Failure } from './failure.ts';
import type { BackendHealthBook } from './health.ts';
import type { TextDelta } from './orchestrator.ts';
import type { OutsideTools } from './agent/outside-tools.ts';
import type { ToolBox } from './agent/tool-box.ts';
import type { Approver, EditChecker, Journal, Logger, Roster, RunWriter, Workspace } from './ports.ts';
import type { RunEvent, RunEventBody } from './run-event.ts';
import { payloadText } from './run-event.ts';
import type { Present, RunOptions, RunRequest } from './run-request.ts';
import { applyEvent } from './run-fold.ts';
import { allCalls, type CallState, type RunState, type TaskState } from './run-state.ts';
import { RunTime } from './run-time.ts';
import type { SlotTable } from './slots.ts';

export interface EngineDeps {
  readonly journal: Journal;
  readonly roster: Roster;
  readonly workspace: Workspace;
  readonly approver: Approver;
  readonly tools: ToolBox;
  /** Undefined: there are none. */
  readonly outside?: OutsideTools;
  readonly checker: EditChecker;
  /** What checks of deliverables take beyond texts. */
  readonly checks?: CheckPorts;
  /** Lets everything else that waits run first; long computations call it often. */
  readonly pause: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: a run that is taken up or made from an earlier one is as that was. */
  readonly present?: () => Present;
  /** Who can do tasks, by name. Undefined: only those that are built in. */
  readonly agents?: () => readonly AgentProfile[];
  /** A new unique id, hard to guess. */
  readonly newId: () => string;
  /** 0 to 1, for spreading retries. */
  readonly random: () => number;
}

/** What the runs of one process share. */
export interface EngineState {
  readonly slots: SlotTable;
  readonly health: BackendHealthBook;
  readonly events: Emitter<RunEvent>;
  readonly texts: Emitter<TextDelta>;
  /** Orchestrator calls that succeeded, so that equals take turns. */
  rotation: number;
}

/** `shutdown`: the process ends; the run is not finished and can be resumed. */
export type StopKind = 'cancel' | 'budget' | 'journal' | 'shutdown' | 'bug';

export interface RunContextInit {
  readonly deps: EngineDeps;
  readonly engine: EngineState;
  readonly request: RunRequest;
  readonly writer: RunWriter;
  /** Empty for a new run, the fold of its journal for a resumed one. */
  readonly state: RunState;
  /** The run whose results may be used again (request.again), with all texts and what runs before it have (reuse/lineage.ts). */
  readonly before?: RunState | undefined;
  /** Of `maxMs`, what it took before it was interrupted. */
  readonly takenMs?: number;
}

export class RunContext {
  readonly deps: EngineDeps;
  readonly engine: EngineState;
  readonly request: RunRequest;
  readonly run: string;
  readonly before: RunState | undefined;
  readonly pool: BudgetPool;
  readonly accounts: Accounts;
  readonly retries = new RetryBudget();
  readonly running = new RunningTasks();
  readonly time: RunTime;
  /** Marks off untrusted text in prompts; random for each run. */
  readonly mark: string;
  /** Hosts the user was asked about. */
  readonly consents = new Map<string, boolean | 'asking'>();
  /** Model calls of this run that hold a slot. */
  callsInFlight = 0;
  /** The backend that planned; it also answers and takes what fits nowhere. */
  orchestrator: string | undefined;
  readonly #writer: RunWriter;
  readonly #abort = new AbortController();
  #state: RunState;
  #stopped: { readonly kind: StopKind; readonly failure: Failure } | undefined;
  #queue: Queued[] = [];
  #isFlushing = false;
  /** Something that happened is not on record. */
  #hasHole = false;
  #lastInLine: Promise<unknown> = Promise.resolve();

  constructor(init: RunContextInit) {
    this.deps = init.deps;
    this.engine = init.engine;
    this.request = init.request;
    this.run = init.state.run;
    this.before = init.before;
    this.mark = `~${init.state.run.replaceAll('-', '').slice(-8)}`;
    this.pool = new BudgetPool('the run', init.request.options.limits);
    this.pool.commitEarlier(countedInRun(init.state));
    this.accounts = new Accounts(this.pool, () => this.#state);
    const { maxMs } = init.request.options.limits;
    const leftMs = maxMs === undefined ? undefined : Math.max(0, maxMs - (init.takenMs ?? 0));
    this.time = new RunTime(init.deps.clock, leftMs, () => this.stop('budget', timeFailure(maxMs ?? 0)));
    this.#writer = init.writer;
    this.#state = init.state;
    this.orchestrator = init.state.turns.get('@plan')?.backend ?? undefined;
  }

  get clock(): Clock {
    return this.deps.clock;
  }

  get options(): RunOptions {
    return this.request.options;
  }

  get state(): RunState {
    return this.#state;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get stopped(): { readonly kind: StopKind; readonly failure: Failure } | undefined {
    return this.#stopped;
  }

  stop(kind: StopKind, failed: Failure): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { kind, failure: failed };
    this.#abort.abort(new Error(failed.message));
    this.running.wake();
  }

  get agents(): readonly AgentProfile[] {
    return this.deps.agents?.() ?? BUILT_IN_AGENTS;
  }

  /** Changes of the plan take effect one after the other, whoever makes them; each sees what the one before has changed. */
  inLine<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastInLine.then(change);
    this.#lastInLine = done.catch(() => undefined);
    return done;
  }

  /** Resolves when the events are in the journal, folded and shown; false when they could not be written (the run stops then). */
  append(...bodies: readonly RunEventBody[]): Promise<boolean> {
    return this.#enqueue(bodies);
  }

  /** As `append`, of what the state calls for once all that was appended before is folded: two may end the same task at once. */
  appendFrom(make: (state: RunState) => readonly RunEventBody[]): Promise<boolean> {
    return this.#enqueue(make);
  }

  showText(task: string, text: string, restart = false): void {
    this.engine.texts.emit({ run: this.run, task, text, restart });
  }

  /** The result of a call that an earlier process finished: such a call is never made again. */
  finishedCall(task: string, turn: number): CallState | undefined {
    return this.#taskState(task)?.calls.findLast((call) => call.key.turn === turn && call.finish !== null);
  }

  nextKey(task: string, turn: number): CallKey {
    const state = this.#taskState(task);
    // Unique also over the attempts that a person asked for: the key names a call for good.
    const attempts = (state === undefined ? [] : allCalls(state))
      .filter((call) => call.key.turn === turn)
      .map((call) => call.key.attempt);
    return { run: this.run, task, turn, attempt: Math.max(-1, ...attempts) + 1 };
  }

  /** The text a completed task left. */
  resultText(task: string): string {
    const result = this.#state.tasks.get(task)?.result;
    return result == null ? '' : payloadText(result);
  }

  async close(): Promise<void> {
    await this.append();
    await this.#writer
      .release()
      .catch((error: unknown) => this.deps.logger.error(`Run ${this.run} could not be given back`, error));
  }

  #taskState(task: string): TaskState | undefined {
    return this.#state.turns.get(task) ?? this.#state.tasks.get(task);
  }

  #enqueue(bodies: Queued['bodies']): Promise<boolean> {
    return new Promise((done) => {
      // At shutdown only what was spent is recorded: everything else goes on after the resume.
      const isShutdown = this.#stopped?.kind === 'shutdown';
      const isKept = ({ type }: RunEventBody): boolean => !isShutdown || type.startsWith('call.');
      const kept =
        typeof bodies === 'function'
          ? (state: RunState): readonly RunEventBody[] => bodies(state).filter(isKept)
          : bodies.filter(isKept);
      this.#queue.push({ bodies: kept, done });
      if (!this.#isFlushing) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true;
    while (this.#queue.length > 0) {
      // One that looks at the state is the first of its batch.
      const next = this.#queue.findIndex(({ bodies }, index) => index > 0 && typeof bodies === 'function');
      const batch = this.#queue.splice(0, next === -1 ? this.#queue.length : next);
      const bodies = this.#hasHole
        ? []
        : batch.flatMap((one) => (typeof one.bodies === 'function' ? one.bodies(this.#state) : one.bodies));
      const isWritten = !this.#hasHole && (bodies.length === 0 || (await this.#write(bodies)));
      for (const one of batch) one.done(isWritten);
    }
    this.#isFlushing = false;
  }

  async #write(bodies: readonly RunEventBody[]): Promise<boolean> {
    try {
      const written = await this.#writer.append(bodies);
      if (!written.ok) return this.#breakOff(written.error);
      for (const event of written.value) {
        this.#state = applyEvent(this.#state, event);
        this.engine.events.emit(event);
      }
      if (written.value.some((event) => this.accounts.ended(event))) this.engine.slots.wake();
      if (written.value.some(({ type }) => WAKES.test(type))) this.running.wake();
      return true;
    } catch (error) {
      // Whoever waits for the record must not wait for ever.
      this.deps.logger.error(`The record of run ${this.run} met a bug`, error);
      return this.#breakOff({ ...bugFailure(error), reason: 'journal' });
    }
  }

  #breakOff(failed: Failure): false {
    this.#hasHole = true;
    this.stop('journal', failed);
    return false;
  }
}

interface Queued {
  readonly bodies: readonly RunEventBody[] | ((state: RunState) => readonly RunEventBody[]);
  readonly done: (isWritten: boolean) => void;
}

/** Events that change what may start, or whether only a person can go on. */
const WAKES = /^(?:task|plan|message)\./;

function timeFailure(maxMs: number): Failure {
  return failure('budget', `The time limit of the run, ${maxMs.toLocaleString('en-US')} ms, has passed.`, {
    whatToDo: 'Raise maxMs (orchestrator.budget or --max-ms) and ask again.',
  });
}
