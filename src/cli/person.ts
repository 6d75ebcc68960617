/**
 * The person at the terminal, asked while a run goes on: may this plan run, and what is a task to know.
 *
 * Owns: the questions, one at a time, and when there is nobody to ask. Does not own: what the run does with an answer.
 *
 * 1. One question at a time; one whose task or plan waits no more is not asked, and is taken back when it is answered elsewhere.
 * 2. Without a person nothing is waited for: a plan runs with `--yes`, else `givenUp` says what to do.
 * 3. An empty answer to a task, or a closed input, means: go on.
 * 4. What is approved or cancelled is the plan that was shown: one that is changed elsewhere is shown and asked about anew.
 */
import { planTree } from '../app/plan-text.ts';
import { describeFailure } from '../core/failure.ts';
import type { Orchestrator } from '../core/orchestrator.ts';
import type { PersonAction } from '../core/person-action.ts';
import type { RunEvent } from '../core/run-event.ts';
import type { RunState } from '../core/run-state.ts';
import { waitsForPerson } from '../core/waiting.ts';
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
  #asking: { readonly waits: (state: RunState) => boolean; readonly takeBack: () => void } | undefined;
  /** The revision of the plan that was asked about last. */
  #planAsked: number | undefined;

  constructor(options: PersonOptions) {
    this.#options = options;
  }

  /** Stays pending when everything that waits is answered. */
  get givenUp(): Promise<GivenUp> {
    return this.#givenUp.promise;
  }

  /** `state` is the fold with this event in it. */
  onEvent(event: RunEvent, state: RunState): void {
    if (this.#asking?.waits(state) === false) this.#asking.takeBack();
    if (event.type === 'task.waiting' && this.#options.ask !== undefined)
      this.#line(() => this.#askTask(event.run, event.task));
    // Its new estimate comes next, and with it the question.
    if (event.type !== 'plan.edited') this.look(state);
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
    const { run, revision } = state;
    if (this.#planAsked === revision) return;
    const isFirst = this.#planAsked === undefined;
    this.#planAsked = revision;
    if (this.#options.yes) {
      if (isFirst) this.#line(() => this.#act(run, { kind: 'approve' }));
    } else if (this.#options.ask === undefined)
      this.#givenUp.resolve({ what: 'plan', lines: [planTree(state, { format: 'terminal' })] });
    else this.#line(() => this.#askPlan(run, isFirst ? '' : 'The plan was changed. It is now:\n'));
  }

  async #askPlan(run: string, before: string): Promise<void> {
    const state = this.#options.orchestrator.state(run);
    if (state === undefined || state.phase !== 'approving') return;
    const { revision } = state;
    const answer = await this.#ask(
      `${before}${planTree(state, { format: 'terminal' })}\nRun this plan? [y]es, [n]o `,
      (now) => now.phase === 'approving' && now.revision === revision,
    );
    if (answer === 'taken back') return;
    const isYes = /^\s*y(?:es)?\s*$/i.test(answer.text ?? '');
    await this.#act(run, isYes ? { kind: 'approve', revision } : { kind: 'cancel' });
  }

  async #askTask(run: string, id: string): Promise<void> {
    const task = this.#options.orchestrator.state(run)?.tasks.get(id);
    if (task?.status !== 'waiting') return;
    const answer = await this.#ask(
      [...questionLines(task), 'Your answer (empty: go on): '].join('\n'),
      (now) => now.tasks.get(id)?.status === 'waiting',
    );
    if (answer === 'taken back') return;
    await this.#act(run, { kind: 'say', task: id, text: answer.text?.trim() ?? '' });
  }

  /** `waits`: the question stands. It is taken back when it does not any more, or when the work ends. */
  async #ask(question: string, waits: (state: RunState) => boolean): Promise<Answer> {
    const { ask, hush, signal } = this.#options;
    const takenBack = new AbortController();
    const stop = AbortSignal.any([signal, this.#over.signal, takenBack.signal]);
    this.#asking = { waits, takeBack: () => takenBack.abort() };
    try {
      const text = await hush(() =>
        ask === undefined || stop.aborted ? Promise.resolve(undefined) : ask(question, stop),
      );
      return stop.aborted ? 'taken back' : { text };
    } finally {
      this.#asking = undefined;
    }
  }

  async #act(run: string, action: PersonAction): Promise<void> {
    const done = await this.#options.orchestrator.act(run, action);
    if (!done.ok) this.#options.tell(describeFailure(done.error));
  }

  #line(work: () => Promise<void>): void {
    this.#questions = this.#questions.then(work).catch((error: unknown) => this.#options.tell(String(error)));
  }
}

/** No text: the input was closed. */
type Answer = { readonly text: string | undefined } | 'taken back';

function taskLines(state: RunState, id: string): readonly string[] {
  const task = state.tasks.get(id);
  return task === undefined ? [] : questionLines(task);
}
