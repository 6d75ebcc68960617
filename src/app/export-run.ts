/**
 * A run as a text to keep or to pass on: with every text in it, as JSON for programs or as Markdown for people. It holds what
 * the journal holds, and so no secret.
 */
import { err, ok, type Result } from '../base/result.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Journal, RunLiveness } from '../core/ports.ts';
import type { RunEvent } from '../core/run-event.ts';
import { foldRun } from '../core/run-fold.ts';
import type { RunState } from '../core/run-state.ts';
import type { ExportFormat } from './export-format.ts';
import { renderRunMarkdown } from './run-markdown.ts';
import { visibleJson } from './safe-text.ts';

type ExportedJournal = Pick<Journal, 'readRun' | 'readBlob' | 'summary'>;

/**
 * JSON: `{"v":1,"run":"..","exportedAt":"<ISO 8601>","events":[..]}`, the events as journaled, one a line. A run that goes on is
 * exported as it is now.
 */
export async function exportRun(
  journal: ExportedJournal,
  run: string,
  how: { readonly format: ExportFormat; readonly nowMs: number },
): Promise<Result<string, Failure>> {
  const summary = await journal.summary(run);
  if (!summary.ok) return summary;
  if (summary.value === undefined)
    return err(
      failure('journal', `There is no run ${run} in the record.`, {
        whatToDo: 'Refresh the list of runs and pick one.',
      }),
    );
  const events = await journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
  if (!events.ok) return events;
  if (how.format === 'json') return ok(jsonOf(run, events.value, how.nowMs));
  const state = foldRun(run, events.value);
  return ok(await markdownOf(journal, state, { liveness: summary.value.liveness, nowMs: how.nowMs }));
}

function jsonOf(run: string, events: readonly RunEvent[], nowMs: number): string {
  const head = JSON.stringify({ v: 1, run, exportedAt: new Date(nowMs).toISOString() }).slice(0, -1);
  const lines = events.map((event) => `\n${visibleJson(JSON.stringify(event))}`).join(',');
  return `${head},"events":[${lines}\n]}\n`;
}

async function markdownOf(
  journal: ExportedJournal,
  state: RunState,
  view: { readonly liveness: RunLiveness; readonly nowMs: number },
): Promise<string> {
  const liveness = state.phase === 'finished' ? 'finished' : view.liveness;
  return renderRunMarkdown(state, { ...view, liveness, diff: await diffOf(journal, state) });
}

async function diffOf(journal: ExportedJournal, { proposal }: RunState): Promise<string> {
  if (proposal === null) return '';
  const [{ diffText }, { proposedFiles }] = await Promise.all([
    import('../core/edits/diff-text.ts'),
    import('../core/edits/proposal-content.ts'),
  ]);
  const files = await proposedFiles(journal, proposal);
  return files.ok ? diffText(files.value, () => 'Each side is in the record of the run.') : '';
}
