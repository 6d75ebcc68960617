/** A task's own look at its edits: what the parsers at hand say of the texts that it leaves. */
import { unlessAborted } from '../../base/abort.ts';
import { overlayOf } from '../edits/overlay.ts';
import { viewOf } from '../edits/overlay-view.ts';
import { payloadText } from '../run-event.ts';
import type { RunContext } from '../run-context.ts';

const MOST_PROBLEMS_TOLD = 20;

/** Problems that the task's edits brought in; what a parser's own fault keeps from being checked counts as none. */
export async function findProblems(ctx: RunContext, task: string, signal: AbortSignal): Promise<readonly string[]> {
  const files = checkedFiles(ctx, task);
  if (files.length === 0) return [];
  try {
    return await unlessAborted(ctx.deps.checker.check(files, signal), signal, []);
  } catch (error) {
    ctx.deps.logger.error(`The check of the edits of task ${task} met a bug`, error);
    return [];
  }
}

/** The texts that the task changed, each beside what it stood on; where it runs after others, their edits are in both. */
function checkedFiles(
  ctx: RunContext,
  task: string,
): readonly { readonly path: string; readonly text: string; readonly before: string | null }[] {
  const state = ctx.state.tasks.get(task);
  if (state === undefined) return [];
  const view = viewOf(ctx.state, task);
  return overlayOf(state).changes.flatMap(({ path, base }) => {
    const seen = path === null ? undefined : view.lookup(path);
    if (path === null || seen?.kind !== 'text') return [];
    return [{ path, text: seen.text, before: base.exists ? payloadText(base.text) : null }];
  });
}

export function problemsNote(problems: readonly string[]): string {
  return `These problems are in your edits:\n${listed(problems)}\n\nMend them, or say in your report why they are right. Then finish with your whole report.`;
}

export function problemsLeft(problems: readonly string[]): string {
  return `Problems left in the edits:\n${listed(problems)}`;
}

function listed(problems: readonly string[]): string {
  const told = problems.slice(0, MOST_PROBLEMS_TOLD).map((problem) => `- ${problem}`);
  if (problems.length > MOST_PROBLEMS_TOLD) told.push(`- and ${problems.length - MOST_PROBLEMS_TOLD} more`);
  return told.join('\n');
}
