/** The last turn: one answer from all results, streamed; without a model where none can be called. */
import type { ChatRequest, MissingResult } from './backend.ts';
import type { Failure } from './failure.ts';
import { findBackend } from './claim.ts';
import { localOnlySource, withheldResult } from './local-only.ts';
import { runTurn } from './model-call.ts';
import { ANSWER_TASK } from './plan.ts';
import { promptVersion } from './prompts/prompt.ts';
import { synthesizePrompt } from './prompts/synthesize.ts';
import type { RunContext } from './run-context.ts';
import type { TaskResult } from './subject.ts';
import { estimateTokens, takeTokens } from './tokens.ts';
import { resultTokens } from './task-inputs.ts';

const ANSWER_OUTPUT_TOKENS = 8_192;
const ANSWER_PRIORITY = 2_000_000;
const FIXED_TOKENS = 600;

export interface Answer {
  readonly text: string;
  /** Not what a full answer would be: cut, or put together without a model. */
  readonly isPartial: boolean;
  readonly failure: Failure | null;
}

/** A result, and the file that keeps it on this machine, if one does. */
interface OwnResult extends TaskResult {
  readonly keptBy: string | undefined;
}

export async function answerRun(ctx: RunContext): Promise<Answer> {
  const results = completedResults(ctx).map((result): OwnResult => ({
    ...result,
    keptBy: localOnlySource(ctx.state, result.task),
  }));
  const missing = missingResults(ctx);
  if (!ctx.options.synthesis) return { text: joinResults(results, missing), isPartial: false, failure: null };
  const turn = await runTurn(ctx, synthesisTurn(ctx, results, missing));
  if (turn.kind === 'done') {
    const isPartial = turn.finish === 'length';
    const more = `${isPartial ? '\n\n*The answer was cut at the output limit.*' : ''}${keptText(ctx, turn.backend, results)}`;
    if (more !== '') ctx.showText(ANSWER_TASK, more);
    await ctx.append({
      type: 'task.completed',
      task: ANSWER_TASK,
      backend: turn.backend,
      result: `${turn.text}${more}`,
      partial: isPartial,
    });
    return { text: `${turn.text}${more}`, isPartial, failure: null };
  }
  const { failure, partialText } = turn;
  await ctx.append(
    failure.reason === 'cancelled'
      ? { type: 'task.cancelled', task: ANSWER_TASK, partial: partialText }
      : { type: 'task.failed', task: ANSWER_TASK, failure, partial: partialText },
  );
  const note = `*No answer could be written from the results (${failure.message}) Here they are as they came.*`;
  return { text: `${note}\n\n${joinResults(results, missing)}`, isPartial: true, failure };
}

/** What the backend that wrote the answer was not shown. */
function keptText(ctx: RunContext, backend: string, results: readonly OwnResult[]): string {
  if (findBackend(ctx, backend)?.description.tier === 'local') return '';
  return results
    .filter((result) => result.keptBy !== undefined)
    .map(
      (result) =>
        `\n\n## ${result.title}\n\n*Kept on this machine by the data rule on ${result.keptBy}, so it was not shown to ${backend}:*\n\n${result.text}`,
    )
    .join('');
}

function synthesisTurn(
  ctx: RunContext,
  results: readonly OwnResult[],
  missing: readonly MissingResult[],
): Parameters<typeof runTurn>[1] {
  const fixedTokens =
    FIXED_TOKENS +
    estimateTokens(ctx.request.text) +
    missing.reduce((sum, one) => sum + estimateTokens(`${one.title}${one.why}`) + 40, 0);
  return {
    task: ANSWER_TASK,
    turn: 0,
    route: synthesisRoute(ctx, results, fixedTokens),
    priority: ANSWER_PRIORITY,
    pool: ctx.pool,
    signal: ctx.signal,
    timeLeftMs: () => Number.POSITIVE_INFINITY,
    promptVersion: promptVersion(synthesizePrompt),
    build: ({ tier }, inputTokens) => {
      const shown = results.map((result) => shownTo(tier === 'local' ? 'here' : 'elsewhere', result));
      return buildRequest(ctx, { results: fitResults(shown, inputTokens - fixedTokens), missing });
    },
    onText: (delta) => ctx.showText(ANSWER_TASK, delta),
    onRestart: () => ctx.showText(ANSWER_TASK, '', true),
    announceStart: true,
  };
}

function shownTo(place: 'here' | 'elsewhere', result: OwnResult): TaskResult {
  return place === 'here' || result.keptBy === undefined ? result : withheldResult(result);
}

function synthesisRoute(
  ctx: RunContext,
  results: readonly OwnResult[],
  fixedTokens: number,
): Parameters<typeof runTurn>[1]['route'] {
  const prefer = ctx.options.reducer ?? ctx.orchestrator;
  const fullInputTokens =
    fixedTokens + Math.max(tokensOf(results), tokensOf(results.map((result) => shownTo('elsewhere', result))));
  // Where a backend elsewhere would be shown nothing, one here has to write.
  const kept = results.every((result) => result.keptBy !== undefined) ? results[0]?.keptBy : undefined;
  return {
    role: ctx.options.reducer === undefined ? 'orchestrate' : 'reduce',
    ...(prefer === undefined ? {} : { prefer }),
    minInputTokens: Math.min(fullInputTokens, fixedTokens + 1_000),
    fullInputTokens,
    outputTokens: ANSWER_OUTPUT_TOKENS,
    ...(kept === undefined ? {} : { localDataRule: `on ${kept}` }),
  };
}

function buildRequest(
  ctx: RunContext,
  from: { readonly results: readonly TaskResult[]; readonly missing: readonly MissingResult[] },
): Pick<ChatRequest, 'messages' | 'subject'> {
  return {
    messages: synthesizePrompt.render({
      request: ctx.request.text,
      results: from.results,
      missing: from.missing,
      mark: ctx.mark,
    }),
    subject: { kind: 'synthesize', request: ctx.request.text, results: from.results, missing: from.missing },
  };
}

export function completedResults(ctx: RunContext): readonly TaskResult[] {
  return [...ctx.state.tasks.values()]
    .filter((task) => task.status === 'completed')
    .map((task) => ({ task: task.id, title: task.title, text: ctx.resultText(task.id), partial: task.partial }));
}

export function missingResults(ctx: RunContext): readonly MissingResult[] {
  return [...ctx.state.tasks.values()]
    .filter((task) => task.status !== 'completed')
    .map((task) => ({
      task: task.id,
      title: task.title,
      why: task.failure?.message ?? (task.status === 'cancelled' ? 'it was cancelled' : 'it did not run'),
    }));
}

/** All results one after the other, and what is missing: what a run hands back when nobody can write. */
export function joinResults(results: readonly TaskResult[], missing: readonly MissingResult[]): string {
  const parts = results.map((result) => `## ${result.title}${result.partial ? ' (incomplete)' : ''}\n\n${result.text}`);
  if (missing.length > 0) parts.push(`## Missing\n\n${missing.map((one) => `- ${one.title}: ${one.why}`).join('\n')}`);
  return parts.join('\n\n');
}

function tokensOf(results: readonly TaskResult[]): number {
  return results.reduce((sum, result) => sum + resultTokens(result), 0);
}

/** Long results are cut at their end so that all of them are seen; what short ones leave is shared by the long ones. */
function fitResults(results: readonly TaskResult[], maxTokens: number): readonly TaskResult[] {
  if (tokensOf(results) <= maxTokens) return results;
  let left = maxTokens;
  const fitted = new Map<number, TaskResult>();
  const bySize = [...results.entries()].sort(([, a], [, b]) => a.text.length - b.text.length);
  for (const [place, [index, result]] of bySize.entries()) {
    const cut = cutResult(result, Math.floor(left / (bySize.length - place)));
    fitted.set(index, cut);
    left -= resultTokens(cut);
  }
  return results.map((result, index) => fitted.get(index) ?? result);
}

function cutResult(result: TaskResult, maxTokens: number): TaskResult {
  if (resultTokens(result) <= maxTokens) return result;
  const room = maxTokens - resultTokens({ ...result, text: CUT });
  return { ...result, partial: true, text: `${takeTokens(result.text, room)}${CUT}` };
}

const CUT = '\n[cut]';
