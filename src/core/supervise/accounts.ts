/**
 * The budgets of supervisors and their workers in one run.
 *
 * Owns: which pool a task spends from, from its spawning to its recorded end. Does not own: how much it gets (shares.ts).
 *
 * 1. What a worker may spend is reserved where its supervisor spends, from before it is in the plan until its end is on record.
 * 2. After a resume it is lent again, less what it has spent and what its calls in doubt may have cost.
 * 3. A task without a supervisor spends from the run.
 */
import { ok, type Result } from '../../base/result.ts';
import type { BudgetPool } from '../budget.ts';
import { countedIn } from '../calls-in-doubt.ts';
import type { Failure } from '../failure.ts';
import { goneWith } from '../plan/plan-change.ts';
import type { TaskSpec } from '../plan/plan.ts';
import type { RunEvent } from '../run-event.ts';
import { allCalls, type RunState } from '../run-state.ts';
import { addSpend, NO_SPEND, type Spend } from '../spend.ts';
import { supervisorOf, workersOf } from './family.ts';

export class Accounts {
  readonly #root: BudgetPool;
  readonly #state: () => RunState;
  readonly #lent = new Map<string, BudgetPool>();

  constructor(root: BudgetPool, state: () => RunState) {
    this.#root = root;
    this.#state = state;
  }

  /** What a task and all below it spend from. Fails when what it is to get is not there any more. */
  of(spec: TaskSpec): Result<BudgetPool, Failure> {
    const known = this.#lent.get(spec.id);
    if (known !== undefined) return ok(known);
    const supervisor = supervisorOf(this.#state(), spec)?.spec;
    if (supervisor == null) return ok(this.#root);
    const above = this.of(supervisor);
    // What a person added below a supervisor has no share of its own.
    if (!above.ok || spec.limits === undefined) return above;
    return this.lend(spec, above.value);
  }

  /** Before the task is in the plan. */
  lend(spec: TaskSpec, from: BudgetPool): Result<BudgetPool, Failure> {
    const pool = from.lend(`task ${spec.id}`, spec.limits ?? {}, countedBelow(this.#state(), spec.id));
    if (pool.ok) this.#lent.set(spec.id, pool.value);
    return pool;
  }

  /** The task did not come into the plan, or has come to its end. True: something came back. */
  giveBack(task: string): boolean {
    const pool = this.#lent.get(task);
    if (pool === undefined) return false;
    this.#lent.delete(task);
    pool.giveBack();
    return true;
  }

  /** What ends with an event comes back. True: something did. */
  ended(event: RunEvent): boolean {
    switch (event.type) {
      case 'task.completed':
      case 'task.failed':
      case 'task.cancelled':
      case 'task.skipped':
      case 'task.marked':
        return this.giveBack(event.task);
      case 'plan.edited':
        return goneWith(event.change)
          .map((task) => this.giveBack(task))
          .includes(true);
      default:
        return false;
    }
  }
}

/** The limits of a task hold for one attempt: a person who asks for another one allows as much again. */
export function countedInAttempt(state: RunState, task: string): Spend {
  return countedIn(state.tasks.get(task)?.calls ?? []);
}

/** With that of all tasks below. */
function countedBelow(state: RunState, task: string): Spend {
  const below = (id: string): Spend =>
    workersOf(state, id)
      .map((worker) => addSpend(countedIn(allCalls(worker)), below(worker.id)))
      .reduce(addSpend, NO_SPEND);
  return addSpend(countedInAttempt(state, task), below(task));
}
