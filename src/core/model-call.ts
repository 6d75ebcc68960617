/**
 * One turn with a model, whatever it takes: routing, slot, reservation, the call, its record, retries and failover.
 *
 * Owns: the order of these steps. Does not own: what is asked, what the reply means, when the work is due.
 *
 * 1. A call is made only inside a reservation, holding a slot, with its `call.started` in the journal.
 * 2. However it ends, it is settled and recorded once, then the slot goes back.
 * 3. A call that an earlier process finished is not made again; its text is the result.
 * 4. An aborted turn makes no further call.
 */
import { invariant } from '../base/assert.ts';
import { nextStep, type NextStep } from './attempts.ts';
import { priceOf, type Backend, type CallKey, type ChatOutcome, type ChatRequest, type ToolCall } from './backend.ts';
import type { Reservation } from './budget.ts';
import {
  ceilingOf,
  claimBackend,
  findBackend,
  noFitFailure,
  type ClaimedBackend,
  type ClaimNeed,
  type ClaimReason,
} from './claim.ts';
import { bugFailure, failure, type Failure } from './failure.ts';
import { PartialRecorder } from './partial-recorder.ts';
import type { RouteDecision } from './route.ts';
import { payloadText, type Ceiling, type Payload } from './run-event.ts';
import type { RunContext } from './run-context.ts';
import { NO_SPEND, spendOfCall, type Spend } from './spend.ts';
import { estimateTokens } from './tokens.ts';
import { stopFailure, type Turn, type TurnResult } from './turn.ts';

interface Progress {
  readonly tried: Map<string, string>;
  readonly retriesHere: Map<string, number>;
  prefer: string | undefined;
  lastFailure: Failure | undefined;
  partialText: string;
}

export async function runTurn(ctx: RunContext, turn: Turn): Promise<TurnResult> {
  const earlier = ctx.finishedCall(turn.task, turn.turn);
  if (earlier !== undefined && earlier.reply !== null) {
    return {
      kind: 'done',
      backend: earlier.backend,
      text: payloadText(earlier.reply),
      finish: earlier.finish ?? 'stop',
      toolCalls: readToolCalls(earlier.toolCalls),
      said: earlier.said,
    };
  }
  const progress: Progress = {
    tried: new Map(),
    retriesHere: new Map(),
    prefer: turn.route.prefer,
    lastFailure: undefined,
    partialText: '',
  };
  for (;;) {
    const need = claimNeed(ctx, turn, progress);
    const claim = await claimBackend(ctx, need);
    if (claim.kind === 'aborted') return failed(progress, stopFailure(ctx, turn));
    if (claim.kind === 'left') return failed(progress, await recordNoClaim(ctx, { turn, progress, reason: claim.why }));
    const result = await attempt(ctx, { turn, progress, need, claim }).finally(claim.release);
    if (result === 'again') continue;
    if (result.kind !== 'retry-after') return result;
    await ctx.clock.sleep(result.afterMs, turn.signal);
  }
}

function claimNeed(ctx: RunContext, turn: Turn, progress: Progress): ClaimNeed {
  const { prefer: _own, ...route } = turn.route;
  const prefer = progress.prefer === undefined ? {} : { prefer: progress.prefer };
  return {
    route: { ...route, ...prefer, tried: progress.tried, rotation: ctx.engine.rotation },
    priority: turn.priority,
    pool: turn.pool,
    signal: turn.signal,
  };
}

async function recordNoClaim(
  ctx: RunContext,
  from: { readonly turn: Turn; readonly progress: Progress; readonly reason: ClaimReason },
): Promise<Failure> {
  const { turn, progress, reason } = from;
  if (reason.kind === 'refused') {
    await ctx.append({ type: 'budget.refused', task: turn.task, failure: reason.failure });
    return reason.failure;
  }
  invariant(reason.decision.kind === 'no_fit', 'a claim was left with a fitting backend');
  await ctx.append({ type: 'route.decided', task: turn.task, decision: reason.decision, ...asideOf(turn) });
  // After failures the last one says more than that nobody is left.
  return progress.lastFailure ?? noFitFailure({ ...turn.route, tried: progress.tried, rotation: 0 }, reason.decision);
}

interface Attempt {
  readonly turn: Turn;
  readonly progress: Progress;
  readonly need: ClaimNeed;
  readonly claim: ClaimedBackend;
}

type AttemptResult = TurnResult | 'again' | { readonly kind: 'retry-after'; readonly afterMs: number };

async function attempt(ctx: RunContext, from: Attempt): Promise<AttemptResult> {
  const { turn, progress, need, claim } = from;
  const backend = findBackend(ctx, claim.backend);
  if (backend === undefined || claim.why.kind !== 'decided') return 'again'; // the roster was edited meanwhile
  const giveBack = await ctx.deps.journal.takeSlot(claim.backend, backend.description.maxConcurrency, turn.signal);
  if (giveBack === undefined) return failed(progress, turn.signal.aborted ? stopFailure(ctx, turn) : closedFailure());
  try {
    if (findBackend(ctx, claim.backend) !== backend) return 'again'; // edited while another process had the slot
    const ceiling = ceilingOf(need, backend.description);
    const reserved = turn.pool.reserve(ceiling);
    if (!reserved.ok) return 'again'; // another call was faster; the next claim waits or refuses
    const work = { ...from, backend, ceiling, reservation: reserved.value, decision: claim.why.decision };
    return await call(ctx, work).finally(() => reserved.value.release());
  } finally {
    giveBack();
  }
}

interface Call extends Attempt {
  readonly backend: Backend;
  readonly ceiling: Ceiling;
  readonly reservation: Reservation;
  readonly decision: RouteDecision;
}

async function call(ctx: RunContext, from: Call): Promise<AttemptResult> {
  const { turn, progress, backend, ceiling, reservation } = from;
  const { id } = backend.description;
  const key = ctx.nextKey(turn.task, turn.turn);
  turn.onStart?.();
  const { said = 0, ...built } = turn.build(backend.description, ceiling.inputTokens);
  const request: ChatRequest = {
    key,
    ...built,
    maxOutputTokens: ceiling.outputTokens,
    inputTokensEstimate: ceiling.inputTokens,
  };
  if (!(await announce(ctx, { ...from, key, request, said }))) return failed(progress, stopFailure(ctx, turn));
  if (turn.signal.aborted) {
    const reason = stopFailure(ctx, turn);
    await ctx.append({
      type: 'call.failed',
      key,
      backend: id,
      failure: reason,
      partial: '',
      spent: NO_SPEND,
      next: 'give-up',
    });
    return failed(progress, reason);
  }
  const startedMs = ctx.clock.monotonicMs();
  const outcome = await chat(ctx, { turn, backend, request });
  const spent = spendOfCall(
    outcome.usage,
    priceOf(backend.description),
    Math.round(ctx.clock.monotonicMs() - startedMs),
  );
  reservation.settle(spent);
  if (outcome.kind === 'finished') {
    ctx.engine.health.succeeded(id);
    ctx.retries.success();
    if (turn.route.role === 'orchestrate') ctx.engine.rotation += 1;
    const { text, finish, toolCalls } = outcome;
    const asked = toolCalls.length === 0 ? {} : { toolCalls: JSON.stringify(toolCalls) };
    await ctx.append({ type: 'call.finished', key, backend: id, finish, text, ...asked, spent });
    return { kind: 'done', backend: id, text, finish, toolCalls, said };
  }
  return afterFailure(ctx, { turn, progress, backend: id, key, outcome, spent, probe: from.claim.probe });
}

/** Never rejects: a backend that does has a bug, and what it may have cost is charged by estimate. */
async function chat(
  ctx: RunContext,
  from: { readonly turn: Turn; readonly backend: Backend; readonly request: ChatRequest },
): Promise<ChatOutcome> {
  const { turn, backend, request } = from;
  const recorder = new PartialRecorder(ctx, turn.task);
  const onText = (delta: string): void => {
    if (turn.keepsPartial !== false) recorder.add(delta);
    turn.onText(delta);
  };
  try {
    return await backend.chat(request, { signal: turn.signal, onText });
  } catch (error) {
    ctx.deps.logger.error(`Backend ${backend.description.id} met a bug`, error);
    const usage = {
      inputTokens: request.inputTokensEstimate,
      outputTokens: estimateTokens(recorder.text),
      cachedInputTokens: 0,
      known: false,
    };
    return {
      kind: 'failed',
      failure: { ...bugFailure(error), backend: backend.description.id },
      partialText: recorder.text,
      usage,
    };
  } finally {
    recorder.end();
  }
}

async function announce(
  ctx: RunContext,
  from: Call & { readonly key: CallKey; readonly request: ChatRequest; readonly said: number },
): Promise<boolean> {
  const { turn, backend, key, request, said } = from;
  const { id } = backend.description;
  const start = !turn.start.isAnnounced;
  turn.start.isAnnounced = true;
  return ctx.append(
    { type: 'route.decided', task: turn.task, decision: from.decision, ...asideOf(turn) },
    ...(start ? [{ type: 'task.started' as const, task: turn.task, attempt: key.attempt, backend: id }] : []),
    {
      type: 'call.started',
      key,
      backend: id,
      promptVersion: turn.promptVersion,
      ceiling: from.ceiling,
      prompt: JSON.stringify(request.messages),
      ...(said === 0 ? {} : { said }),
      ...asideOf(turn),
    },
  );
}

function asideOf({ aside }: Turn): Pick<Turn, 'aside'> {
  return aside === true ? { aside } : {};
}

interface FailedCall {
  readonly turn: Turn;
  readonly progress: Progress;
  readonly backend: string;
  readonly key: CallKey;
  readonly outcome: ChatOutcome & { readonly kind: 'failed' };
  readonly spent: Spend;
  readonly probe: number | undefined;
}

async function afterFailure(ctx: RunContext, from: FailedCall): Promise<AttemptResult> {
  const { turn, progress, backend, key, outcome, spent } = from;
  const isStopped = turn.signal.aborted;
  const reason = isStopped ? stopFailure(ctx, turn) : outcome.failure;
  const retriesHere = progress.retriesHere.get(backend) ?? 0;
  const step: NextStep = isStopped
    ? { kind: 'give-up' }
    : nextStep(reason, { retriesHere, timeLeftMs: turn.timeLeftMs(), jitter: ctx.deps.random() }, ctx.retries);
  progress.lastFailure = reason;
  progress.partialText = outcome.partialText;
  // Before the record is waited for, so that nobody is sent there meanwhile.
  const rest = isStopped ? undefined : ctx.engine.health.failed(backend, reason, from.probe);
  await ctx.append(
    { type: 'call.failed', key, backend, failure: reason, partial: outcome.partialText, spent, next: step.kind },
    ...(rest === undefined
      ? []
      : [{ type: 'backend.rested' as const, backend, why: rest.why, forMs: Math.round(rest.forMs) }]),
  );
  if (step.kind === 'give-up') return failed(progress, reason);
  turn.onRestart();
  if (step.kind === 'retry') {
    progress.retriesHere.set(backend, retriesHere + 1);
    progress.prefer = backend;
    return { kind: 'retry-after', afterMs: step.afterMs };
  }
  progress.tried.set(backend, reason.reason);
  progress.prefer = turn.route.prefer;
  return 'again';
}

function closedFailure(): Failure {
  return failure('journal', 'The journal was closed while the call waited for its turn.', {
    whatToDo: 'Resume the run.',
  });
}

function failed(progress: Progress, reason: Failure): TurnResult {
  return { kind: 'failed', failure: reason, partialText: progress.partialText };
}

/** As this engine journaled them. */
function readToolCalls(payload: Payload | null): readonly ToolCall[] {
  return payload === null ? [] : (JSON.parse(payloadText(payload)) as readonly ToolCall[]);
}
