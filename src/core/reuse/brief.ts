import { canonicalJson } from '../../base/canonical-json.ts';
import { sha256OfText } from '../edits/sha-256.ts';
import type { TaskSpec } from '../plan/plan.ts';

/** What a task is asked, and of whom. Its title, its place in the tree and what it depends on say nothing of that. */
export function briefText(spec: TaskSpec): string {
  const { objective, deliverable, capability, target, agent, mode, edits, maxTokens, conversation, inputs } = spec;
  return canonicalJson({
    objective,
    deliverable,
    capability,
    target,
    agent,
    mode,
    edits,
    maxTokens,
    conversation,
    inputs,
  });
}

/** The key of a result that the user gave: it rests on the brief alone. */
export function briefKey(spec: TaskSpec): Promise<string> {
  return sha256OfText(briefText(spec));
}
