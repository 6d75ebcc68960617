/**
 * What the panel of a run's graph shows, from the fold of the run. Pure: nothing here reads or waits.
 *
 * Owns: the tasks made so far, so that one whose sources did not change is the same object, and the order of the backends. Does
 * not own: layout, what is folded away, sending.
 */
import { formatUsd, totalTokens } from '../../app/amounts.ts';
import {
  asksWhom,
  livenessOf,
  runTitle,
  runWord,
  taskWord,
  waitsFor,
  waitWords,
  type View,
} from '../../app/run-text.ts';
import { oneLine } from '../../app/safe-text.ts';
import { parentOf } from '../../app/task-forest.ts';
import { showHidden } from '../../base/hidden-characters.ts';
import { plural } from '../../base/plural.ts';
import { describeFailure } from '../../core/failure.ts';
import { ANSWER_TASK, PLAN_TASK } from '../../core/plan/plan.ts';
import type { RunLiveness } from '../../core/ports.ts';
import { payloadText } from '../../core/run-event.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import type { GraphFact, GraphHead, GraphSpend, GraphTask, GraphView } from '../../webview/graph/graph-view.ts';
import { describePlanned } from '../tree/row-plan.ts';
import { attemptsOf } from './graph-attempts.ts';

interface Kept {
  readonly sources: readonly unknown[];
  readonly task: GraphTask;
}

export class GraphModel {
  readonly #backends = new Set<string>();
  #kept = new Map<string, Kept>();

  show(state: RunState, liveness: RunLiveness): GraphView {
    // No time that goes on is in a view: the page counts it.
    const view: View = { nowMs: 0, liveness };
    const kept = new Map<string, Kept>();
    const tasks = [...turn(state, PLAN_TASK), ...state.tasks.values(), ...turn(state, ANSWER_TASK)].map((task) => {
      const one = this.#keep(task, state, view);
      kept.set(task.id, one);
      for (const backend of backendsOf(one.task)) this.#backends.add(backend);
      return one.task;
    });
    this.#kept = kept;
    return { head: headOf(state, view), tasks, backends: [...this.#backends] };
  }

  #keep(task: TaskState, state: RunState, view: View): Kept {
    const sources = sourcesOf(task, state, view);
    const before = this.#kept.get(task.id);
    const isSame =
      before !== undefined &&
      before.sources.length === sources.length &&
      before.sources.every((source, index) => source === sources[index]);
    return isSame ? before : { sources, task: graphTask(task, state, view) };
  }
}

/** All that `graphTask` looks at. */
function sourcesOf(task: TaskState, state: RunState, view: View): readonly unknown[] {
  const liveness = livenessOf(state, view);
  const needed = (task.spec?.dependsOn ?? []).map((id) => state.tasks.get(id));
  const because = [task.skippedBecause, task.retriedBecause].map((id) => state.tasks.get(id ?? ''));
  // That hangs on how its supervisor fares.
  const asks = [task, ...needed].map((one) => one && asksWhom(one, state));
  const leftAtMs = liveness === 'interrupted' ? state.lastAtMs : null;
  return [task, state.phase, state.waiting, liveness, leftAtMs, parentOf(state, task), ...needed, ...because, ...asks];
}

function backendsOf({ attempts, backend }: GraphTask): readonly string[] {
  const places = attempts.flatMap((attempt) => attempt.places.map((place) => place.backend));
  return [...places, backend].filter((one) => one !== null);
}

function turn({ turns }: RunState, id: string): readonly TaskState[] {
  const task = turns.get(id);
  return task === undefined ? [] : [task];
}

function headOf(state: RunState, view: View): GraphHead {
  const done = [...state.tasks.values()].filter(({ status }) => status === 'completed').length;
  const word = runWord(state, view);
  return {
    run: state.run,
    title: shown(runTitle(state), 80),
    word,
    detail: [
      ...(state.tasks.size === 0 ? [] : [`${done}/${plural(state.tasks.size, 'task')}`]),
      ...(state.spent.iterations === 0 ? [] : [formatUsd(state.spent)]),
    ].join(' · '),
    time: { fromMs: state.startedAtMs, toMs: runEnd(state, view) },
    empty: state.tasks.size > 0 ? null : whyEmpty(state, view),
  };
}

function whyEmpty(state: RunState, view: View): string {
  if (livenessOf(state, view) === 'interrupted') return 'It was interrupted before there was a plan.';
  if (state.phase === 'finished') return 'It has no tasks: it ended without a plan.';
  return state.phase === 'answering' ? 'It is answered directly, without tasks.' : 'The plan is being made.';
}

/** Null while it goes on; of an interrupted run, the last that is known of it. */
function runEnd(state: RunState, view: View): number | null {
  if (state.endedAtMs !== null) return state.endedAtMs;
  return livenessOf(state, view) === 'running' ? null : Math.max(state.startedAtMs, state.lastAtMs);
}

function graphTask(task: TaskState, state: RunState, view: View): GraphTask {
  return {
    id: task.id,
    title: shown(task.title, 200),
    mode: task.spec?.mode ?? null,
    parent: parentOf(state, task) ?? null,
    needs: [...new Set(task.spec?.dependsOn ?? [])].filter((id) => state.tasks.has(id)),
    word: taskWord(task, state, view),
    backend: task.backend,
    marks: marksOf(task),
    waits: waitsText(task, state, view),
    attempts: attemptsOf(task, state, view),
    spent: spentOf(task),
    facts: factsOf(task, state, view),
  };
}

function marksOf(task: TaskState): readonly string[] {
  return [
    ...(task.reusedFrom === null ? [] : ['reused']),
    ...(task.earlier.length === 0 ? [] : [`attempt ${task.earlier.length + 1}`]),
    ...(task.isMarked ? ['done by you'] : []),
    ...(task.isKept ? ['stopped and kept'] : []),
    ...(task.status === 'completed' && task.partial && !task.isKept ? ['partial'] : []),
  ];
}

/** Empty: it has ended, or nobody goes on with it. */
function waitsText(task: TaskState, state: RunState, view: View): string {
  const word = taskWord(task, state, view);
  if (word === 'waiting' || word === 'active') return waitWords(task, state) ?? 'waits for nothing';
  if (word !== 'pending') return '';
  const waits = waitsFor(task, state);
  if (waits.length > 0)
    return `waits for ${waits.length === 1 ? shown(waits[0]?.title ?? '', 60) : plural(waits.length, 'task')}`;
  if (state.phase === 'approving') return 'waits for your approval';
  return livenessOf(state, view) === 'running' ? 'waits for a free slot' : 'not started';
}

const WAITS_NAMED = 6;

function factsOf(task: TaskState, state: RunState, view: View): readonly GraphFact[] {
  const waits = task.status === 'pending' ? waitsFor(task, state) : [];
  const named = waits.slice(0, WAITS_NAMED).map((one) => `${shown(one.title, 60)} (${taskWord(one, state, view)})`);
  const more = waits.length > WAITS_NAMED ? [`${plural(waits.length - WAITS_NAMED, 'task')} more`] : [];
  return [
    ...fact('Waits for', [...named, ...more].join(', ')),
    ...fact('Asks', question(task)),
    ...routeFacts(task),
    ...(state.phase === 'approving' && task.status === 'pending' ? fact('Planned', describePlanned(task, state)) : []),
    ...fact('Skipped because', nameOf(task.skippedBecause, state, 'did not complete')),
    ...fact('Done anew because', nameOf(task.retriedBecause, state, 'was done anew')),
    ...(task.failure === null ? [] : fact('Failure', shown(describeFailure(task.failure), 400))),
  ];
}

function spentOf({ spent }: TaskState): GraphSpend {
  const { iterations, tokensKnown, usd, usdKnown } = spent;
  return { calls: iterations, tokens: totalTokens(spent), tokensKnown, usd, usdKnown };
}

function fact(name: string, value: string): readonly GraphFact[] {
  return value === '' ? [] : [{ name, value }];
}

function question(task: TaskState): string {
  if (task.status !== 'waiting') return '';
  const asked = task.talk.findLast(({ by }) => by === 'task');
  const text = asked === undefined ? '' : payloadText(asked.text);
  return text === '' ? 'for your first word' : shown(text, 300);
}

function routeFacts({ route, backend }: TaskState): readonly GraphFact[] {
  if (route === null) return fact('Backend', backend ?? '');
  if (route.kind === 'no_fit') return fact('No backend fits', shown(route.why, 300));
  return [...fact('Backend', shown(backend ?? route.backend, 100)), ...fact('Chosen because', shown(route.why, 300))];
}

function nameOf(id: string | null, { tasks }: RunState, what: string): string {
  return id === null ? '' : `${shown(tasks.get(id)?.title ?? id, 60)} ${what}`;
}

/** Titles and questions are texts of models: what cannot be seen in them is named before they are cut. */
function shown(text: string, maxChars: number): string {
  return oneLine(showHidden(text.slice(0, maxChars * 8).replaceAll(/\s+/g, ' ')), maxChars);
}
