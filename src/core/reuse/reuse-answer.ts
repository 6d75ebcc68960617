/** The answer of the run before, when it would be written from the same results. */
import { canonicalJson } from '../../base/canonical-json.ts';
import type { MissingResult } from '../backend.ts';
import { sha256OfText } from '../edits/sha-256.ts';
import { ANSWER_TASK } from '../plan/plan.ts';
import { promptVersion } from '../prompts/prompt.ts';
import { synthesizePrompt } from '../prompts/synthesize.ts';
import type { RunContext } from '../run-context.ts';
import type { TaskResult } from '../subject.ts';

/** Raised when a key takes in something else than before. */
const KEY_VERSION = 1;

type AnsweredResult = TaskResult & { readonly keptBy: string | undefined; readonly isUnchecked: boolean };

/** What an answer rests on, hashed. The order of the tasks and their titles are not in it. */
export async function answerKey(
  ctx: RunContext,
  results: readonly AnsweredResult[],
  missing: readonly MissingResult[],
): Promise<string> {
  const hashed = results.map(async ({ task, text, partial, keptBy, isUnchecked }) => ({
    task,
    text: await sha256OfText(text),
    partial,
    isKept: keptBy !== undefined,
    isUnchecked,
  }));
  return sha256OfText(
    canonicalJson({
      version: KEY_VERSION,
      request: ctx.request.text,
      results: byTask(await Promise.all(hashed)),
      missing: byTask(missing.map(({ task, why }) => ({ task, why }))),
      prompt: promptVersion(synthesizePrompt),
      reducer: ctx.options.reducer,
    }),
  );
}

function byTask<T extends { readonly task: string }>(all: readonly T[]): readonly T[] {
  return [...all].sort((a, b) => (a.task < b.task ? -1 : 1));
}

/**
 * The text of the earlier answer, recorded as that of this run; undefined: it has to be written. Only where no task was done anew,
 * for then nothing is new to tell.
 */
export async function reuseAnswer(ctx: RunContext, key: string): Promise<string | undefined> {
  const { before, request, state } = ctx;
  const was = before?.turns.get(ANSWER_TASK);
  if (before === undefined || was?.status !== 'completed' || request.again?.isFresh === true) return undefined;
  const isBegun = (state.turns.get(ANSWER_TASK)?.calls.length ?? 0) > 0;
  const isAllReused = [...state.tasks.values()].every(({ reusedFrom }) => reusedFrom !== null);
  const { result, citations, cited } = was;
  if (isBegun || !isAllReused || was.resultKey !== key || typeof result !== 'string') return undefined;
  ctx.showText(ANSWER_TASK, result);
  const isWritten = await ctx.append({
    type: 'task.completed',
    task: ANSWER_TASK,
    backend: was.backend ?? '',
    result,
    partial: false,
    ...(citations === null ? {} : { citations }),
    ...(cited === null ? {} : { cited }),
    key,
    reusedFrom: was.reusedFrom ?? before.run,
  });
  return isWritten ? result : undefined;
}
