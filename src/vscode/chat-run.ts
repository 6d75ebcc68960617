/**
 * One run in one chat turn: from its start, or from where it stands, to its end.
 *
 * Owns: which events belong to the turn, and Stop. Does not own: what is said (`chat-presenter.ts`), how it is shown
 * (`chat-stream.ts`).
 *
 * 1. No event of the run is missed, also none that comes before `start` has returned.
 * 2. Stop cancels the run at once, also one that is only being started, and the turn ends within a second of it.
 * 3. No subscription is left when the turn has ended.
 */
import type { OpenedOrchestrator } from '../app/shell.ts';
import type { Clock } from '../base/clock.ts';
import type { Subscription } from '../base/emitter.ts';
import type { Result } from '../base/result.ts';
import { describeFailure, type Failure } from '../core/failure.ts';
import type { RunFinished, RunHandle, TextDelta } from '../core/orchestrator.ts';
import type { RunEvent } from '../core/run-event.ts';
import { emptyRunState, type RunState } from '../core/run-state.ts';
import type { ChatOp } from './chat-op.ts';
import { ChatPresenter, type PresenterOptions } from './chat-presenter.ts';
import { asText } from './safe-part.ts';

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
}

/** How the turn ended; `run` is undefined when nothing was started. */
export interface TurnEnd {
  readonly run: string | undefined;
  readonly error: string | undefined;
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
  const subscriptions = [
    orchestrator.onEvent((event) => take(ofEvent(event, orchestrator.state(event.run)))),
    orchestrator.onText((delta) => take(ofText(delta))),
  ];
  try {
    const started = await start();
    if (!started.ok) return { run: undefined, error: errorText(started.error) };
    const handle = started.value;
    const presenter = new ChatPresenter(run.presenter);
    const stream = run.answer(handle.run);
    stream.write(run.notes.map((note): ChatOp => ({ kind: 'progress', text: asText(note, 400) })));
    if (run.attachedTo !== undefined) stream.write(presenter.attach(run.attachedTo));
    take = (seen) => {
      if (seen.run === handle.run) stream.write(seen.show(presenter));
    };
    for (const seen of early) take(seen);
    return await untilFinished(handle, { run, stream, presenter });
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
}

async function untilFinished(handle: RunHandle, { run, stream, presenter }: Following): Promise<TurnEnd> {
  const finished = await finishedOrStopped(handle, run);
  const state = run.orchestrator.state(handle.run) ?? emptyRunState(handle.run);
  if (finished !== undefined) stream.write(presenter.finish(finished, state));
  else stream.write(presenter.abandon());
  // A stopped turn shows nothing more; VS Code may be slow to take what was written before.
  if (!run.cancellation.isCancellationRequested) await stream.drained();
  const isFailed = finished?.outcome === 'failed';
  return {
    run: handle.run,
    error: isFailed ? (finished.failure === null ? 'The run failed.' : errorText(finished.failure)) : undefined,
  };
}

/** Undefined when the user stopped the turn and the run's end did not come in time. */
async function finishedOrStopped(
  handle: RunHandle,
  { cancellation, clock }: RunTurn,
): Promise<RunFinished | undefined> {
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
    return await Promise.race([handle.finished, ended.promise]);
  } finally {
    subscription.dispose();
    stopWaiting();
  }
}

/** For `errorDetails`, which VS Code shows as markdown. */
function errorText(failed: Failure): string {
  return asText(describeFailure(failed));
}
