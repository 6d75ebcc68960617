/**
 * One run in one chat turn: from its start, or from where it stands, to its end, or until it waits for a person.
 *
 * Owns: which events belong to the turn, when it ends, and Stop. Does not own: what is said (`chat-presenter.ts`), how it is
 * shown (`chat-stream.ts`).
 *
 * 1. No event of the run is missed, also none that comes before `start` has returned.
 * 2. Stop cancels the run at once, also one that is only being started, and the turn ends within a second of it.
 * 3. No subscription is left when the turn has ended.
 * 4. A turn never waits for a person: it ends when nothing goes on without one, and the run lives on.
 */
import type { OpenedOrchestrator } from '../../app/shell.ts';
import type { Clock } from '../../base/clock.ts';
import type { Subscription } from '../../base/emitter.ts';
import type { Result } from '../../base/result.ts';
import { describeFailure, type Failure } from '../../core/failure.ts';
import type { RunFinished, RunHandle, TextDelta } from '../../core/orchestrator.ts';
import type { RunEvent } from '../../core/run-event.ts';
import { emptyRunState, type RunState } from '../../core/run-state.ts';
import { waitsForPerson } from '../../core/waiting.ts';
import type { ChatOp } from './chat-op.ts';
import { ChatPresenter, type PresenterOptions } from './chat-presenter.ts';
import { asText } from '../markdown/safe-part.ts';

/** Where the answer goes; operations happen in the order they are given. */
export interface AnswerStream {
  write(ops: readonly ChatOp[]): void;
  /** Resolves when all that was written has been done. */
  drained(): Promise<void>;
}

/** The part of VS Code's cancellation token that is used. */
export interface StopButton {
  readonly isCancellationRequested: boolean;
  readonly onCancellationRequested: (listener: () => void) => Subscription;
}

export interface RunTurn {
  readonly orchestrator: Pick<OpenedOrchestrator['orchestrator'], 'onEvent' | 'onText' | 'state'>;
  readonly cancellation: StopButton;
  readonly clock: Clock;
  readonly answer: (run: string) => AnswerStream;
  readonly presenter: PresenterOptions;
  /** Said before anything else. */
  readonly notes: readonly string[];
  /** The run as it stands, when it was begun before. */
  readonly attachedTo?: RunState;
  /** Called with the run as soon as it is known; the subscription goes with the turn. */
  readonly onAttached?: (run: string) => Subscription;
}

/** How the turn ended; `run` is undefined when nothing was started. */
export interface TurnEnd {
  readonly run: string | undefined;
  readonly error: string | undefined;
  /** The run waits for a person. */
  readonly waits?: 'plan' | 'tasks';
}

/** After Stop the turn waits this long for the run's last events. */
const STOPPED_WITHIN_MS = 800;

type Seen = { readonly run: string; readonly show: (presenter: ChatPresenter) => readonly ChatOp[] };

export async function followRun(start: () => Promise<Result<RunHandle, Failure>>, run: RunTurn): Promise<TurnEnd> {
  const { orchestrator } = run;
  const early: Seen[] = [];
  let take = (seen: Seen): void => {
    early.push(seen);
  };
  const subscriptions: Subscription[] = [
    orchestrator.onEvent((event) => take(ofEvent(event, orchestrator.state(event.run)))),
    orchestrator.onText((delta) => take(ofText(delta))),
  ];
  try {
    const started = await start();
    if (!started.ok) return { run: undefined, error: errorText(started.error) };
    const handle = started.value;
    if (run.onAttached !== undefined) subscriptions.push(run.onAttached(handle.run));
    const presenter = new ChatPresenter(run.presenter);
    const stream = run.answer(handle.run);
    stream.write(run.notes.map((note): ChatOp => ({ kind: 'progress', text: asText(note, 400) })));
    if (run.attachedTo !== undefined) stream.write(presenter.attach(run.attachedTo));
    const waiting = Promise.withResolvers<'waits'>();
    const look = (): void => {
      const state = orchestrator.state(handle.run);
      if (state !== undefined && waitsForPerson(state) !== undefined) waiting.resolve('waits');
    };
    take = (seen) => {
      if (seen.run === handle.run) stream.write(seen.show(presenter));
    };
    for (const seen of early) take(seen);
    look();
    subscriptions.push(orchestrator.onEvent((event) => event.run === handle.run && look()));
    return await untilFinished(handle, { run, stream, presenter, waiting: waiting.promise });
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}

function ofEvent(event: RunEvent, state: RunState | undefined): Seen {
  return { run: event.run, show: (presenter) => presenter.event(event, state ?? emptyRunState(event.run)) };
}

function ofText(delta: TextDelta): Seen {
  return { run: delta.run, show: (presenter) => presenter.text(delta) };
}

interface Following {
  readonly run: RunTurn;
  readonly stream: AnswerStream;
  readonly presenter: ChatPresenter;
  readonly waiting: Promise<'waits'>;
}

async function untilFinished(handle: RunHandle, { run, stream, presenter, waiting }: Following): Promise<TurnEnd> {
  const finished = await finishedOrStopped(handle, run, waiting);
  const state = run.orchestrator.state(handle.run) ?? emptyRunState(handle.run);
  stream.write(
    finished === undefined
      ? presenter.abandon()
      : finished === 'waits'
        ? presenter.waits(state)
        : presenter.finish(finished, state),
  );
  // A stopped turn shows nothing more; VS Code may be slow to take what was written before.
  if (!run.cancellation.isCancellationRequested) await stream.drained();
  if (finished === 'waits')
    return { run: handle.run, error: undefined, waits: state.phase === 'approving' ? 'plan' : 'tasks' };
  return { run: handle.run, error: finished?.outcome === 'failed' ? failedText(finished) : undefined };
}

export function failedText({ failure }: Pick<RunFinished, 'failure'>): string {
  return failure === null ? 'The run failed.' : errorText(failure);
}

/** Undefined when the user stopped the turn and the run's end did not come in time. */
async function finishedOrStopped(
  handle: RunHandle,
  { cancellation, clock }: RunTurn,
  waiting: Promise<'waits'>,
): Promise<RunFinished | 'waits' | undefined> {
  const ended = Promise.withResolvers<undefined>();
  let stopWaiting = (): void => {};
  const stop = (): void => {
    handle.cancel();
    stopWaiting();
    stopWaiting = clock.schedule(STOPPED_WITHIN_MS, () => ended.resolve(undefined));
  };
  const subscription = cancellation.onCancellationRequested(stop);
  if (cancellation.isCancellationRequested) stop();
  try {
    return await Promise.race([handle.finished, waiting, ended.promise]);
  } finally {
    subscription.dispose();
    stopWaiting();
  }
}

/** For `errorDetails`, which VS Code shows as markdown. */
function errorText(failed: Failure): string {
  return asText(describeFailure(failed));
}
