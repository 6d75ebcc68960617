/** What can be done with a row, as words that menus match with `viewItem =~ /\bword\b/`. Nothing is offered that would be refused. */
import type { TaskWord } from '../../app/run-text.ts';
import { actionsFor, TASK_ACTIONS, type TaskActionName } from '../../core/control/action-table.ts';
import { isOutOfReach, type RunSeen } from '../../core/control/whose-folder.ts';
import type { RunSummary } from '../../core/ports.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { taskIndex } from './task-index.ts';

/** `can-retryElsewhere`: without a `-` after `can-`, so that no word is the beginning of another. */
export function actionWord(name: TaskActionName): string {
  return WORDS.get(name) ?? '';
}

const WORDS: ReadonlyMap<TaskActionName, string> = new Map(
  TASK_ACTIONS.map((name) => [name, `can-${name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}`]),
);

export interface TaskSituated extends RunSeen {
  readonly word: TaskWord;
  readonly state: RunState;
}

export function taskWords(task: TaskState, { word, state, ...seen }: TaskSituated): string {
  // The orchestrator's own turns are nobody's to change.
  if (task.spec === null) return ['turn', word, ...(hasResult(task) ? ['result'] : [])].join(' ');
  const index = taskIndex(state);
  const words = actionsFor(task, state, seen).flatMap((name) => {
    if (name === 'copy-result') return ['result'];
    if (name !== 'move') return name === 'open-result' ? [] : [actionWord(name)];
    return [...(index.isFirst(task.id) ? [] : ['can-moveUp']), ...(index.isLast(task.id) ? [] : ['can-moveDown'])];
  });
  return ['task', word, ...words].join(' ');
}

function hasResult({ result }: TaskState): boolean {
  return result !== null && result !== '';
}

export interface RunSituated extends RunSeen {
  /** Another process has it. */
  readonly isElsewhere: boolean;
}

export function runWords(state: RunState, { isElsewhere, ...seen }: RunSituated): string {
  const { phase } = state;
  const { liveness } = seen;
  const isInReach = !isOutOfReach(seen);
  const isLive = liveness === 'running';
  const isApproving = phase === 'approving';
  const isPlanOpen = state.tasks.size > 0 && (isApproving || (isLive && phase === 'running'));
  return [
    'run',
    isLive && isElsewhere ? 'elsewhere' : liveness,
    ...(isApproving && isInReach ? ['can-approve'] : []),
    ...(isLive || isApproving ? ['can-cancel'] : []),
    ...(isInReach && (isPlanOpen || (phase === 'finished' && state.tasks.size > 0))
      ? ['can-editPlan', 'can-addTask']
      : []),
    ...(isInReach && isPlanOpen && state.undo.length > 0 ? ['can-undo'] : []),
    ...endedWords(seen, state.tasks.size),
    ...(hasOpenEdits(state) ? ['edits'] : []),
    ...(state.answer === null || state.answer === '' ? [] : ['result']),
  ].join(' ');
}

/** Of a run of the journal that was not looked into yet. */
export function summaryWords({ liveness, tasks }: RunSummary, { isHere }: Pick<RunSeen, 'isHere'>): string {
  return [
    'run',
    liveness === 'running' ? 'elsewhere' : liveness,
    ...(liveness === 'running' ? ['can-cancel'] : []),
    ...endedWords({ liveness, isHere }, tasks),
    ...(liveness === 'finished' ? ['result'] : []),
  ].join(' ');
}

function endedWords(seen: RunSeen, tasks: number): readonly string[] {
  const { liveness } = seen;
  const isInReach = !isOutOfReach(seen);
  return [
    ...(liveness === 'interrupted' && isInReach ? ['can-resume'] : []),
    ...(tasks > 0 ? ['can-graph'] : []),
    ...(liveness === 'finished' && isInReach ? ['can-again'] : []),
    ...(liveness === 'running' ? [] : ['can-export', 'can-delete']),
  ];
}

/** Of a run that goes on they are not the user's to decide yet. */
function hasOpenEdits({ phase, proposal }: RunState): boolean {
  return phase === 'finished' && [...(proposal?.files.values() ?? [])].some(({ status }) => status === 'open');
}
