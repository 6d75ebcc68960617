/**
 * What a person wants of a run that goes on in this process, done.
 *
 * Owns: the order in which wishes take effect, and the events that they end in. Does not own: what is allowed
 * (action-table.ts), how a plan changes (plan-edit.ts), how that takes effect on tasks that run (take-effect.ts), attempts
 * (running-tasks.ts).
 *
 * 1. Wishes take effect one after the other; each sees what the one before has changed.
 * 2. A wish ends in events, or is refused and changes nothing. What did not happen is never told as done: what a task came to
 *    meanwhile is looked at after its events are in the journal.
 * 3. A task that is taken from its attempt is not begun anew before the events that say why are in the journal.
 * 4. What a person says is in the journal before the task hears it.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { ActionDone, PersonAction } from '../person-action.ts';
import { editPlan, type PlanEdit } from '../plan/plan-edit.ts';
import { applyChange, changeBetween, isNoChange, type PlanChange } from '../plan/plan-change.ts';
import { takenBack } from '../plan/plan-undo.ts';
import type { RunContext } from '../run-context.ts';
import type { RunEventBody } from '../run-event.ts';
import { isTerminal, planOf, type TaskState } from '../run-state.ts';
import { briefKey } from '../reuse/brief.ts';
import { ruleFor, situationOf, type TaskActionName } from './action-table.ts';
import { REFUSALS } from './action-words.ts';
import { waitingAgain } from './approval.ts';
import { continuation } from './continuation.ts';
import { askedOf } from './edit-actions.ts';
import { cancelUnbegun } from './end-unbegun.ts';
import { justEnded, notWritten, refused, refusedBy, stoppedByUser } from './refusals.ts';
import { recorded, revived, takeEffect, type Wish } from './take-effect.ts';

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

  async #approve({ revision }: Extract<PersonAction, { readonly kind: 'approve' }>): Promise<Done> {
    const ctx = this.#ctx;
    if (ctx.state.phase !== 'approving')
      return err(refused('This plan does not wait for you any more.', 'See in the tasks view how far it is.'));
    if (revision !== undefined && revision !== ctx.state.revision)
      return err(changedMeanwhile('run it if it is as you want it'));
    return this.#written([{ type: 'plan.approved' }], { what: 'The plan runs' });
  }

  async #edit({ edits, revision }: Extract<PersonAction, { readonly kind: 'edit-plan' }>): Promise<Done> {
    const { state, options } = this.#ctx;
    if (state.phase === 'planning') return err(refused(REFUSALS.planning.why, REFUSALS.planning.whatToDo));
    if (revision !== undefined && revision !== state.revision)
      return err(changedMeanwhile('make your change once more'));
    const before = planOf(state);
    const { maxTasks, maxEdges } = options;
    const edited = editPlan(before, edits, { maxTasks, maxEdges, agents: this.#ctx.agents });
    if (!edited.ok) return edited;
    const { tasks, what, added } = edited.value;
    const change = changeBetween(before, tasks, what);
    const asked = askedOf(before, tasks, edits);
    if (isNoChange(change)) return ok({ run: this.#ctx.run, what: 'Nothing changed' });
    const [newest] = added;
    return this.#changed(
      { change, asked, refuse: (_task, rule) => refusedBy(rule) },
      { what, ...(newest === undefined ? {} : { task: newest }) },
    );
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
    return this.#changed(
      {
        change: back,
        undoes: true,
        asked,
        refuse: ({ title }, { kind }) =>
          kind === 'change'
            ? undefined
            : refused(
                `"${title}" has been begun since, so that change cannot be taken back.`,
                'Change the plan instead.',
              ),
      },
      { what: change.what },
    );
  }

  /** Makes a new estimate while the plan waits. */
  async #changed(wish: Wish, done: Omit<ActionDone, 'run'>): Promise<Done> {
    const ctx = this.#ctx;
    const changed = await takeEffect(ctx, wish);
    if (!changed.ok) return changed;
    await this.#estimateAnew();
    return ok({ run: ctx.run, ...done });
  }

  async #estimateAnew(): Promise<void> {
    const ctx = this.#ctx;
    if (ctx.state.phase === 'approving') await ctx.append(...(await waitingAgain(ctx, planOf(ctx.state))));
  }

  async #say(task: TaskState, text: string): Promise<Done> {
    const said = await this.#written([{ type: 'message.said', task: task.id, text }], {
      what: task.status === 'waiting' ? `Answered "${task.title}"` : `Said it to "${task.title}"`,
    });
    if (!said.ok) return said;
    const now = this.#now(task);
    if (wordsTo(now) === wordsTo(task)) return err(justEnded(now));
    this.#ctx.running.control(task.id)?.said();
    return said;
  }

  async #stop(task: TaskState, keep: boolean): Promise<Done> {
    const { running, run } = this.#ctx;
    if (running.control(task.id) === undefined) await this.#cancelUnbegun(task);
    else await running.end(task.id, keep ? 'keep' : 'now');
    const now = this.#now(task);
    if (now.status === 'cancelled')
      return ok({
        run,
        what: keep ? `Stopped "${task.title}"; nothing had arrived that could be kept` : `Cancelled "${task.title}"`,
      });
    if (now.isKept) return ok({ run, what: `Stopped "${task.title}" and kept what there was` });
    return err(isTerminal(now.status) ? justEnded(now) : notWritten());
  }

  async #cancelUnbegun(task: TaskState): Promise<void> {
    const giveBack = await this.#ctx.running.takeOver([task.id]);
    await cancelUnbegun(this.#ctx, [task.id]);
    giveBack();
  }

  async #retry(task: TaskState, target: string | undefined): Promise<Done> {
    // It would be skipped again at once; the record says because of what.
    if (task.status === 'skipped' && task.failure !== null)
      return err(refused(task.failure.message, task.failure.whatToDo));
    const change = target === undefined ? ok(undefined) : this.#targeted(task, target);
    if (!change.ok) return change;
    return this.#changed(
      { change: change.value, anew: [task.id], refuse: () => undefined },
      { what: this.#toldOfRetry(task, target) },
    );
  }

  #toldOfRetry({ title }: TaskState, target: string | undefined): string {
    if (this.#ctx.state.phase === 'approving') return `"${title}" is no longer done`;
    return target === undefined ? `"${title}" is tried again` : `"${title}" is tried again on ${target}`;
  }

  /** Undefined: it goes there already. */
  #targeted(task: TaskState, target: string): Result<PlanChange | undefined, Failure> {
    const { options, deps, state } = this.#ctx;
    const before = planOf(state);
    const edits: readonly PlanEdit[] = [{ kind: 'set', task: task.id, fields: { target } }];
    const targets = deps.roster.backends().map(({ description }) => description.id);
    const edited = editPlan(before, edits, { maxTasks: options.maxTasks, maxEdges: options.maxEdges, targets });
    if (!edited.ok) return edited;
    const change = changeBetween(before, edited.value.tasks, edited.value.what);
    return ok(isNoChange(change) ? undefined : change);
  }

  async #mark(task: TaskState, result: string): Promise<Done> {
    const { running } = this.#ctx;
    const giveBack = await running.takeOver([task.id]);
    try {
      const now = this.#now(task);
      if (now.status === 'completed') return err(justEnded(now));
      // The person's result stands alone: what an attempt did by halves goes with that attempt.
      const isAnew = isTerminal(now.status) || now.calls.length > 0 || now.edits.length > 0;
      const key = now.spec === null ? {} : { key: await briefKey(now.spec) };
      const { state } = this.#ctx;
      const marked = await this.#written(
        [
          ...(isAnew ? [{ type: 'task.retried' as const, task: task.id, because: null }] : []),
          { type: 'task.marked', task: task.id, result, ...key },
          ...revived(state, {
            after: planOf(state),
            now: (id) => (id === task.id ? 'completed' : undefined),
            because: task.id,
          }),
        ],
        { what: `Marked "${task.title}" as done` },
      );
      if (marked.ok) await this.#estimateAnew();
      return marked;
    } finally {
      giveBack();
    }
  }

  async #continue(task: TaskState, text: string): Promise<Done> {
    return this.#edit({ kind: 'edit-plan', edits: [continuation(this.#ctx.state, task, text)] });
  }

  async #withTask(id: string, name: TaskActionName, act: (task: TaskState) => Promise<Done>): Promise<Done> {
    const { state } = this.#ctx;
    const task = state.tasks.get(id);
    if (task === undefined) return err(refused(`The plan has no task ${id}.`, 'Pick a task in the tasks view.'));
    const no = refusedBy(ruleFor(name, situationOf(task, state, 'running')));
    return no === undefined ? act(task) : err(no);
  }

  #now(task: TaskState): TaskState {
    return this.#ctx.state.tasks.get(task.id) ?? task;
  }

  async #written(bodies: readonly RunEventBody[], done: Omit<ActionDone, 'run'>): Promise<Done> {
    const written = await recorded(this.#ctx, bodies);
    return written.ok ? ok({ run: this.#ctx.run, ...done }) : written;
  }
}

function wordsTo({ talk }: TaskState): number {
  return talk.filter(({ by }) => by === 'user').length;
}

function changedMeanwhile(then: string): Failure {
  return refused('The plan was changed meanwhile.', `Look at it as it is now, and ${then}.`);
}
