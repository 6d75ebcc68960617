/** A supervisor looks at its workers, and waits for them. It holds no slot and no reservation of its own meanwhile. */
import { isTerminal, type TaskState } from '../run-state.ts';
import type { Given } from './coordination-tools.ts';
import { liveWorkers, workersOf } from './family.ts';
import { DEFAULT_WAIT_S } from './limits.ts';
import { refusedCall, type Coordinated, type Supervisor, type SupervisorTurn } from './supervisor.ts';
import { workerLine, workerReport } from './worker-report.ts';

export function observe(supervisor: Supervisor, given: Given<'observe'>, turn: SupervisorTurn): Coordinated {
  const { ctx, work } = supervisor;
  const workers = workersOf(ctx.state, work.spec.id);
  if (given.task === undefined) {
    const lines = workers.map((task) => workerLine(supervisor, task));
    return { isOk: true, text: lines.length === 0 ? 'You have started no worker yet.' : lines.join('\n') };
  }
  const task = workers.find(({ id }) => id === given.task);
  return task === undefined
    ? noSuchWorker(supervisor, given.task)
    : tell(supervisor, [task], { turn, from: given.from });
}

/** Resolves at once when there is something to tell, when nothing is at work, or when the user has said something. */
export async function wait(supervisor: Supervisor, given: Given<'wait'>, turn: SupervisorTurn): Promise<Coordinated> {
  const { ctx, work, talk } = supervisor;
  const { signal } = work.time;
  const named = given.tasks;
  const unknown = named?.find((id) => !workersOf(ctx.state, work.spec.id).some((task) => task.id === id));
  if (unknown !== undefined) return noSuchWorker(supervisor, unknown);
  const isWanted = ({ id }: TaskState): boolean => named === undefined || named.includes(id);
  const untilMs = ctx.clock.monotonicMs() + (given.seconds ?? DEFAULT_WAIT_S) * 1000;
  // A deadline of its own goes on; a limit on its own work does not.
  if (work.spec.limits?.maxMs === undefined) work.time.pause();
  for (;;) {
    const changed = ctx.running.next();
    const workers = workersOf(ctx.state, work.spec.id).filter(isWanted);
    const news = workers.filter((task) => isNews(supervisor, task, named !== undefined));
    const live = workers.filter(({ status }) => !isTerminal(status));
    const asks = live.some(({ status }) => status === 'waiting');
    const isOver = live.length === 0 || asks || (news.length > 0 && given.all !== true) || talk.count > turn.said;
    const leftMs = untilMs - ctx.clock.monotonicMs();
    if (isOver || leftMs <= 0 || signal.aborted) {
      work.time.run();
      return tell(supervisor, news, { turn, rest: live.filter((task) => !news.includes(task)) });
    }
    await changedWithin(supervisor, changed, leftMs);
  }
}

/** A worker that asks is news as long as it asks. */
function isNews({ told }: Supervisor, task: TaskState, isNamed: boolean): boolean {
  if (task.status === 'waiting') return true;
  return isTerminal(task.status) && (isNamed || !told.has(task.id));
}

async function changedWithin({ ctx, work }: Supervisor, changed: Promise<void>, ms: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const { signal } = work.time;
  const cancel = ctx.clock.schedule(ms, over.resolve);
  const stop = (): void => over.resolve();
  signal.addEventListener('abort', stop, { once: true });
  await Promise.race([changed, over.promise]);
  cancel();
  signal.removeEventListener('abort', stop);
}

interface Told {
  readonly turn: SupervisorTurn;
  readonly from?: number | undefined;
  /** At work still. */
  readonly rest?: readonly TaskState[];
}

function tell(supervisor: Supervisor, tasks: readonly TaskState[], { turn, from, rest = [] }: Told): Coordinated {
  const ended = tasks.filter(({ status }) => isTerminal(status)).map(({ id }) => id);
  const reports = tasks.map((task) => workerReport(supervisor, task, { turn, from }));
  const nothing = tasks.length > 0 ? [] : [nothingText(supervisor)];
  const lines = rest.map((task) => workerLine(supervisor, task));
  return {
    isOk: true,
    text: [
      ...(ended.length === 0 ? [] : [`${ENDED}${ended.join(', ')}`]),
      ...reports.map(({ text }) => text),
      ...nothing,
      ...(lines.length === 0 ? [] : [lines.join('\n')]),
    ].join('\n\n'),
    events: reports.flatMap(({ events }) => events),
    after: () => {
      for (const id of ended) supervisor.told.add(id);
    },
  };
}

const ENDED = 'Ended: ';

/** The workers whose end a reply told, when it comes back from the record. */
export function toldIn(reply: string): readonly string[] {
  const [first = ''] = reply.split('\n', 1);
  return first.startsWith(ENDED) ? first.slice(ENDED.length).split(', ') : [];
}

function nothingText({ ctx, work }: Supervisor): string {
  return liveWorkers(ctx.state, work.spec.id).length === 0
    ? 'No worker is at work, and all that ended was told. Start one, observe one, or submit.'
    : 'Nothing has ended yet.';
}

export function noSuchWorker({ ctx, work }: Supervisor, id: string): Coordinated {
  const ids = workersOf(ctx.state, work.spec.id).map((task) => task.id);
  return refusedCall(
    `You have no worker ${JSON.stringify(id)}; ${ids.length === 0 ? 'you have started none yet' : `yours are ${ids.join(', ')}`}.`,
  );
}
