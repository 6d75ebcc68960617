/** A task that one call does, with what it is given in the prompt. */
import type { ChatRequest } from './backend.ts';
import { runTurn } from './model-call.ts';
import { promptVersion } from './prompts/prompt.ts';
import { taskPrompt } from './prompts/task.ts';
import type { RunContext } from './run-context.ts';
import type { TaskResult } from './subject.ts';
import { fitInputs } from './task-inputs.ts';
import {
  dependencyResults,
  fixedTokensOf,
  outcomeOf,
  taskRoute,
  taskSubject,
  type TaskOutcome,
  type TaskWork,
} from './task-work.ts';

export async function plainTask(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  const { spec } = work;
  const results = dependencyResults(ctx, spec);
  const fixedTokens = fixedTokensOf(work, results);
  const turn = await runTurn(ctx, {
    task: spec.id,
    turn: 0,
    route: taskRoute(ctx, work, { fixedTokens, inputTokens: work.read.tokens }),
    priority: work.priority,
    pool: work.pool,
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(taskPrompt),
    build: (_description, inputTokens) =>
      buildRequest(ctx, work, { results, maxInputTokens: Math.max(0, inputTokens - fixedTokens) }),
    onText: (delta) => ctx.showText(spec.id, delta),
    onRestart: () => ctx.showText(spec.id, '', true),
    start: work.start,
    onStart: work.time.run,
  });
  return outcomeOf(turn);
}

function buildRequest(
  ctx: RunContext,
  { spec, read }: TaskWork,
  fit: { readonly results: readonly TaskResult[]; readonly maxInputTokens: number },
): Pick<ChatRequest, 'messages' | 'subject'> {
  const inputs = fitInputs(read.inputs, fit.maxInputTokens);
  const { title, objective, deliverable } = spec;
  return {
    messages: taskPrompt.render({
      title,
      objective,
      ...(deliverable === undefined ? {} : { deliverable }),
      inputs,
      results: fit.results,
      withheld: read.withheld,
      mark: ctx.mark,
    }),
    subject: taskSubject(spec, { inputs, results: fit.results }),
  };
}
