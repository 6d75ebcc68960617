/** The run that the busy benchmarks measure: 500 tasks for 64 slots, each answered in a stream of some hundreds of milliseconds. */
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import { DEFAULT_OPTIONS, type RunRequest } from '../../src/core/run-request.ts';

export const TASKS = 500;
const SLOTS_EACH = 32;
export const SLOTS = 2 * SLOTS_EACH;
const GROUP = 25;
/** Half of the tasks need one that is ready long before, so that there is always more to do than slots. */
const BEHIND = 2 * SLOTS;

export const REQUEST = 'Do all the steps.';
/** Whoever watches one task watches this one: it streams almost to the end of the run. */
export const WATCHED_TASK = 'step-0';

/** In how many pieces the reply for a step comes: 12 to 24, so that replies do not all end at one moment. */
export function piecesOf(step: number): number {
  return step === 0 ? 120 : 12 + ((step * 5) % 13);
}

/** Twenty groups, each under its first task. */
function busyTasks(): readonly TaskSpec[] {
  return Array.from({ length: TASKS }, (_, index) => {
    const head = index - (index % GROUP);
    return {
      id: `step-${index}`,
      title: `Step ${index}`,
      objective: `Do step ${index}.`,
      capability: 'steps',
      mode: 'autonomous' as const,
      dependsOn: index >= BEHIND && index % 2 === 1 ? [`step-${index - BEHIND}`] : [],
      inputs: [],
      ...(head === index ? {} : { parent: `step-${head}` }),
    };
  });
}

export function busyRequest(): RunRequest {
  return {
    text: REQUEST,
    source: 'bench',
    history: [],
    files: [],
    plan: { request: REQUEST, tasks: busyTasks() },
    options: { ...DEFAULT_OPTIONS, synthesis: false },
  };
}

export function busyRoster(
  urls: readonly { readonly protocol: 'openai' | 'ollama'; readonly baseUrl: string }[],
): readonly object[] {
  return urls.map(({ protocol, baseUrl }, index) => ({
    id: `steps${index}`,
    provider: protocol,
    baseUrl,
    model: 'steps',
    goodAt: ['steps'],
    contextWindow: 64_000,
    maxConcurrency: SLOTS_EACH,
    cost: { input: 1, output: 2 },
    canOrchestrate: index === 0,
  }));
}
