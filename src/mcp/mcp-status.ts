/**
 * Our statuses, and what each is in the words of MCP Tasks. The same tables stand in DESIGN.md beside this file.
 *
 * 1. Every status has one.
 * 2. An end is never left: of a task that a person has done anew, what the first attempt that ended came to stays its MCP
 *    status, because a client that saw an end looks no more. Our own status beside it says how it is now.
 */
import { runWord, taskWord, type RunWord, type TaskWord } from '../app/run-text.ts';
import type { RunLiveness } from '../core/ports.ts';
import { isTerminal, type RunState, type TaskState } from '../core/run-state.ts';

export const MCP_STATUSES = ['working', 'input_required', 'completed', 'failed', 'cancelled'] as const;
export type McpStatus = (typeof MCP_STATUSES)[number];

const ENDS: ReadonlySet<McpStatus> = new Set(['completed', 'failed', 'cancelled']);

export function isTerminalMcp(status: McpStatus): boolean {
  return ENDS.has(status);
}

/**
 * `interrupted`: the process that had it is gone, and only a person makes it go on. `skipped`: what it needs did not
 * complete, and so it never will.
 */
export const TASK_STATUS: Readonly<Record<TaskWord, McpStatus>> = {
  pending: 'working',
  active: 'working',
  waiting: 'input_required',
  interrupted: 'input_required',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'failed',
};

/** `partial`: there are results, and each says how it fared. */
export const RUN_STATUS: Readonly<Record<RunWord, McpStatus>> = {
  planning: 'working',
  approving: 'input_required',
  waiting: 'input_required',
  running: 'working',
  answering: 'working',
  interrupted: 'input_required',
  answered: 'completed',
  partial: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

export const TASK_WORDS = Object.keys(TASK_STATUS) as readonly TaskWord[];
export const RUN_WORDS = Object.keys(RUN_STATUS) as readonly RunWord[];

/** A run, and whether anybody goes on with it. */
export interface SeenRun {
  readonly state: RunState;
  readonly liveness: RunLiveness;
}

export function taskStatus(task: TaskState, { state, liveness }: SeenRun): TaskWord {
  if (liveness === 'interrupted' && !isTerminal(task.status)) return 'interrupted';
  return taskWord(task, state, { nowMs: 0, liveness });
}

export function taskMcpStatus(task: TaskState, seen: SeenRun): McpStatus {
  const ended = task.earlier.find(({ status }) => isTerminal(status));
  return TASK_STATUS[ended?.status ?? taskStatus(task, seen)];
}

export function runStatus({ state, liveness }: SeenRun): RunWord {
  return runWord(state, { nowMs: 0, liveness });
}
