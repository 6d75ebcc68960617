/**
 * The attempts of tasks that run in this process, and who is told when something changed.
 *
 * Owns: one TaskControl for each attempt, from its beginning to its recorded end, and when no more may begin. Does not own:
 * which task may start (schedule.ts), what a person may do (act.ts).
 *
 * 1. A task has at most one attempt at a time. One that a person took over (`takeOver`) is not begun anew before it is given back.
 * 2. While somebody holds it open, it does not close: what a person changes is seen before the answer is written.
 * 3. A wake that comes after `next` was called is never missed.
 * 4. A rejection of an attempt is kept until `close` or `failure` tells it.
 */
import { TaskControl, type Ending } from './task-control.ts';

interface Attempt {
  readonly control: TaskControl;
  readonly ended: Promise<void>;
}

export class RunningTasks {
  readonly #attempts = new Map<string, Attempt>();
  readonly #taken = new Set<string>();
  #holds = 0;
  #isClosed = false;
  #next = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;

  get isIdle(): boolean {
    return this.#attempts.size === 0 && this.#taken.size === 0 && this.#holds === 0;
  }

  /** The first rejection of an attempt, which is a bug. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  has(task: string): boolean {
    return this.#attempts.has(task) || this.#taken.has(task);
  }

  control(task: string): TaskControl | undefined {
    return this.#attempts.get(task)?.control;
  }

  begin(task: string, work: (control: TaskControl) => Promise<void>): void {
    const control = new TaskControl();
    const ended = work(control).then(
      () => this.#end(task),
      (error: unknown) => {
        this.#failure ??= { error };
        this.#end(task);
      },
    );
    this.#attempts.set(task, { control, ended });
  }

  /** Ends an attempt, if there is one, and waits until its end is recorded. */
  async end(task: string, how: Ending): Promise<void> {
    const attempt = this.#attempts.get(task);
    attempt?.control.end(how);
    await attempt?.ended;
  }

  /** Ends the attempts of these without a record of their end, and keeps them from being begun until they are given back. */
  async takeOver(tasks: readonly string[]): Promise<() => void> {
    for (const task of tasks) this.#taken.add(task);
    await Promise.all(tasks.map((task) => this.end(task, 'handed')));
    return () => {
      for (const task of tasks) this.#taken.delete(task);
      this.wake();
    };
  }

  /** Keeps it open until the returned function is called; undefined when it has closed. */
  hold(): (() => void) | undefined {
    if (this.#isClosed) return undefined;
    this.#holds += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds -= 1;
      this.wake();
    };
  }

  /** Nothing more may begin. */
  close(): void {
    this.#isClosed = true;
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#attempts.values()].map(({ ended }) => ended));
  }

  /** Resolves at the next `wake`. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  wake(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers<void>();
    resolve();
  }

  #end(task: string): void {
    this.#attempts.delete(task);
    this.wake();
  }
}
