/**
 * A run of another process in one chat turn.
 *
 * Owns: when the turn ends, and Stop. Does not own: reading the run (run-feed).
 *
 * 1. The turn ends when the run has ended or was interrupted, when nothing goes on without a person, or at Stop.
 * 2. Nothing follows the run when the turn has ended.
 */
import type { FedRun, RunFeed } from '../../app/run-feed.ts';
import { plural } from '../../base/plural.ts';
import { isTerminal, type RunState } from '../../core/run-state.ts';
import { waitsForPerson } from '../../core/waiting.ts';
import type { StopButton } from './chat-run.ts';

export interface ElsewhereTurn {
  readonly feed: Pick<RunFeed, 'follow'>;
  readonly cancellation: StopButton;
  readonly progress: (text: string) => void;
}

/** The run as it is when the turn ends; undefined: the user pressed Stop. */
export async function followElsewhere(run: string, turn: ElsewhereTurn): Promise<FedRun | undefined> {
  const ended = Promise.withResolvers<FedRun | undefined>();
  let told = '';
  const following = turn.feed.follow(run, (now) => {
    const text = doneText(now.state);
    if (text !== told) turn.progress(text);
    told = text;
    if (now.liveness !== 'running' || waitsForPerson(now.state) !== undefined) ended.resolve(now);
  });
  const stopping = turn.cancellation.onCancellationRequested(() => ended.resolve(undefined));
  if (turn.cancellation.isCancellationRequested) ended.resolve(undefined);
  try {
    return await ended.promise;
  } finally {
    following.dispose();
    stopping.dispose();
  }
}

function doneText(state: RunState): string {
  if (state.phase === 'planning') return 'Planning';
  if (state.phase === 'answering') return 'Writing the answer';
  const tasks = [...state.tasks.values()];
  const done = tasks.filter(({ status }) => isTerminal(status)).length;
  return `${done} of ${plural(tasks.length, 'task')} ended`;
}
