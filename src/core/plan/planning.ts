/** The orchestrator's first turns: decide, plan, and one repair. */
import { unlessAborted } from '../../base/abort.ts';
import { ANSWER_TASK, PLAN_TASK } from './plan.ts';
import { allowedEditor } from '../allowed-editor.ts';
import { hasFeature, type BackendDescription, type ChatMessage, type ChatRequest } from '../backend.ts';
import { waitingFor } from '../control/approval.ts';
import { outlineText, parseDecomposition, streamedAnswer, type Decomposition } from './decompose.ts';
import { failure, type Failure } from '../failure.ts';
import { maySeeLocalOnly } from '../local-only.ts';
import { mayDelegate, menuOf } from './menu.ts';
import { runTurn } from '../model-call.ts';
import type { TurnResult } from '../turn.ts';
import { DECOMPOSE_SCHEMA, decomposePrompt, repairPrompt, type DecomposeValues } from '../prompts/decompose.ts';
import { promptVersion } from '../prompts/prompt.ts';
import type { RunContext } from '../run-context.ts';
import type { EditorContext, EarlierTurn } from '../run-request.ts';
import { supervisorFor } from '../supervise/supervised.ts';
import type { InputText, PathInfo } from '../subject.ts';
import { fitInputs, readInputs, tokensOf } from '../task-inputs.ts';
import { estimateTokens } from '../tokens.ts';

const PLAN_OUTPUT_TOKENS = 8_192;
const MAX_OUTLINE_FILES = 2_000;
const MAX_OUTLINE_CHARS = 24_000;
/** Attached files are shown to the planner up to this; a task gets them whole. */
const MAX_ATTACHED_TOKENS = 12_000;
const MAX_HISTORY_CHARS = 12_000;
const PLAN_PRIORITY = 1_000_000;

export type PlanningResult =
  | {
      readonly kind: 'decided';
      readonly decision: Exclude<Decomposition, { readonly kind: 'delegate' }>;
      readonly backend: string;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly partialText: string };

interface Material {
  readonly files: readonly PathInfo[];
  readonly outline: string;
  readonly attached: readonly InputText[];
  readonly history: readonly EarlierTurn[];
  readonly editor: EditorContext | undefined;
}

export async function planRun(ctx: RunContext, want: 'plan' | 'decide'): Promise<PlanningResult> {
  const material = await gather(ctx);
  const first = await ask(ctx, { want, material, earlier: [], turn: 0 });
  if (first.kind === 'failed') return failPlanning(ctx, first);
  const parsed = parse(ctx, first.text, want);
  if (parsed.ok) return accept(ctx, parsed.value, first.backend);
  await ctx.append({ type: 'plan.rejected', faults: parsed.error, repair: true });
  const earlier: readonly ChatMessage[] = [
    { role: 'assistant', content: first.text },
    ...repairPrompt.render({ faults: parsed.error }),
  ];
  ctx.showText(ANSWER_TASK, '', true);
  const second = await ask(ctx, { want, material, earlier, turn: 1, prefer: first.backend });
  if (second.kind === 'failed') return failPlanning(ctx, second);
  const repaired = parse(ctx, second.text, want);
  if (repaired.ok) return accept(ctx, repaired.value, second.backend);
  await ctx.append({ type: 'plan.rejected', faults: repaired.error, repair: false });
  const badPlan = failure(
    'bad-plan',
    `${second.backend} gave a plan that cannot run, also after its faults were named: ${repaired.error.slice(0, 5).join(' ')}`,
    {
      whatToDo: 'Ask again in other words or with fewer parts, or let another backend orchestrate.',
      backend: second.backend,
    },
  );
  return failPlanning(ctx, { kind: 'failed', failure: badPlan, partialText: '' });
}

function parse(ctx: RunContext, text: string, want: 'plan' | 'decide'): ReturnType<typeof parseDecomposition> {
  const targets = menuOf(ctx).map((entry) => entry.id);
  const { maxTasks, maxEdges } = ctx.options;
  const isUnattended = ctx.request.isUnattended === true;
  const agents = ctx.agents;
  return parseDecomposition(text, {
    maxTasks,
    maxEdges,
    targets,
    agents,
    want,
    isUnattended,
    mayDelegate: mayDelegate(ctx),
  });
}

async function accept(ctx: RunContext, decision: Decomposition, backend: string): Promise<PlanningResult> {
  ctx.orchestrator = backend;
  const decided = { type: 'request.decided' as const, decision: decision.kind };
  const completed = { type: 'task.completed' as const, task: PLAN_TASK, backend, partial: false };
  if (decision.kind === 'answer') {
    await ctx.append(decided, { ...completed, result: decision.text });
    return { kind: 'decided', decision, backend };
  }
  const { why } = decision;
  const tasks = decision.kind === 'plan' ? decision.tasks : [supervisorFor(ctx.request)];
  const made = decision.kind === 'plan' ? tasksText(tasks.length) : 'A supervisor decides as it goes';
  await ctx.append(
    { ...decided, ...(why === undefined ? {} : { why }) },
    { ...completed, result: why === undefined ? made : `${made}: ${why}` },
    { type: 'plan.accepted', tasks },
    ...(await waitingFor(ctx, tasks)),
  );
  return { kind: 'decided', decision: { kind: 'plan', tasks }, backend };
}

function tasksText(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}

async function failPlanning(
  ctx: RunContext,
  result: TurnResult & { readonly kind: 'failed' },
): Promise<PlanningResult> {
  const { failure: reason } = result;
  // What was streamed of a direct answer is handed back; the raw JSON of a reply is not.
  const partialText = streamedAnswer(result.partialText) ?? '';
  await ctx.append(
    reason.reason === 'cancelled'
      ? { type: 'task.cancelled', task: PLAN_TASK, partial: partialText }
      : { type: 'task.failed', task: PLAN_TASK, failure: reason, partial: partialText },
  );
  return { kind: 'failed', failure: reason, partialText };
}

interface Ask {
  readonly want: 'plan' | 'decide';
  readonly material: Material;
  readonly earlier: readonly ChatMessage[];
  readonly turn: number;
  readonly prefer?: string;
}

function ask(ctx: RunContext, from: Ask): Promise<TurnResult> {
  const { material, turn } = from;
  const full =
    estimateTokens(
      render(ctx, from, material.attached)
        .map((message) => message.content)
        .join('\n'),
    ) + 100;
  const attachedTokens = tokensOf(material.attached);
  let text = '';
  let shown = '';
  const prefer = from.prefer ?? ctx.request.orchestrator ?? ctx.orchestrator;
  return runTurn(ctx, {
    task: PLAN_TASK,
    turn,
    route: {
      role: 'orchestrate',
      ...(prefer === undefined ? {} : { prefer }),
      minInputTokens: Math.max(0, full - attachedTokens),
      fullInputTokens: full,
      outputTokens: PLAN_OUTPUT_TOKENS,
    },
    priority: PLAN_PRIORITY,
    pool: ctx.pool,
    signal: ctx.signal,
    timeLeftMs: () => Number.POSITIVE_INFINITY,
    promptVersion: promptVersion(turn === 0 ? decomposePrompt : repairPrompt),
    build: (description, inputTokens) =>
      buildRequest(ctx, { ...from, description, inputTokens, fixedTokens: full - attachedTokens }),
    onText: (delta) => {
      text += delta;
      const answer = streamedAnswer(text);
      if (answer === undefined || !answer.startsWith(shown) || answer.length === shown.length) return;
      ctx.showText(ANSWER_TASK, answer.slice(shown.length));
      shown = answer;
    },
    onRestart: () => {
      text = '';
      shown = '';
      ctx.showText(ANSWER_TASK, '', true);
    },
    start: { isAnnounced: turn > 0 },
  });
}

function buildRequest(
  ctx: RunContext,
  from: Ask & { readonly description: BackendDescription; readonly inputTokens: number; readonly fixedTokens: number },
): Pick<ChatRequest, 'messages' | 'subject' | 'schema'> {
  const { description, material } = from;
  const shown = maySeeLocalOnly(ctx, description) ? material : withoutLocalOnly(material);
  const attached = fitInputs(shown.attached, Math.max(0, from.inputTokens - from.fixedTokens));
  return {
    messages: render(ctx, { ...from, material: shown, self: description.id }, attached),
    subject: {
      kind: 'decompose',
      request: ctx.request.text,
      menu: menuOf(ctx),
      files: material.files,
      attached,
      maxTasks: ctx.options.maxTasks,
      want: from.want,
    },
    ...(hasFeature(description, 'structuredOutput') ? { schema: DECOMPOSE_SCHEMA } : {}),
  };
}

const STAYS_HERE = 'its text stays on this machine by a data rule';

/** The names stay, so that tasks for local backends can be planned with them. */
function withoutLocalOnly(material: Material): Material {
  return {
    ...material,
    attached: material.attached.map((input) => (input.localOnly ? { ...input, text: '', cut: STAYS_HERE } : input)),
    history: material.history.map((turn) => (turn.localOnly === true ? { ...turn, text: `(${STAYS_HERE})` } : turn)),
  };
}

function render(
  ctx: RunContext,
  from: Ask & { readonly self?: string },
  attached: readonly InputText[],
): readonly ChatMessage[] {
  const { material } = from;
  const values: DecomposeValues = {
    request: ctx.request.text,
    menu: menuOf(ctx),
    ...(from.self === undefined ? {} : { self: from.self }),
    history: material.history,
    ...(material.editor === undefined ? {} : { editor: material.editor }),
    attached,
    outline: material.outline,
    maxTasks: ctx.options.maxTasks,
    want: from.want,
    mayDelegate: mayDelegate(ctx),
    agents: ctx.agents,
    ...(ctx.request.isUnattended === true ? { isUnattended: true } : {}),
    mark: ctx.mark,
  };
  return [...decomposePrompt.render(values), ...from.earlier];
}

async function gather(ctx: RunContext): Promise<Material> {
  const listed = await unlessAborted(
    ctx.deps.workspace.list({ limit: MAX_OUTLINE_FILES, signal: ctx.signal }),
    ctx.signal,
    { files: [], cut: false },
  );
  const read = await readInputs(
    ctx,
    ctx.request.files.map((path) => ({ path })),
    ctx.signal,
  );
  await ctx.append({ type: 'inputs.read', task: PLAN_TASK, files: read.files, withheld: read.withheld });
  return {
    files: listed.files,
    outline: outlineText(listed.files, { maxChars: MAX_OUTLINE_CHARS, isCut: listed.cut }),
    attached: fitInputs(read.inputs, MAX_ATTACHED_TOKENS),
    history: recentTurns(ctx.request.history),
    editor: await allowedEditor(ctx),
  };
}

/** The latest turns that fit; a long one keeps its end. */
function recentTurns(history: readonly EarlierTurn[]): readonly EarlierTurn[] {
  const kept: EarlierTurn[] = [];
  let left = MAX_HISTORY_CHARS;
  for (const turn of [...history].reverse()) {
    if (left <= 0) break;
    kept.unshift(turn.text.length <= left ? turn : { ...turn, text: `…${turn.text.slice(-left)}` });
    left -= turn.text.length;
  }
  return kept;
}
