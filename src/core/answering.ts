/** The last turn: one answer from all results, streamed; without a model where none can be called. */
import type { ChatRequest, MissingResult } from './backend.ts';
import type { Failure } from './failure.ts';
import { runTurn } from './model-call.ts';
import { ANSWER_TASK } from './plan.ts';
import { promptVersion } from './prompts/prompt.ts';
import { synthesizePrompt } from './prompts/synthesize.ts';
import type { RunContext } from './run-context.ts';
import type { TaskResult } from './subject.ts';
import { estimateTokens } from './tokens.ts';

const ANSWER_OUTPUT_TOKENS = 8_192;
const ANSWER_PRIORITY = 2_000_000;
const FIXED_TOKENS = 600;

export interface Answer {
  readonly text: string;
  /** Not what a full answer would be: cut, or put together without a model. */
  readonly isPartial: boolean;
  readonly failure: Failure | null;
}

export async function answerRun(ctx: RunContext): Promise<Answer> {
  const results = completedResults(ctx);
  const missing = missingResults(ctx);
  if (!ctx.options.synthesis) return { text: joinResults(results, missing), isPartial: false, failure: null };
  const turn = await runTurn(ctx, synthesisTurn(ctx, results, missing));
  if (turn.kind === 'done') {
    const isPartial = turn.finish === 'length';
    await ctx.append({ type: 'task.completed', task: ANSWER_TASK, backend: turn.backend, result: turn.text, partial: isPartial });
    return { text: isPartial ? `${turn.text}\n\n*The answer was cut at the output limit.*` : turn.text, isPartial, failure: null };
  }
  const { failure, partialText } = turn;
  await ctx.append(failure.reason === 'cancelled' ? { type: 'task.cancelled', task: ANSWER_TASK, partial: partialText } : { type: 'task.failed', task: ANSWER_TASK, failure, partial: partialText });
  const note = `*No answer could be written from the results (${failure.message}) Here they are as they came.*`;
  return { text: `${note}\n\n${joinResults(results, missing)}`, isPartial: true, failure };
}

function synthesisTurn(ctx: RunContext, results: readonly TaskResult[], missing: readonly MissingResult[]): Parameters<typeof runTurn>[1] {
  const prefer = ctx.options.reducer ?? ctx.orchestrator;
  const fullTokens = FIXED_TOKENS + estimateTokens(ctx.request.text) + tokensOf(results) + missing.reduce((sum, one) => sum + estimateTokens(one.why) + 40, 0);
  return {
    task: ANSWER_TASK,
    turn: 0,
    route: {
      role: ctx.options.reducer === undefined ? 'orchestrate' : 'reduce',
      ...(prefer === undefined ? {} : { prefer }),
      minInputTokens: Math.min(fullTokens, FIXED_TOKENS + estimateTokens(ctx.request.text) + 1_000),
      fullInputTokens: fullTokens,
      outputTokens: ANSWER_OUTPUT_TOKENS,
    },
    priority: ANSWER_PRIORITY,
    pool: ctx.pool,
    signal: ctx.signal,
    timeLeftMs: () => Number.POSITIVE_INFINITY,
    promptVersion: promptVersion(synthesizePrompt),
    build: (_description, inputTokens) => buildRequest(ctx, { results: fitResults(results, inputTokens - (fullTokens - tokensOf(results))), missing }),
    onText: (delta) => ctx.showText(ANSWER_TASK, delta),
    onRestart: () => ctx.showText(ANSWER_TASK, '', true),
    announceStart: true,
  };
}

function buildRequest(ctx: RunContext, from: { readonly results: readonly TaskResult[]; readonly missing: readonly MissingResult[] }): Pick<ChatRequest, 'messages' | 'subject'> {
  return {
    messages: synthesizePrompt.render({ request: ctx.request.text, results: from.results, missing: from.missing, mark: ctx.mark }),
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
    .map((task) => ({ task: task.id, title: task.title, why: task.failure?.message ?? (task.status === 'cancelled' ? 'it was cancelled' : 'it did not run') }));
}

/** All results one after the other, and what is missing: what a run hands back when nobody can write. */
export function joinResults(results: readonly TaskResult[], missing: readonly MissingResult[]): string {
  const parts = results.map((result) => `## ${result.title}${result.partial ? ' (incomplete)' : ''}\n\n${result.text}`);
  if (missing.length > 0) parts.push(`## Missing\n\n${missing.map((one) => `- ${one.title}: ${one.why}`).join('\n')}`);
  return parts.join('\n\n');
}

function tokensOf(results: readonly TaskResult[]): number {
  return results.reduce((sum, result) => sum + estimateTokens(result.text) + 40, 0);
}

/** Long results are cut evenly, at their end, so that all of them are seen. */
function fitResults(results: readonly TaskResult[], maxTokens: number): readonly TaskResult[] {
  if (tokensOf(results) <= maxTokens) return results;
  const charsEach = Math.max(200, Math.floor((maxTokens / results.length - 40) * 2.5));
  return results.map((result) => (result.text.length <= charsEach ? result : { ...result, partial: true, text: `${result.text.slice(0, charsEach)}\n[cut]` }));
}
