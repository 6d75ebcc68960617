/** `delegate_many`: a batch of tasks as one run, and what came of each, in the order in which they were given. */
import { failure, type Failure } from '../core/failure.ts';
import type { RunOptions } from '../core/run-request.ts';
import type { RunState } from '../core/run-state.ts';
import { formatSpend } from '../app/amounts.ts';
import { plural } from '../base/plural.ts';
import { itemId, planBatch, type PlannedItem } from './batch-plan.ts';
import { RESULT_CHARS, shareOf } from './bounded-text.ts';
import { failedResult, type CallContext, type EngineToolsDeps, type ToolResult } from './engine-tool.ts';
import { lowerConcurrency } from './lowered-options.ts';
import { startPlan, untilEnded, untilPlanned } from './start-plan.ts';
import { taskOutcome, type TaskOutcome } from './task-outcome.ts';
import { taskUri } from './task-uri.ts';
import { editsText, footer, outcomeText, toldEdits, toldOutcome } from './told-outcome.ts';
import type { BatchResult, DelegateManyInput, DelegateManyOutput } from './tool-schemas.ts';

export async function delegateMany(
  deps: EngineToolsDeps,
  input: DelegateManyInput,
  context: CallContext,
): Promise<ToolResult> {
  const options = lowerConcurrency(deps.options(), input.maxConcurrency);
  if (input.tasks.length > options.maxTasks) return failedResult(tooMany(input.tasks.length, options));
  const isBackground = input.background === true;
  const items = planBatch(input.tasks, { isBackground, agents: deps.engine.agents() });
  const tasks = items.flatMap((item) => (item.kind === 'runs' ? [item.spec] : []));
  if (tasks.length === 0) return doneResult({ results: items.map(faultyResult) });
  const text = `${plural(tasks.length, 'delegated task')}: ${tasks[0]?.title ?? ''}`;
  const started = await startPlan(deps, { text, tasks, options, isBackground }, context);
  if (!started.ok) return failedResult(started.error);
  const { run } = started.value;
  if (isBackground) {
    await untilPlanned(deps, started.value, context);
    return startedResult(run, items);
  }
  const ended = await untilEnded(deps, started.value, context);
  return ended.ok ? endedResult(deps, ended.value, items) : failedResult(ended.error);
}

function tooMany(count: number, { maxTasks }: RunOptions): Failure {
  return failure('rejected', `${count} tasks are more than the limit of ${maxTasks}.`, {
    whatToDo: 'Give fewer at once, or merge some.',
  });
}

function faultyResult(item: PlannedItem, index: number): BatchResult {
  const message = item.kind === 'faulty' ? item.why : '';
  return { index, status: 'error', failure: { reason: 'rejected', message, whatToDo: 'Give this task anew.' } };
}

function startedResult(run: string, items: readonly PlannedItem[]): ToolResult {
  const results = items.map((item, index): BatchResult =>
    item.kind === 'faulty'
      ? faultyResult(item, index)
      : { index, status: 'started', task: taskUri({ run, task: itemId(index) }) },
  );
  const uri = taskUri({ run });
  const structuredContent: DelegateManyOutput = { status: 'started', run: uri, results };
  return {
    isError: false,
    text: [
      `They were started in the background: ${uri}`,
      ...results.map((one) => `${one.index}: ${one.task ?? `error: ${one.failure?.message ?? ''}`}`),
      'get_task_status tells how far all of them or one of them is; reply_to_task answers when one asks; cancel_task stops one or all.',
    ].join('\n'),
    structuredContent,
  };
}

async function endedResult(deps: EngineToolsDeps, state: RunState, items: readonly PlannedItem[]): Promise<ToolResult> {
  const outcomes = await Promise.all(
    items.map(async (item, index): Promise<TaskOutcome | undefined> => {
      const task = item.kind === 'runs' ? state.tasks.get(itemId(index)) : undefined;
      return task === undefined ? undefined : taskOutcome(deps.engine.journal, state, task);
    }),
  );
  const maxChars = shareOf(
    outcomes.map((outcome) => outcome?.output?.length ?? 0),
    RESULT_CHARS,
  );
  const results = items.map((item, index): BatchResult => {
    const outcome = outcomes[index];
    if (outcome === undefined) return faultyResult(item, index);
    const uri = taskUri({ run: state.run, task: itemId(index) });
    return { index, status: outcome.status, task: uri, ...toldOutcome(outcome, uri, maxChars) };
  });
  const ms = Math.max(0, (state.endedAtMs ?? state.startedAtMs) - state.startedAtMs);
  const edits = toldEdits(state, deps.nextSteps);
  return doneResult({
    run: taskUri({ run: state.run }),
    results,
    spent: { ...state.spent, ms },
    ...(edits === undefined ? {} : { edits }),
  });
}

function doneResult(done: Omit<DelegateManyOutput, 'status'>): ToolResult {
  const results = done.results ?? [];
  const count = (status: BatchResult['status']): number => results.filter((one) => one.status === status).length;
  const counts = `${count('ok')} ok, ${count('no_fit')} no_fit, ${count('error')} error`;
  const structuredContent: DelegateManyOutput = { status: 'done', ...done };
  return {
    // Each has its own status; that nothing at all could be tried is the call's.
    isError: done.run === undefined,
    text: [
      ...results.map(itemText),
      ...editsText(done.edits),
      `[${[...(done.run === undefined ? [] : [done.run]), counts, ...(done.spent === undefined ? [] : [formatSpend(done.spent)])].join(' · ')}]`,
    ].join('\n\n'),
    structuredContent,
  };
}

function itemText(one: BatchResult): string {
  const foot = one.task === undefined ? [] : [footer(one.task, one)];
  return [`## ${one.index}: ${one.status}`, outcomeText(one), ...foot].join('\n\n');
}
