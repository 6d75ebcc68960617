/** The last turn: one answer from all results, streamed; without a model where none can be called. */
import type { ChatMessage, ChatRequest, MissingResult } from './backend.ts';
import type { Failure } from './failure.ts';
import { findBackend } from './claim.ts';
import { localOnlySource, placeOf, withheldReason, withheldResult, type Place } from './local-only.ts';
import { runTurn } from './model-call.ts';
import type { TurnResult } from './turn.ts';
import { ANSWER_TASK } from './plan/plan.ts';
import { promptVersion } from './prompts/prompt.ts';
import { synthesizePrompt } from './prompts/synthesize.ts';
import type { CitationReport } from './read/citation.ts';
import {
  answerNote,
  citationsOf,
  CitedAnswer,
  countRunCitations,
  withNumbers,
  type RunCitations,
} from './read/cited-answer.ts';
import { answerKey, reuseAnswer } from './reuse/reuse-answer.ts';
import type { RunContext } from './run-context.ts';
import type { CitedCounts } from './run-event.ts';
import type { TaskResult } from './subject.ts';
import { estimateTokens, takeTokens } from './tokens.ts';
import { resultTokens } from './task-inputs.ts';

const ANSWER_OUTPUT_TOKENS = 8_192;
const ANSWER_PRIORITY = 2_000_000;
const FIXED_TOKENS = 600;

export interface Answer {
  readonly text: string;
  /** Not what a full answer would be: cut, written from a result that is incomplete, or put together because nobody could write. */
  readonly isPartial: boolean;
  readonly failure: Failure | null;
}

/** A result, and the rule that keeps it on this machine, if one does. */
interface OwnResult extends TaskResult {
  readonly keptBy: string | undefined;
  /** Its quotations could not be looked up. */
  readonly isUnchecked: boolean;
}

/** `proposal` describes the edits that the run proposes, if there are any, for a backend at that place: what the answer tells of them. */
export async function answerRun(ctx: RunContext, proposal: Matter['proposal']): Promise<Answer> {
  const results = completedResults(ctx).map((result): OwnResult => ({
    ...result,
    keptBy: localOnlySource(ctx.state, result.task),
    isUnchecked: ctx.state.tasks.get(result.task)?.cited?.unchecked === true,
  }));
  const missing = missingResults(ctx);
  const isPartial = results.some((result) => result.partial);
  if (!ctx.options.synthesis) return { text: joinResults(results, missing), isPartial, failure: null };
  const key = await answerKey(ctx, results, missing);
  const reused = await reuseAnswer(ctx, key);
  if (reused !== undefined) return { text: reused, isPartial, failure: null };
  const citations = citationsOf(ctx.state);
  const answer = new CitedAnswer(citations, (text, restart) => ctx.showText(ANSWER_TASK, text, restart));
  const matter: Matter = { results, missing, citations, proposal };
  const earlier = ctx.finishedCall(ANSWER_TASK, 0)?.prompt;
  // As this engine journaled it.
  if (typeof earlier === 'string') answer.asked(JSON.parse(earlier) as readonly ChatMessage[]);
  const turn = await runTurn(ctx, synthesisTurn(ctx, matter, answer));
  if (turn.kind === 'done') return recordAnswer(ctx, { turn, matter, answer, key });
  const { failure } = turn;
  const partialText = turn.partialText === '' ? '' : answer.end(turn.partialText).text;
  await ctx.append(
    failure.reason === 'cancelled'
      ? { type: 'task.cancelled', task: ANSWER_TASK, partial: partialText }
      : { type: 'task.failed', task: ANSWER_TASK, failure, partial: partialText },
  );
  const note = `*No answer could be written from the results (${failure.message}) Here they are as they came.*`;
  return { text: `${note}\n\n${joinResults(results, missing)}`, isPartial: true, failure };
}

/** What the answer is written from. */
interface Matter {
  readonly results: readonly OwnResult[];
  readonly missing: readonly MissingResult[];
  readonly citations: RunCitations;
  readonly proposal: (place: Place) => string | undefined;
}

async function recordAnswer(
  ctx: RunContext,
  from: {
    readonly turn: TurnResult & { readonly kind: 'done' };
    readonly matter: Matter;
    readonly answer: CitedAnswer;
    readonly key: string;
  },
): Promise<Answer> {
  const { turn, matter, answer, key } = from;
  const isCut = turn.finish === 'length';
  const { text: written, used, struck } = answer.end(turn.text);
  const note = answerNote(matter.citations, struck);
  const more = [
    ...(isCut ? ['\n\n*The answer was cut at the output limit.*'] : []),
    ...(note === '' ? [] : [`\n\n${note}`]),
    keptText(ctx, turn.backend, matter.results),
  ].join('');
  if (more !== '') ctx.showText(ANSWER_TASK, more);
  const text = `${written}${more}`;
  await ctx.append({
    type: 'task.completed',
    task: ANSWER_TASK,
    backend: turn.backend,
    result: text,
    partial: isCut,
    ...(used.length + struck === 0 ? {} : reportOf(used, struck)),
    ...(isCut ? {} : { key }),
  });
  return { text, isPartial: isCut || matter.results.some((result) => result.partial), failure: null };
}

/** The filter counts what it takes out, and does not keep it. */
function reportOf(
  used: CitationReport['verified'],
  struck: number,
): { readonly citations: string; readonly cited: CitedCounts } {
  const report: CitationReport = { verified: used, struck: [], unchecked: false };
  return { citations: JSON.stringify(report), cited: { verified: used.length, struck, unchecked: false } };
}

/** Over all results of the run and its answer; undefined when nothing was cited. */
export function citedInRun(ctx: RunContext): CitedCounts | undefined {
  return countRunCitations(ctx.state);
}

/** What the backend that wrote the answer was not shown. */
function keptText(ctx: RunContext, backend: string, results: readonly OwnResult[]): string {
  if (findBackend(ctx, backend)?.description.tier === 'local') return '';
  return results
    .filter((result) => result.keptBy !== undefined)
    .map(
      (result) =>
        `\n\n## ${result.title}\n\n*Kept on this machine by the data rule ${result.keptBy}, so it was not shown to ${backend}:*\n\n${result.text}`,
    )
    .join('');
}

function synthesisTurn(ctx: RunContext, matter: Matter, answer: CitedAnswer): Parameters<typeof runTurn>[1] {
  const fixedTokens =
    FIXED_TOKENS +
    estimateTokens(ctx.request.text) +
    Math.max(...PLACES.map((place) => estimateTokens(matter.proposal(place) ?? ''))) +
    matter.missing.reduce((sum, one) => sum + estimateTokens(`${one.title}${one.why}`) + 40, 0);
  return {
    task: ANSWER_TASK,
    turn: 0,
    route: synthesisRoute(ctx, matter.results, fixedTokens),
    priority: ANSWER_PRIORITY,
    pool: ctx.pool,
    signal: ctx.signal,
    timeLeftMs: () => Number.POSITIVE_INFINITY,
    promptVersion: promptVersion(synthesizePrompt),
    build: (description, inputTokens) => {
      const place = placeOf(description);
      const request = buildRequest(ctx, matter, { place, maxTokens: inputTokens - fixedTokens });
      answer.asked(request.messages);
      return request;
    },
    onText: answer.add,
    onRestart: answer.restart,
    start: { isAnnounced: false },
  };
}

const PLACES = ['here', 'elsewhere'] as const;

function shownTo(place: Place, result: OwnResult): OwnResult {
  return place === 'here' || result.keptBy === undefined ? result : { ...result, ...withheldResult(result) };
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
    ...(kept === undefined ? {} : { localDataRule: kept }),
  };
}

/** A model is shown numbers in place of links; who only puts results together hands the links on. */
function buildRequest(
  ctx: RunContext,
  matter: Matter,
  { place, maxTokens }: { readonly place: Place; readonly maxTokens: number },
): Pick<ChatRequest, 'messages' | 'subject'> {
  const { citations } = matter;
  const proposal = matter.proposal(place);
  const missing = matter.missing.map((one) => (place === 'here' ? one : withheldReason(ctx.state, one)));
  const shown = matter.results.map((result) => shownTo(place, result));
  const numbered = shown.map((result) => ({ ...result, text: withNumbers(result.text, citations) }));
  return {
    messages: synthesizePrompt.render({
      request: ctx.request.text,
      results: fitResults(numbered, maxTokens),
      missing,
      hasCitations: citations.files.length > 0,
      ...(proposal === undefined ? {} : { proposal }),
      mark: ctx.mark,
    }),
    subject: {
      kind: 'synthesize',
      request: ctx.request.text,
      results: fitResults(shown, maxTokens).map(({ task, title, text, partial }) => ({ task, title, text, partial })),
      missing,
    },
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
function fitResults<T extends TaskResult>(results: readonly T[], maxTokens: number): readonly T[] {
  if (tokensOf(results) <= maxTokens) return results;
  let left = maxTokens;
  const fitted = new Map<number, T>();
  const bySize = [...results.entries()].sort(([, a], [, b]) => a.text.length - b.text.length);
  for (const [place, [index, result]] of bySize.entries()) {
    const cut = cutResult(result, Math.floor(left / (bySize.length - place)));
    fitted.set(index, cut);
    left -= resultTokens(cut);
  }
  return results.map((result, index) => fitted.get(index) ?? result);
}

function cutResult<T extends TaskResult>(result: T, maxTokens: number): T {
  if (resultTokens(result) <= maxTokens) return result;
  const room = maxTokens - resultTokens({ ...result, text: CUT });
  return { ...result, partial: true, text: `${takeTokens(result.text, room)}${CUT}` };
}

const CUT = '\n[cut]';
