/** Where the work of a code task has to end. */
import { failure, type Failure } from '../failure.ts';
import type { RunContext } from '../run-context.ts';
import { outputOf, type TaskWork } from '../task-work.ts';

export const MOST_TURNS = 40;
/** Output of one turn: a whole file of some hundred lines. */
const TURN_OUTPUT_TOKENS = 8_192;
const LEAST_OUTPUT_TOKENS = 256;

/** `last`: one turn more, without tools; `stop`: none. `failure` says which limit, for a person. */
export type Limit =
  | { readonly kind: 'last'; readonly ending: string; readonly failure: Failure }
  | { readonly kind: 'stop'; readonly failure: Failure };

/** What holds for a turn that is on record depends on the record alone, so that it comes back as it was. */
export function findLimit(
  ctx: RunContext,
  work: TaskWork,
  now: { readonly turn: number; readonly isRepeating: boolean },
): Limit | undefined {
  const { id, maxTokens } = work.spec;
  const { turn } = now;
  if (turn >= MOST_TURNS - 1) return last(`Task ${id} has had the most turns a task can have, ${MOST_TURNS}.`, LESS);
  if (now.isRepeating) return last(`Task ${id} kept making the same calls and got nowhere.`, LESS);
  const { maxIterations } = ctx.options.perTask;
  const callsBefore = ctx.state.tasks.get(id)?.calls.filter((call) => call.key.turn < turn).length ?? 0;
  if (maxIterations !== undefined && callsBefore >= maxIterations - 1)
    return last(
      `Task ${id} has made all but the last of its ${maxIterations} calls.`,
      'Raise maxIterations (orchestrator.budget perTask).',
    );
  if (turn === 0 || ctx.finishedCall(id, turn) !== undefined) return undefined;
  if (ctx.pool.account('iterations').free <= 1)
    return last('The calls of the run are all made or promised.', 'Raise maxIterations (orchestrator.budget).');
  if (maxTokens !== undefined && tokensLeft(ctx, work) < LEAST_OUTPUT_TOKENS)
    return {
      kind: 'stop',
      failure: failure(
        'budget',
        `Task ${id} has written all of its ${maxTokens.toLocaleString('en-US')} output tokens.`,
        {
          whatToDo: 'Raise maxTokens of the task in the plan.',
        },
      ),
    };
  return undefined;
}

const LESS = 'Give the task less to do, or make several tasks of it.';

function last(message: string, whatToDo: string): Limit {
  return {
    kind: 'last',
    ending: `This is your last turn, and there are no tools in it: ${message} Finish now with your report: what you changed and why, and what is left open.`,
    failure: failure('budget', message, { whatToDo }),
  };
}

/** Output tokens that the next turn may ask for. */
export function outputTokensLeft(ctx: RunContext, work: TaskWork): number {
  return work.spec.maxTokens === undefined
    ? TURN_OUTPUT_TOKENS
    : Math.max(1, Math.min(TURN_OUTPUT_TOKENS, tokensLeft(ctx, work)));
}

function tokensLeft(ctx: RunContext, { spec }: TaskWork): number {
  return (spec.maxTokens ?? 0) - outputOf(ctx, spec.id);
}
