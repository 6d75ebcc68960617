/** What a task's result rests on, as far as it is known before the task begins; what its tools read is in its read set. */
import { canonicalJson } from '../../base/canonical-json.ts';
import { outsideNames } from '../agent/outside-tools.ts';
import { ownTools, worksWithTools } from '../agent/task-tools.ts';
import { sha256OfText } from '../edits/sha-256.ts';
import { codePrompt } from '../prompts/code.ts';
import { correctQuotesPrompt } from '../prompts/correct-quotes.ts';
import { promptVersion } from '../prompts/prompt.ts';
import { readPrompt } from '../prompts/read.ts';
import { reducePrompt } from '../prompts/reduce.ts';
import { taskPrompt } from '../prompts/task.ts';
import type { RunContext } from '../run-context.ts';
import { dependencyResults, taskKind, type TaskKind, type TaskWork } from '../task-work.ts';
import { briefText } from './brief.ts';

/** Raised when a key takes in something else than before: no earlier result fits any more. */
const KEY_VERSION = 1;

const PROMPTS: Readonly<Record<TaskKind, readonly string[]>> = {
  plain: [taskPrompt].map(promptVersion),
  reading: [readPrompt, correctQuotesPrompt, reducePrompt].map(promptVersion),
  code: [codePrompt].map(promptVersion),
  supervisor: [],
};

/**
 * Of a code task also where it may go: where only local backends are allowed, tools show what they would leave out otherwise.
 * SHA-256, hex; undefined when its inputs were not read to the end, and for a supervisor, whose result rests on tasks that it
 * made. Which backend does it is not in it.
 */
export async function taskKey(ctx: RunContext, work: TaskWork): Promise<string | undefined> {
  const { spec, read, time } = work;
  const kind = taskKind(spec);
  if (time.signal.aborted || kind === 'supervisor') return undefined;
  const hasTools = worksWithTools(spec, work.agent);
  const outside = outsideNames(work.agent);
  const results = dependencyResults(ctx, spec).map(async ({ task, text, partial }) => ({
    task,
    text: await sha256OfText(text),
    partial,
  }));
  return sha256OfText(
    canonicalJson({
      version: KEY_VERSION,
      kind,
      brief: briefText(spec),
      files: read.files.map(({ path, hash }) => ({ path, hash })),
      withheld: read.withheld,
      results: (await Promise.all(results)).sort((a, b) => (a.task < b.task ? -1 : 1)),
      prompts: hasTools ? PROMPTS.code : PROMPTS[kind],
      ...(work.agent === undefined ? {} : { personality: work.agent.personality }),
      ...(hasTools ? { tools: ownTools(ctx, work), localOnly: ctx.options.localOnly } : {}),
      ...(outside.length === 0 ? {} : { outside }),
    }),
  );
}
