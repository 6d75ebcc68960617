/** A request to bring something about, as a run; and what came of it, read off the run. */
import type { Verdict } from '../deliverable/verdict.ts';
import { failure, type Failure } from '../failure.ts';
import type { TaskSpec } from '../plan/plan.ts';
import { payloadText } from '../run-event.ts';
import type { Delegation, RunRequest } from '../run-request.ts';
import type { RunState, TaskState } from '../run-state.ts';
import type { Spend } from '../spend.ts';
import type { DelegateRequest, DelegateResult, NoWinnerReason } from './delegation.ts';
import { COORDINATION } from './coordination-tools.ts';
import { workersOf } from './family.ts';

/** The supervisor's task in the run. */
export const SUPERVISOR_TASK = 'supervisor';

export function delegateRun(request: DelegateRequest): RunRequest {
  const { intent, source, options, files = [], history = [], isUnattended, orchestrator } = request;
  const { deliverable, maxWorkers, maxDepth } = request;
  const delegation: Delegation = {
    ...(deliverable === undefined ? {} : { deliverable }),
    ...(maxWorkers === undefined ? {} : { maxWorkers }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
  };
  return {
    text: intent,
    source,
    history,
    files,
    options,
    plan: { request: intent, tasks: [supervisorTask(intent, isUnattended === true)] },
    delegation,
    ...(isUnattended === true ? { isUnattended } : {}),
    ...(orchestrator === undefined ? {} : { orchestrator }),
  };
}

export function supervisorTask(intent: string, isUnattended: boolean): TaskSpec {
  return {
    id: SUPERVISOR_TASK,
    title: titleOf(intent),
    objective: intent,
    mode: isUnattended ? 'autonomous' : 'hybrid',
    dependsOn: [],
    inputs: [],
    supervises: true,
  };
}

/** Its plan is one supervisor, whose result is the run's. */
export function isSupervised({ tasks }: Pick<RunState, 'tasks'>): boolean {
  return tasks.get(SUPERVISOR_TASK)?.spec?.supervises === true;
}

const LONGEST_TITLE = 80;

function titleOf(intent: string): string {
  const line = intent.trim().split('\n', 1)[0]?.trim() ?? '';
  const short = line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1).toWellFormed()}…` : line;
  return short === '' ? 'Delegated work' : short;
}

/** `end`: how the run itself ended, where that is known. */
export function delegateResult(
  state: RunState,
  end?: { readonly spent: Spend; readonly failure: Failure | null },
): DelegateResult {
  const supervisor = state.tasks.get(SUPERVISOR_TASK);
  const spentTotal = end?.spent ?? state.spent;
  const verdict = supervisor?.judged.at(-1)?.verdict ?? null;
  if (supervisor !== undefined && hasDelivered(supervisor, verdict))
    return { kind: 'winner', output: payloadText(supervisor.result ?? ''), verdict, spentTotal };
  const why = supervisor?.failure ?? end?.failure ?? state.failure ?? stoppedByPerson();
  return {
    kind: 'no-winner',
    reason: reasonOf(state, supervisor, why),
    failure: why,
    verdict,
    partial: partialOf(state, supervisor),
    spentTotal,
  };
}

/** What a person stopped and kept, or gave as the result, was not delivered. */
function hasDelivered({ status, isKept, isMarked }: TaskState, verdict: Verdict | null): boolean {
  return status === 'completed' && !isKept && !isMarked && (verdict === null || verdict.kind === 'passed');
}

function reasonOf(state: RunState, supervisor: TaskState | undefined, why: Failure): NoWinnerReason {
  const isByPerson = supervisor?.status === 'cancelled' || supervisor?.status === 'completed';
  if (why.reason === 'budget') return 'budget-exhausted';
  if (isByPerson || why.reason === 'cancelled') return 'cancelled';
  if (why.reason !== 'not-delivered') return 'supervisor-failed';
  // What was submitted failed by its checks, whatever workers came to.
  if (supervisor !== undefined && supervisor.judged.length > 0) return 'not-delivered';
  const workers = workersOf(state, SUPERVISOR_TASK);
  const hasFailed = workers.length > 0 && workers.every(({ status }) => status === 'failed' || status === 'skipped');
  return hasFailed ? 'all-failed' : 'not-delivered';
}

function partialOf(state: RunState, supervisor: TaskState | undefined): string {
  const submitted = supervisor?.tools.findLast(({ name }) => name === 'submit_result');
  const given =
    submitted === undefined
      ? undefined
      : COORDINATION.submit_result.safeParse(readJson(payloadText(submitted.arguments)));
  if (given?.success === true) return given.data.output;
  if (supervisor?.result != null && payloadText(supervisor.result).trim() !== '') return payloadText(supervisor.result);
  return [...state.tasks.values()]
    .filter((task) => task.id !== SUPERVISOR_TASK && task.status === 'completed')
    .map((task) => `## ${task.title}${task.partial ? ' (incomplete)' : ''}\n\n${payloadText(task.result ?? '')}`)
    .join('\n\n');
}

/** As the engine journaled it; a record that was read without its texts has none. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stoppedByPerson(): Failure {
  return failure('cancelled', 'The work was stopped.', {
    whatToDo: 'See what there is in the record, and delegate again.',
  });
}
