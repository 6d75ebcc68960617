/** Which run a chat turn is about when it names none, or names one by the beginning of its id. Pure but for reading runs. */
import type { FedRun } from '../../app/run-feed.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { runsOf, type PastTurn } from './chat-history.ts';

type Opened = Pick<OpenedOrchestrator, 'feed' | 'journal' | 'orchestrator'>;

/** The runs of this chat, newest first; each after the new runs that were made of it and have not ended. */
async function chatRuns(past: readonly PastTurn[], opened: Opened): Promise<readonly FedRun[]> {
  const own = [...new Set(runsOf(past).toReversed())];
  const live = opened.orchestrator.runs().filter(({ phase }) => phase !== 'finished');
  const made = (run: string): readonly string[] =>
    live
      .filter(({ from }) => from === run)
      .toReversed()
      .map((state) => state.run);
  const looked = await Promise.all(
    [...new Set(own.flatMap((run) => [...made(run), run]))].map((run) => opened.feed.look(run)),
  );
  return looked.flatMap((one) => (one.ok ? [one.value] : []));
}

/** For `/run`: the plan that waits, else what goes on, else the run whose answer no turn has shown. */
export async function runToShow(past: readonly PastTurn[], opened: Opened): Promise<FedRun | undefined> {
  const runs = await chatRuns(past, opened);
  const left = leftRuns(past);
  return (
    runs.find(({ state }) => state.phase === 'approving') ??
    runs.find(({ liveness }) => liveness === 'running') ??
    runs.find(({ state, liveness }) => liveness === 'finished' && left.has(state.run))
  );
}

/** For `/task`: the newest run that goes on and has tasks. */
export async function runWithTasks(past: readonly PastTurn[], opened: Opened): Promise<FedRun | undefined> {
  const runs = await chatRuns(past, opened);
  return runs.find(({ state, liveness }) => liveness === 'running' && state.tasks.size > 0);
}

/** Runs whose last turn ended because they waited for a person. */
function leftRuns(past: readonly PastTurn[]): ReadonlySet<string> {
  const left = new Map<string, boolean>();
  for (const turn of past)
    if (turn.kind === 'response' && turn.run !== undefined) left.set(turn.run, turn.waited === true);
  return new Set([...left].flatMap(([run, waited]) => (waited ? [run] : [])));
}

const RUNS_LOOKED_AT = 200;

/** By its id, or the only one whose id begins so. */
export async function runNamed(wanted: string, opened: Opened): Promise<FedRun | undefined> {
  const exact = await opened.feed.look(wanted);
  if (exact.ok) return exact.value;
  const listed = await opened.journal.listRuns({ limit: RUNS_LOOKED_AT });
  const matches = listed.ok ? listed.value.filter(({ run }) => run.startsWith(wanted)) : [];
  const [match] = matches;
  if (match === undefined || matches.length > 1) return undefined;
  const looked = await opened.feed.look(match.run);
  return looked.ok ? looked.value : undefined;
}
