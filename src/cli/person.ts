/**
 * The person at the terminal, asked while a run goes on: may this plan run, and what is a task to know.
 *
 * Owns: the questions, one at a time, and when there is nobody to ask. Does not own: what the run does with an answer.
 *
 * 1. One question at a time; one whose task waits no more is not asked, and is taken back when it is answered elsewhere.
 * 2. Without a person nothing is waited for: a plan runs with `--yes`, else `givenUp` says what to do.
 * 3. An empty answer to a task, or a closed input, means: go on.
 */
import { planTree } from '../app/plan-text.ts';
import { describeFailure } from '../core/failure.ts';
import type { Orchestrator } from '../core/orchestrator.ts';
import type { PersonAction } from '../core/person-action.ts';
import type { RunEvent } from '../core/run-event.ts';
import { waitsForPerson, type RunState } from '../core/run-state.ts';
import type { CliIo } from './io.ts';
import type { Hush } from './open-engine.ts';
import { questionLines } from './question-lines.ts';

export interface PersonOptions {
  readonly orchestrator: Pick<Orchestrator, 'act' | 'state'>;
  /** Undefined: there is nobody. */
  readonly ask: CliIo['ask'];
  /** The plan may run. */
  readonly yes: boolean;
  readonly hush: Hush;
  readonly tell: (line: string) => void;
  /** Aborts when the work is to end. */
  readonly signal: AbortSignal;
}

/** What waits with nobody to say a word, as lines for the person who reads them later. */
export interface GivenUp {
  readonly what: 'plan' | 'tasks';
  readonly lines: readonly string[];
}

export class Person {
  readonly #options: PersonOptions;
  readonly #over = new AbortController();
  readonly #givenUp = Promise.withResolvers<GivenUp>();
  #questions: Promise<void> = Promise.resolve();
  #asking: { readonly task: string; readonly takeBack: () => void } | undefined;
  #isPlanAsked = false;

  constructor(options: PersonOptions) {
    this.#options = options;
  }

  /** Stays pending when everything that waits is answered. */
  get givenUp(): Promise<GivenUp> {
    return this.#givenUp.promise;
  }

  /** `state` is the fold with this event in it. */
  onEvent(event: RunEvent, state: RunState): void {
    if (this.#asking !== undefined && state.tasks.get(this.#asking.task)?.status !== 'waiting') this.#asking.takeBack();
    if (event.type === 'task.waiting' && this.#options.ask !== undefined)
      this.#line(() => this.#askTask(event.run, event.task));
    this.look(state);
  }

  /** A run that was begun before may wait already. */
  look(state: RunState): void {
    const waits = waitsForPerson(state);
    if (waits === 'plan') this.#plan(state);
    else if (waits !== undefined && this.#options.ask === undefined)
      this.#givenUp.resolve({ what: 'tasks', lines: waits.flatMap((id) => taskLines(state, id)) });
  }

  /** Whoever is asked is asked no more. */
  dispose(): void {
    this.#over.abort();
  }

  #plan(state: RunState): void {
    if (this.#isPlanAsked) return;
    this.#isPlanAsked = true;
    if (this.#options.yes) this.#line(() => this.#act(state.run, { kind: 'approve' }));
    else if (this.#options.ask === undefined)
      this.#givenUp.resolve({ what: 'plan', lines: [planTree(state, { format: 'terminal' })] });
    else this.#line(() => this.#askPlan(state));
  }

  async #askPlan(state: RunState): Promise<void> {
    const answer = await this.#ask(
      `${planTree(state, { format: 'terminal' })}\nRun this plan? [y]es, [n]o `,
      new AbortController(),
    );
    if (this.#isOver) return;
    await this.#act(state.run, { kind: /^\s*y(?:es)?\s*$/i.test(answer ?? '') ? 'approve' : 'cancel' });
  }

  async #askTask(run: string, id: string): Promise<void> {
    const task = this.#options.orchestrator.state(run)?.tasks.get(id);
    if (task?.status !== 'waiting') return;
    const takenBack = new AbortController();
    this.#asking = { task: id, takeBack: () => takenBack.abort() };
    const answer = await this.#ask([...questionLines(task), 'Your answer (empty: go on): '].join('\n'), takenBack);
    this.#asking = undefined;
    if (this.#isOver || takenBack.signal.aborted) return;
    await this.#act(run, { kind: 'say', task: id, text: answer?.trim() ?? '' });
  }

  async #ask(question: string, takenBack: AbortController): Promise<string | undefined> {
    const { ask, hush, signal } = this.#options;
    const stop = AbortSignal.any([signal, this.#over.signal, takenBack.signal]);
    return hush(() => (ask === undefined || stop.aborted ? Promise.resolve(undefined) : ask(question, stop)));
  }

  async #act(run: string, action: PersonAction): Promise<void> {
    const done = await this.#options.orchestrator.act(run, action);
    if (!done.ok) this.#options.tell(describeFailure(done.error));
  }

  #line(work: () => Promise<void>): void {
    this.#questions = this.#questions.then(work).catch((error: unknown) => this.#options.tell(String(error)));
  }

  get #isOver(): boolean {
    return this.#options.signal.aborted || this.#over.signal.aborted;
  }
}

function taskLines(state: RunState, id: string): readonly string[] {
  const task = state.tasks.get(id);
  return task === undefined ? [] : questionLines(task);
}
