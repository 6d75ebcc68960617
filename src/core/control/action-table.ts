/**
 * What each thing that a person may want of a task means, for a task in each status, in each phase of its run. The same table
 * stands in DESIGN.md beside this file; a test compares every cell.
 *
 * Owns: the rules. Does not own: doing it (the control of a run), where it is offered (the shells).
 *
 * 1. Every action has a rule for every status and phase.
 * 2. Looking one up makes no new objects: menus ask for thousands of rows.
 */
import type { TaskStatus } from '../run-event.ts';
import type { RunPhase, RunState, TaskState } from '../run-state.ts';
import { REFUSALS, type Refusal } from './action-words.ts';
import { isOutOfReach, type RunSeen } from './whose-folder.ts';

export const TASK_ACTIONS = [
  'edit',
  'rename',
  'change-mode',
  'change-backend',
  'depends-on',
  'nest',
  'move',
  'delete',
  'clone',
  'clone-with-conversation',
  'add-below',
  'say',
  'stop',
  'stop-and-keep',
  'retry',
  'retry-elsewhere',
  'mark-done',
  'continue',
  'copy-result',
  'open-result',
] as const;
export type TaskActionName = (typeof TASK_ACTIONS)[number];

/**
 * `change`: the plan is changed, nothing else. `renew`: it is changed, and the task and what depends on it are done anew.
 * `draft`: a new run with the change is made, which waits for approval. `again`: a new run is made, and runs at once.
 * `do`: it acts on the task itself.
 */
export type RuleKind = 'change' | 'renew' | 'draft' | 'again' | 'do';

/** `what`, `why` and `whatToDo` are sentences for a person. */
export type ActionRule =
  | { readonly kind: RuleKind; readonly what: string }
  | { readonly kind: 'refused'; readonly why: string; readonly whatToDo: string };

export interface TaskSituation {
  readonly status: TaskStatus;
  readonly phase: RunPhase;
  /** The process that had the run is gone, and nobody has resumed it. */
  readonly isInterrupted?: boolean;
  /** See whose-folder.ts. */
  readonly isOutOfReach?: boolean;
  /** Its present attempt has made a call. */
  readonly hasCalls: boolean;
  /** An attempt before the present one has, or there is a result: the user's own, or one that is used again. */
  readonly hadCalls?: boolean;
}

export function ruleFor(action: TaskActionName, situation: TaskSituation): ActionRule {
  const { status, hasCalls, hadCalls } = situation;
  const cells = tableFor(situation)[action][status];
  if (typeof cells === 'string') return RULES[action][cells];
  // What an earlier attempt said and spent is lost with the task as well, and so is where a result came from.
  const counts = hasCalls || (action === 'delete' && hadCalls === true);
  return RULES[action][cells[counts ? 1 : 0]];
}

export function situationOf(task: TaskState, state: RunState, seen: RunSeen): TaskSituation {
  return {
    status: task.status,
    phase: state.phase,
    isInterrupted: seen.liveness === 'interrupted',
    isOutOfReach: isOutOfReach(seen),
    hasCalls: task.calls.length > 0,
    hadCalls: hasResult(task) || task.earlier.some((attempt) => attempt.calls.length > 0 || hasResult(attempt)),
  };
}

/** Without a call: what is used again was made in another run, and the user gives results of their own. */
function hasResult({ status }: TaskState): boolean {
  return status === 'completed';
}

/** All that are not refused. The turns of the orchestrator are no tasks: their results can be read, and that is all. */
export function actionsFor(task: TaskState, state: RunState, seen: RunSeen): readonly TaskActionName[] {
  const situation = situationOf(task, state, seen);
  const actions = task.spec === null ? READING : TASK_ACTIONS;
  return actions.filter((action) => ruleFor(action, situation).kind !== 'refused');
}

const READING = ['copy-result', 'open-result'] as const satisfies readonly TaskActionName[];

type Cell = RuleKind | Refusal;
/** A pair: without a call, with calls (for `delete` also with a result). */
type Cells = Cell | readonly [Cell, Cell];
type Row = Readonly<Record<TaskStatus, Cells>>;
type Table = Readonly<Record<TaskActionName, Row>>;

function always(cells: Cells): Row {
  return row({ pending: cells, active: cells, waiting: cells, ended: cells });
}

/** `ended` stands for the four ends, but for those that are named. */
function row(cells: Pick<Row, 'pending' | 'active' | 'waiting'> & Partial<Row> & { readonly ended: Cells }): Row {
  const { ended, ...named } = cells;
  return { completed: ended, failed: ended, cancelled: ended, skipped: ended, ...named };
}

const NEW_BRIEF = row({
  pending: ['change', 'renew'],
  active: 'busy',
  waiting: ['change', 'busy'],
  ended: 'renew',
});

/** Whatever the run does, a result can be read. */
const READ_RESULT = row({
  pending: 'no-result',
  active: 'no-result',
  waiting: 'no-result',
  ended: ['no-result', 'do'],
  completed: 'do',
  skipped: 'no-result',
});

/** Only results can be read. */
function closed(why: Refusal): Table {
  const cells = always(why);
  return {
    ...planRows(cells),
    ...actRows(cells),
    'clone-with-conversation': cells,
    'copy-result': READ_RESULT,
    'open-result': READ_RESULT,
  };
}

function planRows(cells: Row): Pick<Table, PlanAction> {
  return {
    edit: cells,
    rename: cells,
    'change-mode': cells,
    'change-backend': cells,
    'depends-on': cells,
    nest: cells,
    move: cells,
    delete: cells,
    clone: cells,
    'add-below': cells,
  };
}

function actRows(cells: Row): Pick<Table, Act> {
  return {
    say: cells,
    stop: cells,
    'stop-and-keep': cells,
    retry: cells,
    'retry-elsewhere': cells,
    'mark-done': cells,
    continue: cells,
  };
}

type Act = 'say' | 'stop' | 'stop-and-keep' | 'retry' | 'retry-elsewhere' | 'mark-done' | 'continue';
type PlanAction = Exclude<TaskActionName, Act | 'clone-with-conversation' | 'copy-result' | 'open-result'>;

const SAY = row({ pending: 'do', active: 'do', waiting: 'do', ended: 'ended-say' });
const MARK = row({ pending: 'do', active: 'do', waiting: 'do', ended: 'do', completed: 'completed' });

function doneAnew(kind: RuleKind): Row {
  const waiting = ['not-begun', kind] as const;
  return row({ pending: 'not-begun', active: kind, waiting, ended: kind, skipped: 'needs-another' });
}

/** What the user gave as its result was for the old brief. */
const BRIEF_OF_WAITING: Row = { ...always('change'), completed: 'renew' };

const APPROVING: Table = {
  ...closed('not-approved'),
  ...planRows(always('change')),
  edit: BRIEF_OF_WAITING,
  'clone-with-conversation': always(['no-conversation', 'change']),
  say: SAY,
  stop: always('not-running'),
  'stop-and-keep': always('not-running'),
  retry: { ...always('not-approved'), completed: 'do' },
  'mark-done': MARK,
};

const RUNNING: Table = {
  ...planRows(always('change')),
  edit: NEW_BRIEF,
  'depends-on': NEW_BRIEF,
  'change-mode': row({ pending: 'change', active: 'change', waiting: 'change', ended: 'ended-mode' }),
  'change-backend': row({ pending: 'change', active: 'renew', waiting: ['change', 'renew'], ended: 'renew' }),
  delete: row({
    pending: ['change', 'has-calls'],
    active: 'busy-delete',
    waiting: ['change', 'busy-delete'],
    ended: ['change', 'has-calls'],
  }),
  'clone-with-conversation': always(['no-conversation', 'change']),
  say: SAY,
  stop: row({ pending: 'do', active: 'do', waiting: 'do', ended: 'ended' }),
  'stop-and-keep': row({
    pending: 'nothing-to-keep',
    active: 'do',
    waiting: ['nothing-to-keep', 'do'],
    ended: 'ended',
  }),
  retry: doneAnew('do'),
  'retry-elsewhere': doneAnew('renew'),
  'mark-done': MARK,
  continue: row({
    pending: 'not-ended',
    active: 'not-ended',
    waiting: 'not-ended',
    ended: ['nothing-to-continue', 'change'],
  }),
  'copy-result': READ_RESULT,
  'open-result': READ_RESULT,
};

const FINISHED: Table = {
  ...closed('finished'),
  ...planRows(always('draft')),
  'clone-with-conversation': always(['no-conversation', 'draft']),
  say: always('finished-say'),
  retry: always('again'),
  'retry-elsewhere': always('again'),
  'mark-done': { ...always('draft'), completed: 'finished-mark' },
  continue: always(['nothing-to-continue', 'again']),
};

const TABLES: Readonly<Record<RunPhase, Table>> = {
  planning: closed('planning'),
  approving: APPROVING,
  running: RUNNING,
  answering: closed('answering'),
  finished: FINISHED,
};

const OUT_OF_REACH = closed('out-of-reach');
const INTERRUPTED = closed('interrupted');
/** The plan can be changed before the run is resumed. */
const INTERRUPTED_APPROVING: Table = { ...APPROVING, ...actRows(always('interrupted')) };

function tableFor(situation: TaskSituation): Table {
  const { phase, isInterrupted } = situation;
  if (situation.isOutOfReach === true) return OUT_OF_REACH;
  if (isInterrupted !== true || phase === 'finished') return TABLES[phase];
  return phase === 'approving' ? INTERRUPTED_APPROVING : INTERRUPTED;
}

const KINDS: Readonly<Record<RuleKind, string>> = {
  change: 'The plan is changed.',
  renew: 'The plan is changed, and the task is done anew with all that depends on it.',
  draft: 'A new run is made with this change, and waits for your approval.',
  again: 'A new run is made: it does the task anew, all that depends on it, and all that has no result.',
  do: 'It is done at once.',
};

/** Where an action has more to say than its kind. */
const WHAT: Readonly<Partial<Record<TaskActionName, Partial<Record<RuleKind, string>>>>> = {
  'change-mode': { change: 'The mode counts from its next call on.' },
  'change-backend': { change: 'Its calls go there.' },
  delete: { change: 'It is taken out of the plan; what depends on it no longer does.' },
  clone: { change: 'Its copy comes right after it.' },
  'clone-with-conversation': { change: 'Its copy comes right after it, and goes on from what was said.' },
  say: { do: 'Its next call hears it.' },
  stop: { do: 'It is cancelled, and what depends on it is skipped.' },
  'stop-and-keep': { do: 'It ends, and what there is becomes its result.' },
  retry: { do: 'It is done anew with all that depends on it.' },
  'retry-elsewhere': { renew: 'It is done anew on that backend, with all that depends on it.' },
  'mark-done': {
    do: 'It is done, with the result that you give.',
    draft: 'A new run is made in which it is done, with the result that you give, and waits for your approval.',
  },
  continue: {
    change: 'A new task goes on from its conversation.',
    again:
      'A new run is made, with a task that goes on from its conversation. All that has no result is done there, too.',
  },
  'copy-result': { do: 'Its result is copied.' },
  'open-result': { do: 'Its result is opened.' },
};

const RULES: Readonly<Record<TaskActionName, Readonly<Record<Cell, ActionRule>>>> = allRules();

function allRules(): Record<TaskActionName, Record<Cell, ActionRule>> {
  const refusals = Object.fromEntries(
    Object.entries(REFUSALS).map(([name, text]) => [name, { kind: 'refused', ...text }]),
  ) as Record<Refusal, ActionRule>;
  const rulesOf = (action: TaskActionName): Record<Cell, ActionRule> => {
    const rule = (kind: RuleKind): ActionRule => ({ kind, what: WHAT[action]?.[kind] ?? KINDS[kind] });
    return {
      ...refusals,
      change: rule('change'),
      renew: rule('renew'),
      draft: rule('draft'),
      again: rule('again'),
      do: rule('do'),
    };
  };
  return Object.fromEntries(TASK_ACTIONS.map((action) => [action, rulesOf(action)])) as Record<
    TaskActionName,
    Record<Cell, ActionRule>
  >;
}
