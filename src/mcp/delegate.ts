/** `delegate`: an intent to a supervisor, and the winner, or why there is none. Offered where there is a supervisor. */
import { formatSpend } from '../app/amounts.ts';
import { describeFailure } from '../core/failure.ts';
import { localOnlySource } from '../core/local-only.ts';
import type { RunState } from '../core/run-state.ts';
import { boundedText, RESULT_CHARS } from './bounded-text.ts';
import {
  failedResult,
  told,
  type CallContext,
  type Delegated,
  type DelegateEnd,
  type DelegatePort,
  type EngineToolsDeps,
  type ToolResult,
} from './engine-tool.ts';
import { waitFor } from './follow-run.ts';
import { inSession } from './in-session.ts';
import { lowerLimits } from './lowered-options.ts';
import { taskUri } from './task-uri.ts';
import { editsText, toldEdits } from './told-outcome.ts';
import type { DelegateInput, DelegateOutput } from './tool-schemas.ts';

export async function delegate(
  deps: EngineToolsDeps,
  port: DelegatePort,
  call: { readonly input: DelegateInput; readonly context: CallContext },
): Promise<ToolResult> {
  const { input, context } = call;
  const started = await inSession(deps, context, {
    limits: lowerLimits(deps.options().limits, input.budget ?? {}),
    start: (limits) =>
      port.start({
        intent: input.intent,
        deliverable: input.deliverable ?? undefined,
        limits,
        source: deps.source,
        isUnattended: input.background !== true,
      }),
  });
  if (!started.ok) return failedResult(started.error);
  const { run, task } = started.value;
  const uri = taskUri({ run, ...(task === undefined ? {} : { task }) });
  if (input.background === true) {
    const structuredContent: DelegateOutput = { status: 'started', task: uri };
    return { isError: false, text: `It was started in the background: ${uri}`, structuredContent };
  }
  const end = await untilDone(deps, started.value, context);
  return endResult(deps, end, { run, uri });
}

async function untilDone(deps: EngineToolsDeps, started: Delegated, context: CallContext): Promise<DelegateEnd> {
  const cancel = (): void => started.cancel();
  context.signal.addEventListener('abort', cancel, { once: true });
  if (context.signal.aborted) cancel();
  const watching = new AbortController();
  const watched = waitFor({ feed: deps.engine.feed, clock: deps.clock }, started.run, {
    until: () => false,
    wait: { ...context, signal: watching.signal },
  });
  try {
    return await started.finished;
  } finally {
    watching.abort();
    await watched;
    context.signal.removeEventListener('abort', cancel);
  }
}

async function endResult(
  deps: EngineToolsDeps,
  end: DelegateEnd,
  { run, uri }: { readonly run: string; readonly uri: string },
): Promise<ToolResult> {
  const looked = await deps.engine.feed.look(run);
  const state = looked.ok ? looked.value.state : undefined;
  const rule = state === undefined ? undefined : keptBy(state);
  const edits = state === undefined ? undefined : toldEdits(state, deps.nextSteps);
  const text = end.kind === 'winner' ? end.output : end.partial;
  const bounded = boundedText(text, RESULT_CHARS, uri);
  const shown = rule === undefined && text !== '' ? bounded : undefined;
  const structuredContent: DelegateOutput = {
    status: end.kind,
    task: uri,
    ...(end.kind === 'no-winner' ? { reason: end.reason } : {}),
    ...(end.deliverable === undefined || rule !== undefined ? {} : { deliverable: end.deliverable }),
    ...(shown === undefined ? {} : end.kind === 'winner' ? { output: shown.text } : { partial: shown.text }),
    ...(shown?.isCut === true ? { isCut: true } : {}),
    ...(rule === undefined ? {} : { withheld: withheldBy(rule) }),
    ...(end.kind === 'no-winner' && end.failure !== undefined && rule === undefined
      ? { failure: told(end.failure) }
      : {}),
    spentTotal: end.spentTotal,
    ...(edits === undefined ? {} : { edits }),
  };
  return { isError: end.kind === 'no-winner', text: endText(structuredContent, uri), structuredContent };
}

function keptBy(state: RunState): string | undefined {
  return [...state.tasks.keys()].map((id) => localOnlySource(state, id)).find((rule) => rule !== undefined);
}

function withheldBy(rule: string): string {
  return `What came of it stays on this machine by the data rule ${rule}: the user reads it in Orchestrator.`;
}

function endText(end: DelegateOutput, uri: string): string {
  const { output, partial, withheld, deliverable, reason, failure, spentTotal, edits } = end;
  return [
    ...(reason === undefined ? [] : [`No winner: ${reason}.`]),
    ...(failure === undefined ? [] : [describeFailure({ ...failure, retryable: false })]),
    ...(deliverable === undefined ? [] : [`Checked: ${deliverable}`]),
    ...(withheld === undefined ? [] : [withheld]),
    ...(output === undefined ? [] : [output]),
    ...(partial === undefined ? [] : [`What there is all the same:\n${partial}`]),
    ...editsText(edits),
    `[${[uri, ...(spentTotal === undefined ? [] : [formatSpend(spentTotal)])].join(' · ')}]`,
  ].join('\n\n');
}
