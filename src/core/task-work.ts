/** What every kind of task works with: its inputs, its share of budget and time, and how its calls are routed. */
import type { AgentProfile } from './agents/agent-profile.ts';
import type { Subject } from './backend.ts';
import type { BudgetPool } from './budget.ts';
import type { TaskControl } from './control/task-control.ts';
import type { Failure } from './failure.ts';
import { localOnlySource } from './local-only.ts';
import type { TaskStart } from './turn.ts';
import type { TaskSpec } from './plan/plan.ts';
import type { CitationReport } from './read/citation.ts';
import { pinnedBackend } from './reuse/pinned-backend.ts';
import type { RunContext } from './run-context.ts';
import type { RouteNeed } from './route.ts';
import type { InputText, TaskResult } from './subject.ts';
import { resultTokens, type ReadInputs } from './task-inputs.ts';
import { estimateTokens } from './tokens.ts';

const TASK_OUTPUT_TOKENS = 4_096;
/** A task with inputs is not sent where less than this much of them fits. */
const LEAST_INPUT_TOKENS = 1_000;
/** What the prompt itself says. */
const FIXED_TOKENS = 600;

export type TaskKind = 'code' | 'reading' | 'plain' | 'supervisor';

/** A code task has tools and may propose edits; a reading task's quotations are checked against the files. */
export function taskKind(spec: TaskSpec): TaskKind {
  if (spec.supervises === true) return 'supervisor';
  if (spec.edits ?? /^cod(?:e|ing)(?![a-z])/i.test(spec.capability ?? '')) return 'code';
  return spec.inputs.some((input) => 'path' in input) ? 'reading' : 'plain';
}

export type TaskOutcome =
  | {
      readonly kind: 'done';
      readonly backend: string;
      readonly text: string;
      /** Cut by a limit, or parts of it are missing. */
      readonly isPartial: boolean;
      readonly citations?: CitationReport;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly partialText: string };

export interface TaskWork {
  readonly spec: TaskSpec;
  /** Who does it, when it names somebody. */
  readonly agent?: AgentProfile | undefined;
  readonly read: ReadInputs;
  readonly priority: number;
  /** Its signal also aborts when a person ends the task; `control.ending` says how. */
  readonly time: TaskTime;
  readonly control: TaskControl;
  /** The task's part of the run's budget, for all its calls. */
  readonly pool: BudgetPool;
  readonly start: TaskStart;
  /** Nothing fits the task: the orchestrator does it itself. */
  readonly isHandedBack: boolean;
}

/** A person stopped it and keeps what there is. */
export function isKept({ control }: Pick<TaskWork, 'control'>): boolean {
  return control.ending === 'keep';
}

/** Output tokens that the calls of this attempt took. */
export function outputOf(ctx: RunContext, task: string): number {
  return (ctx.state.tasks.get(task)?.calls ?? []).reduce((sum, { spent }) => sum + spent.tokens.output, 0);
}

export interface TaskTime {
  readonly signal: AbortSignal;
  readonly timeLeftMs: () => number;
  readonly run: () => void;
  /** Also to be called at the end: no timer is left. */
  readonly pause: () => void;
}

/** A task's time runs while it reads and from its first call on, not while it waits for its first slot. */
export function taskTime(ctx: RunContext, spec: TaskSpec, control: TaskControl): TaskTime {
  const none = Number.POSITIVE_INFINITY;
  const maxMs = Math.min(ctx.options.perTask.maxMs ?? none, spec.limits?.maxMs ?? none, spec.maxMs ?? none);
  if (maxMs === none)
    return {
      signal: AbortSignal.any([ctx.signal, control.signal]),
      timeLeftMs: () => Number.POSITIVE_INFINITY,
      run: () => undefined,
      pause: () => undefined,
    };
  const own = new AbortController();
  let leftMs = maxMs;
  let running: { readonly sinceMs: number; readonly cancel: () => void } | undefined;
  const usedMs = (): number => (running === undefined ? 0 : ctx.clock.monotonicMs() - running.sinceMs);
  return {
    signal: AbortSignal.any([ctx.signal, control.signal, own.signal]),
    // A timer may fire a little before the clock shows it.
    timeLeftMs: () => (own.signal.aborted ? 0 : leftMs - usedMs()),
    run: () => {
      running ??= {
        sinceMs: ctx.clock.monotonicMs(),
        cancel: ctx.clock.schedule(leftMs, () => own.abort(new Error('time limit of the task'))),
      };
    },
    pause: () => {
      running?.cancel();
      leftMs -= usedMs();
      running = undefined;
    },
  };
}

/** Tokens of a task's prompt without its inputs: the brief, the results it depends on, what is withheld, the words around. */
export function fixedTokensOf(work: Pick<TaskWork, 'spec' | 'read' | 'agent'>, results: readonly TaskResult[]): number {
  const { spec, read, agent } = work;
  const withheld = read.withheld.reduce((sum, file) => sum + estimateTokens(`${file.path} (${file.why}); `), 0);
  return (
    FIXED_TOKENS +
    estimateTokens(`${spec.title}${spec.objective}${spec.deliverable ?? ''}${agent?.personality ?? ''}`) +
    results.reduce((sum, result) => sum + resultTokens(result), 0) +
    conversationTokens(spec) +
    withheld
  );
}

function conversationTokens({ conversation }: TaskSpec): number {
  return (conversation?.messages ?? []).reduce((sum, { text }) => sum + estimateTokens(`Assistant: ${text}\n\n`), 0);
}

/**
 * Where a call of the task may go. `fixedTokens` always go along; of `inputTokens` as much as fits. A task that was handed
 * back goes to the run's orchestrator; a given plan had none so far, so the best there is takes it.
 */
export function taskRoute(
  ctx: RunContext,
  work: Pick<TaskWork, 'spec' | 'read' | 'isHandedBack'>,
  tokens: { readonly fixedTokens: number; readonly inputTokens: number; readonly outputTokens?: number },
): Omit<RouteNeed, 'tried' | 'rotation'> {
  const { spec, read } = work;
  const localDataRule = read.localRule ?? localOnlySource(ctx.state, spec.id);
  const need = {
    minInputTokens: tokens.fixedTokens + Math.min(tokens.inputTokens, LEAST_INPUT_TOKENS),
    fullInputTokens: tokens.fixedTokens + tokens.inputTokens,
    outputTokens: tokens.outputTokens ?? spec.maxTokens ?? TASK_OUTPUT_TOKENS,
    ...(localDataRule === undefined ? {} : { localDataRule }),
  };
  if (work.isHandedBack)
    return ctx.orchestrator === undefined
      ? { ...need, role: 'orchestrate' }
      : { ...need, role: 'reduce', target: ctx.orchestrator };
  const prefer = pinnedBackend(ctx, spec);
  return {
    ...need,
    role: 'task',
    ...(prefer === undefined ? {} : { prefer }),
    ...(spec.capability === undefined ? {} : { capability: spec.capability }),
    ...(spec.target === undefined ? {} : { target: spec.target }),
  };
}

/** What a plain task or a code task is about, for a backend that doesn't read prompts. */
export function taskSubject(
  { title, objective, capability }: TaskSpec,
  shown: {
    readonly inputs: readonly InputText[];
    readonly results: readonly TaskResult[];
    readonly words: readonly string[];
  },
): Subject {
  const { inputs, results, words } = shown;
  return {
    kind: 'task',
    title,
    objective: withWords(objective, words),
    ...(capability === undefined ? {} : { capability }),
    inputs,
    results,
  };
}

/** An objective, and what the user said of it. */
export function withWords(objective: string, words: readonly string[]): string {
  return [objective, ...words].filter((text) => text.trim() !== '').join('\n\n');
}

export function dependencyResults(ctx: RunContext, spec: TaskSpec): readonly TaskResult[] {
  return spec.dependsOn.map((id) => ({
    task: id,
    title: ctx.state.tasks.get(id)?.title ?? id,
    text: ctx.resultText(id),
    partial: ctx.state.tasks.get(id)?.partial ?? false,
  }));
}
