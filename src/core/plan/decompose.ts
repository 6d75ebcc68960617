/** What the orchestrator makes of a request: a direct answer or a plan, checked, with all faults named. */
import { Allow, parse as parsePartial } from 'partial-json';
import * as z from 'zod';
import { err, ok, type Result } from '../../base/result.ts';
import { outerObject } from '../json-gate.ts';
import { checkTasks, parseJson, type PlanLimits } from './plan-check.ts';
import type { TaskSpec } from './plan.ts';
import type { PathInfo } from '../subject.ts';

export type Decomposition =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'plan'; readonly tasks: readonly TaskSpec[]; readonly why?: string }
  | { readonly kind: 'delegate'; readonly why?: string };

const replySchema = z.object({
  decision: z.enum(['answer', 'plan', 'delegate']),
  why: z.string().nullish(),
  answer: z.string().nullish(),
  tasks: z.array(z.unknown()).nullish(),
});

interface DecompositionLimits extends PlanLimits {
  /** `plan` makes everything but a plan a fault. */
  readonly want: 'plan' | 'decide';
  /** There is a backend that can decide as it goes. */
  readonly mayDelegate?: boolean;
  /** Every task is autonomous. */
  readonly isUnattended?: boolean;
}

export function parseDecomposition(
  text: string,
  limits: DecompositionLimits,
): Result<Decomposition, readonly string[]> {
  const parsed = parseJson(outerObject(text));
  if (!parsed.ok) return err([`the reply: ${parsed.error}; reply with one JSON object and nothing else.`]);
  const shape = replySchema.safeParse(parsed.value);
  if (!shape.success)
    return err(shape.error.issues.map((issue) => `${issue.path.join('.') || 'the reply'}: ${issue.message}`));
  const { decision, answer, tasks } = shape.data;
  if (decision !== 'plan' && limits.want === 'plan')
    return err(['decision: a plan was asked for; reply with "decision": "plan" and its tasks.']);
  const why = whyOf(shape.data.why);
  if (decision === 'delegate')
    return limits.mayDelegate === true
      ? ok({ kind: 'delegate', ...why })
      : err(['decision: nobody here can decide as it goes; answer, or make a plan.']);
  if (decision === 'answer') {
    return answer == null || answer.trim() === ''
      ? err(['answer: it is empty; write the answer, or make a plan.'])
      : ok({ kind: 'answer', text: answer });
  }
  const checked = checkTasks((tasks ?? []).map(normaliseTask), limits);
  if (!checked.ok) return checked;
  const alone = checked.value.map((task): TaskSpec => ({ ...task, mode: 'autonomous' }));
  return ok({ kind: 'plan', tasks: limits.isUnattended === true ? alone : checked.value, ...why });
}

const LONGEST_WHY = 300;

/** One line for the user. */
function whyOf(said: string | null | undefined): { readonly why?: string } {
  const line = (said ?? '').replaceAll(/\s+/g, ' ').trim();
  if (line === '') return {};
  return { why: line.length > LONGEST_WHY ? `${line.slice(0, LONGEST_WHY - 1).toWellFormed()}…` : line };
}

/** Planners write inputs as plain paths; everything else keeps its shape, so that faults are named as they were written. */
function normaliseTask(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('inputs' in raw) || !Array.isArray(raw.inputs)) return raw;
  const inputs: readonly unknown[] = raw.inputs;
  return { ...raw, inputs: inputs.map((input) => (typeof input === 'string' ? { path: input } : input)) };
}

/**
 * Reads the direct answer out of a reply that is still streaming, so that the user sees it at once.
 * Returns the whole answer so far, or undefined while it is not known to be one.
 */
export function streamedAnswer(textSoFar: string): string | undefined {
  if (textSoFar.length > MAX_STREAMED_CHARS || !/^\s*\{\s*"decision"\s*:\s*"answer"/.test(textSoFar)) return undefined;
  try {
    const value: unknown = parsePartial(textSoFar, Allow.OBJ | Allow.STR);
    return typeof value === 'object' && value !== null && 'answer' in value && typeof value.answer === 'string'
      ? value.answer
      : undefined;
  } catch {
    return undefined;
  }
}

/** Each look parses from the start: beyond this the answer is shown when it is whole. */
const MAX_STREAMED_CHARS = 40_000;

/** One path a line, the shallow ones first, within a number of characters; what is left out is counted. */
export function outlineText(
  files: readonly PathInfo[],
  options: { readonly maxChars: number; readonly isCut: boolean },
): string {
  const lines: string[] = [];
  let chars = 0;
  for (const file of files) {
    const line = `${file.path} ${file.bytes}`;
    chars += line.length + 1;
    if (chars > options.maxChars) break;
    lines.push(line);
  }
  const left = files.length - lines.length;
  if (left > 0 || options.isCut)
    lines.push(left > 0 ? `… and ${left}${options.isCut ? ' or more' : ''} other files` : '… and more files');
  return lines.join('\n');
}
