/**
 * What a person wants of a run that goes on in this process, done.
 *
 * Owns: the order in which wishes take effect, and the events that they end in. Does not own: what is allowed
 * (action-table.ts), how a plan changes (plan-edit.ts), attempts (running-tasks.ts).
 *
 * 1. Wishes take effect one after the other; each sees what the one before has changed.
 * 2. A wish ends in events, or is refused and changes nothing.
 * 3. A task that is taken from its attempt is not begun anew before the events that say why are in the journal.
 * 4. What a person says is in the journal before the task hears it.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../failure.ts';
import type { ActionDone, PersonAction } from '../person-action.ts';
import { editPlan, type PlanEdit } from '../plan-edit.ts';
import { changeBetween, type PlanChange } from '../plan-change.ts';
import type { TaskSpec } from '../plan.ts';
import type { RunContext } from '../run-context.ts';
import type { RunEventBody } from '../run-event.ts';
import { isTerminal, type TaskState } from '../run-state.ts';
import { briefKey } from '../reuse/brief.ts';
import { dependentsOf } from '../schedule.ts';
import { ruleFor, situationOf, type ActionRule, type TaskActionName } from './action-table.ts';
import { waitingAgain } from './approval.ts';
import { continuation } from './continuation.ts';
import { askedOf } from './edit-actions.ts';

type Done = Result<ActionDone, Failure>;

export class RunActions {
  readonly #ctx: RunContext;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ctx: RunContext) {
    this.#ctx = ctx;
  }

  act(action: PersonAction): Promise<Done> {
    // Stopping is not put in line: it ends what others wait for.
    if (action.kind === 'cancel') return this.#cancel();
    const done = this.#last.then(() => this.#act(action));
    this.#last = done.catch(() => undefined);
    return done;
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
        return this.#approve();
      case 'edit-plan':
        return this.#edit(action);
      case 'undo-plan':
        return this.#undo();
      case 'say':
        return this.#withTask(action.task, 'say', (task) => this.#say(task, action.text));
      case 'stop-task':
        return this.#withTask(action.task, action.keep ? 'stop-and-keep' : 'stop', (task) =>
          this.#stop(task, action.keep),
        );
      case 'retry':
        return this.#withTask(action.task, action.target === undefined ? 'retry' : 'retry-elsewhere', (task) =>
          this.#retry(task, action.target),
        );
      case 'mark-done':
        return this.#withTask(action.task, 'mark-done', (task) => this.#mark(task, action.result));
      case 'continue':
        return this.#withTask(action.task, 'continue', (task) => this.#continue(task, action.text));
    }
  }

  async #cancel(): Promise<Done> {
    const ctx = this.#ctx;
    ctx.stop('cancel', stoppedByUser());
    return ok({ run: ctx.run, what: 'Cancelled the run' });
  }

  async #approve(): Promise<Done> {
    const ctx = this.#ctx;
    if (ctx.state.phase !== 'approving')
      return err(refused('This plan does not wait for you any more.', 'See in the tasks view how far it is.'));
    return this.#written([{ type: 'plan.approved' }], { what: 'The plan runs' });
  }

  async #edit({ edits, revision }: Extract<PersonAction, { readonly kind: 'edit-plan' }>): Promise<Done> {
    const { state, options } = this.#ctx;
    if (revision !== undefined && revision !== state.revision)
      return err(
        refused('The plan was changed meanwhile.', 'Look at it as it is now, and make your change once more.'),
      );
    const before = this.#specs();
    const edited = editPlan(before, edits, { maxTasks: options.maxTasks, maxEdges: options.maxEdges });
    if (!edited.ok) return edited;
    const { tasks, what, added } = edited.value;
    const asked = askedOf(before, tasks, edits);
    const renewed: string[] = [];
    for (const { task, action } of asked) {
      const known = state.tasks.get(task);
      const rule = known === undefined ? undefined : this.#rule(action, known);
      if (rule?.kind === 'refused') return err(refused(rule.why, rule.whatToDo));
      if (rule?.kind === 'renew') renewed.push(task);
    }
    const change = changeBetween(before, tasks, what);
    if (isEmpty(change)) return ok({ run: this.#ctx.run, what: 'Nothing changed' });
    const [newest] = added;
    return this.#changed(change, { renewed, done: { what, ...(newest === undefined ? {} : { task: newest }) } });
  }

  async #undo(): Promise<Done> {
    const { state } = this.#ctx;
    const change = state.undo.at(-1);
    if (change === undefined)
      return err(refused('There is no change of the plan to take back.', 'Change the plan as you like.'));
    for (const [id, action] of [
      ...change.put.map(({ id }) => [id, 'edit'] as const),
      ...change.removed.map((id) => [id, 'delete'] as const),
    ]) {
      const task = state.tasks.get(id);
      const rule = task === undefined ? undefined : this.#rule(action, task);
      if (rule !== undefined && rule.kind !== 'change')
        return err(
          refused(
            `"${task?.title ?? id}" has been begun since, so that change cannot be taken back.`,
            'Change the plan instead.',
          ),
        );
    }
    return this.#changed(change, { renewed: [], undoes: true, done: { what: change.what } });
  }

  /** The plan as changed, what has to be done anew because of it, and a new estimate while it waits. */
  async #changed(
    change: PlanChange,
    how: { readonly renewed: readonly string[]; readonly undoes?: boolean; readonly done: Omit<ActionDone, 'run'> },
  ): Promise<Done> {
    const ctx = this.#ctx;
    const edited: RunEventBody = { type: 'plan.edited', change, undoes: how.undoes === true };
    // A task that waits for a slot, or for the user's first word, would go on with the old brief.
    const begun = change.put.map(({ id }) => id).filter((id) => ctx.running.has(id) && !this.#isAtWork(id));
    const giveBack = await ctx.running.takeOver([...begun, ...change.removed]);
    try {
      const waiting = begun.filter((id) => ctx.state.tasks.get(id)?.status === 'waiting');
      const written = await this.#written(
        [edited, ...waiting.map((task) => ({ type: 'task.retried' as const, task, because: null }))],
        how.done,
      );
      if (!written.ok) return written;
      if (how.renewed.length > 0 && !(await this.#renew(how.renewed))) return err(notWritten());
      if (ctx.state.phase === 'approving') await ctx.append(...(await waitingAgain(ctx, this.#specs())));
      return written;
    } finally {
      giveBack();
    }
  }

  /** What is changed of it counts from its next call on. */
  #isAtWork(id: string): boolean {
    const task = this.#ctx.state.tasks.get(id);
    return task?.status === 'active' || (task?.status === 'waiting' && task.calls.length > 0);
  }

  async #say(task: TaskState, text: string): Promise<Done> {
    const said = await this.#written([{ type: 'message.said', task: task.id, text }], {
      what: task.status === 'waiting' ? `Answered "${task.title}"` : `Said it to "${task.title}"`,
    });
    if (said.ok) this.#ctx.running.control(task.id)?.said();
    return said;
  }

  async #stop(task: TaskState, keep: boolean): Promise<Done> {
    const { running, run } = this.#ctx;
    if (running.control(task.id) === undefined)
      return this.#written([{ type: 'task.cancelled', task: task.id, partial: '' }], {
        what: `Cancelled "${task.title}"`,
      });
    await running.end(task.id, keep ? 'keep' : 'now');
    const now = this.#ctx.state.tasks.get(task.id);
    if (keep && now?.status === 'cancelled')
      return ok({ run, what: `Stopped "${task.title}"; nothing had arrived that could be kept` });
    return ok({ run, what: keep ? `Stopped "${task.title}" and kept what there was` : `Cancelled "${task.title}"` });
  }

  async #retry(task: TaskState, target: string | undefined): Promise<Done> {
    if (target !== undefined) {
      const edits: readonly PlanEdit[] = [{ kind: 'set', task: task.id, fields: { target } }];
      const moved = await this.#setTarget(edits);
      if (!moved.ok) return moved;
    }
    if (!(await this.#renew([task.id]))) return err(notWritten());
    return ok({
      run: this.#ctx.run,
      what: target === undefined ? `"${task.title}" is tried again` : `"${task.title}" is tried again on ${target}`,
    });
  }

  async #setTarget(edits: readonly PlanEdit[]): Promise<Done> {
    const { options, deps } = this.#ctx;
    const before = this.#specs();
    const targets = deps.roster.backends().map(({ description }) => description.id);
    const edited = editPlan(before, edits, { maxTasks: options.maxTasks, maxEdges: options.maxEdges, targets });
    if (!edited.ok) return edited;
    const change = changeBetween(before, edited.value.tasks, edited.value.what);
    return this.#written(isEmpty(change) ? [] : [{ type: 'plan.edited', change, undoes: false }], {
      what: change.what,
    });
  }

  async #mark(task: TaskState, result: string): Promise<Done> {
    const { running } = this.#ctx;
    const giveBack = await running.takeOver([task.id]);
    try {
      const now = this.#ctx.state.tasks.get(task.id);
      // It ended by itself while it was being taken over.
      if (now?.status === 'completed')
        return err(refused(`"${task.title}" has just completed.`, 'Use its result, or retry it.'));
      const isEnded = now !== undefined && isTerminal(now.status);
      const revived = isEnded ? this.#skippedBy(task.id) : [];
      return await this.#written(
        [
          ...(isEnded ? [{ type: 'task.retried' as const, task: task.id, because: null }] : []),
          {
            type: 'task.marked',
            task: task.id,
            result,
            ...(now?.spec == null ? {} : { key: await briefKey(now.spec) }),
          },
          ...revived.map((id) => ({ type: 'task.retried' as const, task: id, because: task.id })),
        ],
        { what: `Marked "${task.title}" as done` },
      );
    } finally {
      giveBack();
    }
  }

  async #continue(task: TaskState, text: string): Promise<Done> {
    return this.#edit({ kind: 'edit-plan', edits: [continuation(this.#ctx.state, task, text)] });
  }

  /** New attempts of these and of all that need their results. */
  async #renew(tasks: readonly string[]): Promise<boolean> {
    const { running, state } = this.#ctx;
    const dependents = dependentsOf(this.#specs(), tasks).filter(
      (id) => running.has(id) || state.tasks.get(id)?.status !== 'pending',
    );
    const giveBack = await running.takeOver([...tasks, ...dependents]);
    try {
      const [first] = tasks;
      return await this.#ctx.append(
        ...tasks.map((task) => ({ type: 'task.retried' as const, task, because: null })),
        ...dependents.map((task) => ({ type: 'task.retried' as const, task, because: first ?? null })),
      );
    } finally {
      giveBack();
    }
  }

  #skippedBy(task: string): readonly string[] {
    const { state } = this.#ctx;
    return dependentsOf(this.#specs(), [task]).filter((id) => state.tasks.get(id)?.skippedBecause === task);
  }

  async #withTask(id: string, name: TaskActionName, act: (task: TaskState) => Promise<Done>): Promise<Done> {
    const task = this.#ctx.state.tasks.get(id);
    if (task === undefined) return err(refused(`The plan has no task ${id}.`, 'Pick a task in the tasks view.'));
    const rule = this.#rule(name, task);
    return rule.kind === 'refused' ? err(refused(rule.why, rule.whatToDo)) : act(task);
  }

  #rule(action: TaskActionName, task: TaskState): ActionRule {
    return ruleFor(action, situationOf(task, this.#ctx.state, 'running'));
  }

  #specs(): readonly TaskSpec[] {
    return [...this.#ctx.state.tasks.values()].flatMap(({ spec }) => (spec === null ? [] : [spec]));
  }

  async #written(bodies: readonly RunEventBody[], done: Omit<ActionDone, 'run'>): Promise<Done> {
    return (await this.#ctx.append(...bodies)) ? ok({ run: this.#ctx.run, ...done }) : err(notWritten());
  }
}

function isEmpty(change: PlanChange): boolean {
  return change.put.length === 0 && change.removed.length === 0 && change.order === null;
}

export function refused(message: string, whatToDo: string): Failure {
  return failure('rejected', message, { whatToDo });
}

export function stoppedByUser(): Failure {
  return failure('cancelled', 'You stopped the run.', {
    whatToDo: 'Ask again when you like; finished tasks are kept in the record.',
  });
}

function notWritten(): Failure {
  return failure('journal', 'It could not be recorded, so it was not done.', {
    whatToDo: 'See the Orchestrator log, then resume the run.',
  });
}
