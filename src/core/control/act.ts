/**
 * What a person wants of a run that goes on in this process, done.
 *
 * Owns: the order in which wishes take effect, and the events that they end in. Does not own: what is allowed
 * (action-table.ts), for which tasks (wished-tasks.ts, allowed-edits.ts), how a plan changes (plan-edit.ts), how that takes
 * effect on tasks that run (take-effect.ts), what is done to tasks (task-acts.ts), attempts (running-tasks.ts).
 *
 * 1. Wishes take effect one after the other; each sees what the one before has changed.
 * 2. A wish ends in events, or is refused and changes nothing. What did not happen is never told as done: what a task came to
 *    meanwhile is looked at after its events are in the journal.
 * 3. A task that is taken from its attempt is not begun anew before the events that say why are in the journal.
 * 4. What a person says is in the journal before the task hears it.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { ActionDone, PersonAction, Tasks } from '../person-action.ts';
import type { PlanLimits } from '../plan/plan-check.ts';
import { editPlan } from '../plan/plan-edit.ts';
import { applyChange, changeBetween, isNoChange } from '../plan/plan-change.ts';
import { takenBack } from '../plan/plan-undo.ts';
import type { RunContext } from '../run-context.ts';
import type { RunEventBody } from '../run-event.ts';
import { planOf, type TaskState } from '../run-state.ts';
import type { TaskActionName } from './action-table.ts';
import { REFUSALS } from './action-words.ts';
import { allowedEdits, without, type AllowedEdits, type EditPlan } from './allowed-edits.ts';
import { waitingAgain } from './approval.ts';
import { continuation } from './continuation.ts';
import { askedOf } from './edit-actions.ts';
import { leftOut, refused, refusedBy, stoppedByUser } from './refusals.ts';
import { recorded, takeEffect, type Wish } from './take-effect.ts';
import { markTasks, retryTasks, sayTo, stopTasks, type ActedOn } from './task-acts.ts';
import { wishedTasks, type WishedTasks } from './wished-tasks.ts';

type Done = Result<ActionDone, Failure>;

export class RunActions {
  readonly #ctx: RunContext;

  constructor(ctx: RunContext) {
    this.#ctx = ctx;
  }

  act(action: PersonAction): Promise<Done> {
    // Stopping is not put in line: it ends what others wait for.
    if (action.kind === 'cancel') return this.#cancel();
    return this.#ctx.inLine(() => this.#act(action));
  }

  /** Resolves when the plan is there, or none will be. */
  async planned(): Promise<void> {
    const { running } = this.#ctx;
    while (this.#ctx.state.phase === 'planning' && this.#ctx.stopped === undefined) await running.next();
  }

  async #act(action: Exclude<PersonAction, { readonly kind: 'cancel' }>): Promise<Done> {
    const release = this.#ctx.running.hold();
    if (release === undefined || this.#ctx.stopped !== undefined) {
      release?.();
      return err(
        refused('The tasks of this run have ended.', 'Wait for its answer, then change the plan and run it again.'),
      );
    }
    try {
      return await this.#do(action);
    } finally {
      release();
    }
  }

  #do(action: Exclude<PersonAction, { readonly kind: 'cancel' }>): Promise<Done> {
    switch (action.kind) {
      case 'approve':
        return this.#approve(action);
      case 'edit-plan':
        return this.#edit(action);
      case 'undo-plan':
        return this.#undo();
      case 'say':
        return this.#onTasks(action, 'say', ([task]) => sayTo(this.#ctx, task, action.text));
      case 'stop-task':
        return this.#onTasks(action, action.keep ? 'stop-and-keep' : 'stop', (tasks) =>
          stopTasks(this.#ctx, tasks, action.keep),
        );
      case 'retry':
        return this.#onTasks(action, action.target === undefined ? 'retry' : 'retry-elsewhere', (tasks) =>
          retryTasks(this.#ctx, tasks, action.target),
        );
      case 'mark-done':
        return this.#onTasks(action, 'mark-done', (tasks) => markTasks(this.#ctx, tasks, action.result));
      case 'continue':
        return this.#continue(action);
    }
  }

  async #cancel(): Promise<Done> {
    const ctx = this.#ctx;
    ctx.stop('cancel', stoppedByUser());
    return ok({ run: ctx.run, what: 'Cancelled the run' });
  }

  async #approve({ revision }: Extract<PersonAction, { readonly kind: 'approve' }>): Promise<Done> {
    const ctx = this.#ctx;
    if (ctx.state.phase !== 'approving')
      return err(refused('This plan does not wait for you any more.', 'See in the tasks view how far it is.'));
    if (revision !== undefined && revision !== ctx.state.revision)
      return err(changedMeanwhile('run it if it is as you want it'));
    return this.#written([{ type: 'plan.approved' }], { what: 'The plan runs' });
  }

  async #edit(action: EditPlan): Promise<Done> {
    const { state, options, agents } = this.#ctx;
    const { revision } = action;
    if (state.phase === 'planning') return err(refused(REFUSALS.planning.why, REFUSALS.planning.whatToDo));
    if (revision !== undefined && revision !== state.revision)
      return err(changedMeanwhile('make your change once more'));
    const limits = { maxTasks: options.maxTasks, maxEdges: options.maxEdges, agents };
    const allowed = allowedEdits(action, { state, liveness: 'running', limits });
    if (!allowed.ok) return allowed;
    const wish = this.#editWish(action, allowed.value, limits);
    if (!wish.ok) return wish;
    const { change, done } = wish.value;
    return change === undefined ? ok({ run: this.#ctx.run, ...done }) : this.#changed(wish.value);
  }

  #editWish(action: EditPlan, { edits, left }: AllowedEdits, limits: PlanLimits): Result<Wish, Failure> {
    const before = planOf(this.#ctx.state);
    const edited = editPlan(before, edits, limits);
    if (!edited.ok) return edited;
    const { tasks, what, added } = edited.value;
    const change = changeBetween(before, tasks, what);
    const [newest] = added;
    return ok({
      ...(isNoChange(change)
        ? { done: { what: 'Nothing changed', ...leftOut(left) } }
        : { change, done: { what, ...(newest === undefined ? {} : { task: newest }), ...leftOut(left) } }),
      asked: askedOf(before, tasks, edits),
      refuse: (_task, rule) => refusedBy(rule),
      // While attempts ended, these came to where they do not allow it.
      without: (refusals) => {
        const less = without(action, { edits, left }, refusals);
        return less.ok ? this.#editWish(action, less.value, limits) : less;
      },
    });
  }

  async #undo(): Promise<Done> {
    const { state } = this.#ctx;
    const change = state.undo.at(-1);
    if (change === undefined)
      return err(refused('There is no change of the plan to take back.', 'Change the plan as you like.'));
    const before = planOf(state);
    const back = takenBack(before, change);
    // A mode that is taken back counts from the next call on, or not at all: no reason to refuse it.
    const asked = askedOf(before, applyChange(before, back), []).filter(({ action }) => action !== 'change-mode');
    return this.#changed({
      change: back,
      undoes: true,
      also: whatTheyHad(change.lost),
      asked,
      refuse: ({ title }, { kind }) =>
        kind === 'change'
          ? undefined
          : refused(
              `"${title}" has been begun since, so that change cannot be taken back.`,
              'Change the plan instead.',
            ),
      done: { what: change.what },
    });
  }

  /** Makes a new estimate while the plan waits. */
  async #changed(wish: Wish): Promise<Done> {
    const done = await takeEffect(this.#ctx, wish);
    if (!done.ok) return done;
    await this.#estimateAnew();
    return ok({ run: this.#ctx.run, ...done.value });
  }

  async #estimateAnew(): Promise<void> {
    const ctx = this.#ctx;
    if (ctx.state.phase === 'approving') await ctx.append(...(await waitingAgain(ctx, planOf(ctx.state))));
  }

  async #continue({ task: id, text }: Extract<PersonAction, { readonly kind: 'continue' }>): Promise<Done> {
    const { state } = this.#ctx;
    const found = wishedTasks(id, 'continue', { state, liveness: 'running' });
    if (!found.ok) return found;
    const [task] = found.value.tasks;
    return this.#edit({ kind: 'edit-plan', edits: [continuation(state, task, text)] });
  }

  async #onTasks(
    { task }: { readonly task: Tasks },
    name: TaskActionName,
    act: (tasks: WishedTasks['tasks']) => Promise<ActedOn>,
  ): Promise<Done> {
    const { state, run } = this.#ctx;
    const found = wishedTasks(task, name, { state, liveness: 'running' });
    if (!found.ok) return found;
    const done = await act(found.value.tasks);
    if (!done.ok) return done;
    if (name !== 'say') await this.#estimateAnew();
    const { what, left } = done.value;
    return ok({ run, what, ...leftOut([...found.value.left, ...left]) });
  }

  async #written(bodies: readonly RunEventBody[], done: Omit<ActionDone, 'run'>): Promise<Done> {
    const written = await recorded(this.#ctx, bodies);
    return written.ok ? ok({ run: this.#ctx.run, ...done }) : written;
  }
}

/** Of tasks that come back: what the user had said to them, and what they had come to without a call. */
function whatTheyHad(tasks: readonly TaskState[]): readonly RunEventBody[] {
  return tasks.flatMap(({ id, talk, status, result, resultKey }): RunEventBody[] => [
    ...talk.flatMap(({ by, text }) => (by === 'user' ? [{ type: 'message.said' as const, task: id, text }] : [])),
    ...(status === 'completed' && result !== null
      ? [{ type: 'task.marked' as const, task: id, result, ...(resultKey === null ? {} : { key: resultKey }) }]
      : []),
    ...(status === 'cancelled' ? [{ type: 'task.cancelled' as const, task: id, partial: '' }] : []),
  ]);
}

function changedMeanwhile(then: string): Failure {
  return refused('The plan was changed meanwhile.', `Look at it as it is now, and ${then}.`);
}
