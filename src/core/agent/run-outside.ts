/** One call of a tool from outside: on record before it is made, so that it is never made twice. */
import { raceAbort } from '../../base/abort.ts';
import type { ToolCall } from '../backend.ts';
import { localOnlySource } from '../local-only.ts';
import type { RunContext } from '../run-context.ts';
import type { OutsideTool } from './outside-tools.ts';
import type { ToolOutcome } from './tool-box.ts';

interface OutsideTurn {
  readonly task: string;
  readonly turn: number;
  readonly call: ToolCall;
  readonly tool: OutsideTool;
  readonly signal: AbortSignal;
}

/** What a call is answered that was begun before the process ended, whether its tool is there now or not; undefined: it is none. */
export function inDoubt(
  ctx: RunContext,
  { task, turn, call }: Pick<OutsideTurn, 'task' | 'turn' | 'call'>,
): ToolOutcome | undefined {
  const begun = ctx.state.tasks.get(task)?.begunTools.some((one) => one.turn === turn && one.call === call.id);
  if (begun !== true) return undefined;
  return {
    isOk: false,
    text: `The program ended while ${call.name} was at work, so whether it was carried out is not known. It is not called again for you: look first whether it was, where you can, and say so in your report.`,
  };
}

/** Undefined: it was called off; whether it was carried out is then not known. */
export async function runOutside(ctx: RunContext, wanted: OutsideTurn): Promise<ToolOutcome | undefined> {
  const { task, turn, call, tool, signal } = wanted;
  const kept = tool.isHere ? undefined : localOnlySource(ctx.state, task);
  if (kept !== undefined) return { isOk: false, text: keptHere(tool.name, kept) };
  const isRecorded = await ctx.append({
    type: 'tool.started',
    task,
    turn,
    call: call.id,
    name: call.name,
    arguments: JSON.stringify(call.arguments ?? {}),
  });
  // What nobody could be told of afterwards is not begun.
  if (!isRecorded || signal.aborted || ctx.deps.outside === undefined) return undefined;
  try {
    const { localOnly } = ctx.options;
    const asked = { run: ctx.run, name: tool.name, arguments: call.arguments, isHere: tool.isHere, localOnly };
    const made = ctx.deps.outside.call(asked, signal);
    return await raceAbort(made, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    ctx.deps.logger.error(`Tool ${tool.name} met a bug`, error);
    return { isOk: false, text: BROKEN };
  }
}

const BROKEN =
  'The tool broke, and whether it did what you asked is not known. Look before you call it again, or finish and say what is left open.';

function keptHere(name: string, rule: string): string {
  return `This was not called: a data rule (${rule}) keeps what this task has read on this machine, and ${name} is elsewhere. Go on without it, and say so if it matters to the result.`;
}
