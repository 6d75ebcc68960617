/** Who does a task: a named profile that fills in what the task itself leaves open. */
import type { TaskSpec } from '../plan/plan.ts';

const FILLED_IN = ['capability', 'target', 'edits', 'maxTokens'] as const;

/** What an agent fills in where its task leaves it open. */
type FilledIn = (typeof FILLED_IN)[number];

export interface AgentProfile {
  /** `reviewer`: unique, as plans and tools name it. */
  readonly name: string;
  /** One sentence, for menus. */
  readonly description: string;
  /** Stands before the rules of the task's prompt. Empty: nothing does. */
  readonly personality: string;
  readonly capability?: string;
  /** Backend id. */
  readonly target?: string;
  /** Names of the tools that it may use; undefined: all that its kind of task has. */
  readonly tools?: readonly string[];
  /** May it propose edits? Undefined: as its capability says. */
  readonly edits?: boolean;
  /** Output tokens. */
  readonly maxTokens?: number;
  readonly source: 'built-in' | 'user' | 'workspace';
}

/**
 * The agent factory: the profile with the task's own words over it. What neither says is inherited: the run's limits, every
 * tool of the task's kind, and the routing that a task without an agent has.
 */
export function withAgent(spec: TaskSpec, profiles: readonly AgentProfile[]): TaskSpec {
  const profile = profiles.find(({ name }) => name === spec.agent);
  if (profile === undefined) return spec;
  const { capability, target, edits, maxTokens } = profile;
  return {
    ...spec,
    // A task that names its capability or its backend has chosen where it goes.
    ...(capability === undefined || spec.capability !== undefined ? {} : { capability }),
    ...(target === undefined || spec.target !== undefined || spec.capability !== undefined ? {} : { target }),
    ...(edits === undefined || spec.edits !== undefined ? {} : { edits }),
    ...(maxTokens === undefined || spec.maxTokens !== undefined ? {} : { maxTokens }),
  };
}

/**
 * A changed task, before the agent that it names now fills it in: what the earlier one had filled in goes with that one, unless
 * the change itself gives it.
 */
export function withoutEarlierAgent(
  spec: TaskSpec,
  change: {
    readonly was: TaskSpec;
    readonly profiles: readonly AgentProfile[];
    readonly gives: (field: FilledIn) => boolean;
  },
): TaskSpec {
  const { was, profiles, gives } = change;
  const earlier = profiles.find(({ name }) => name === was.agent);
  if (earlier === undefined || spec.agent === was.agent) return spec;
  const left = { ...spec };
  for (const field of FILLED_IN)
    if (spec[field] === earlier[field] && was[field] === earlier[field] && !gives(field)) delete left[field];
  return left;
}
