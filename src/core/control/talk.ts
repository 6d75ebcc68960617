/**
 * The conversation of a task with the user, beside its calls.
 *
 * Owns: which words of the user a reply has not heard, when a task may ask, and waiting for the answer. Does not own: the
 * words (the fold has them), what a prompt says of them, whose slot or reservation is held (nobody's while it waits).
 *
 * 1. A word is never lost: what a reply did not hear is followed by another turn.
 * 2. Which words a finished turn heard is on record (`said` of its call), and so is what it asked: after a resume all comes
 *    in the same order.
 * 3. While a task waits its time does not run; waiting ends at once when the task is ended.
 */
import type { RunContext } from '../run-context.ts';
import type { Mode } from '../plan/plan.ts';
import { payloadText } from '../run-event.ts';
import type { TalkEntry } from '../run-state.ts';
import { supervisorOf } from '../supervise/family.ts';
import type { TaskWork } from '../task-work.ts';

/** More questions than these are a task that does not get on. */
const MOST_QUESTIONS = 8;
const LONGEST_QUESTION = 8_000;

const NOBODY_ANSWERS = 'Nobody can answer now. Go on with your best judgement, and say what you chose.';
const ASKED_ENOUGH = `You have asked ${MOST_QUESTIONS} questions, the most that a task may ask. Go on with your best judgement, and say what you chose.`;

export type Next =
  | { readonly kind: 'over' }
  /** The signal aborted while it waited. */
  | { readonly kind: 'stopped'; readonly asked: true }
  /** Another turn follows, which is told this note and the words by then. `asked`: the reply was a question. */
  | { readonly kind: 'more'; readonly asked: boolean; readonly note?: string };

export type Answer =
  /** `word`: its place among the user's words. */
  | { readonly kind: 'answered'; readonly word: number; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'stopped' };

type Work = Pick<TaskWork, 'spec' | 'time' | 'control' | 'isHandedBack'>;

/** An interactive task waits for the user's first word. False: it was ended meanwhile. */
export async function firstWord(ctx: RunContext, work: TaskWork): Promise<boolean> {
  const { spec } = work;
  if (spec.mode !== 'interactive' || ctx.request.isUnattended === true) return true;
  const talk = new Talk(ctx, work);
  if (talk.count > 0 || (ctx.state.tasks.get(spec.id)?.calls.length ?? 0) > 0) return true;
  return talk.wait({ turn: 0, question: '' }, () => talk.count > 0);
}

/** A reply that begins with the words `ASK THE USER:` is a question as a whole; undefined: it is none. */
export function questionIn(reply: string): string | undefined {
  const opening = /^[\s*_#>`"]*ask the user[\s*_`]*:[\s*_`]*/i.exec(reply.slice(0, LONGEST_OPENING));
  if (opening === null) return undefined;
  const question = reply
    .slice(opening[0].length)
    .replace(/\n\s*```\s*$/, '')
    .trim();
  return question === '' ? undefined : question.slice(0, LONGEST_QUESTION).toWellFormed();
}

/** White space and decoration included. */
const LONGEST_OPENING = 200;

export class Talk {
  readonly #ctx: RunContext;
  readonly #work: Work;
  #isToldToGoOn = false;

  constructor(ctx: RunContext, work: Work) {
    this.#ctx = ctx;
    this.#work = work;
  }

  /** Of the user's words so far. */
  get count(): number {
    return this.#entries.reduce((sum, { by }) => sum + (by === 'user' ? 1 : 0), 0);
  }

  /** From the word `from` (0-based) up to but without the word `to`, as they were said; one that was told elsewhere is left out. */
  words(from: number, to: number, without?: number): readonly string[] {
    return this.#entries
      .filter(({ by }) => by === 'user')
      .flatMap((entry, at) => (at >= from && at < to && at !== without ? [wordOf(entry)] : []));
  }

  /** Which of the words answers what was asked in that turn. */
  answerTo(turn: number): number | undefined {
    return this.#answer(turn)?.word;
  }

  /** As it is now: the user may change it while the task works. */
  get mode(): Mode {
    const { spec } = this.#work;
    return this.#ctx.state.tasks.get(spec.id)?.spec?.mode ?? spec.mode;
  }

  get mayAsk(): boolean {
    const { isHandedBack } = this.#work;
    const isHeard = this.#ctx.request.isUnattended !== true || this.#isSupervised;
    return this.mode !== 'autonomous' && isHeard && !isHandedBack;
  }

  /** What follows a reply that has heard `said` words; `question` is what it asks, where it asks something. */
  async after(reply: {
    readonly turn: number;
    readonly said: number;
    readonly question: string | undefined;
  }): Promise<Next> {
    const { turn, said } = reply;
    const question = this.#asked(turn)?.question ?? (this.mayAsk ? reply.question : undefined);
    if (question === undefined || (this.#isToldToGoOn && this.#asked(turn) === undefined))
      return (await this.hasUnheard(said)) ? { kind: 'more', asked: false } : { kind: 'over' };
    const answer = await this.ask(turn, question);
    if (answer.kind === 'stopped') return { kind: 'stopped', asked: true };
    if (answer.kind === 'answered') return { kind: 'more', asked: true };
    this.#isToldToGoOn = true;
    return { kind: 'more', asked: true, note: answer.why };
  }

  /** Also sees what is being recorded now. */
  async hasUnheard(said: number): Promise<boolean> {
    await this.#ctx.append();
    return this.count > said;
  }

  /** Waits for the answer, unless it is there. A turn asks once. */
  async ask(turn: number, question: string): Promise<Answer> {
    const known = this.#answer(turn);
    if (known !== undefined) return known;
    if (!this.mayAsk) return { kind: 'refused', why: NOBODY_ANSWERS };
    if (this.#asked(turn) === undefined && this.#questions >= MOST_QUESTIONS)
      return { kind: 'refused', why: ASKED_ENOUGH };
    const isAnswered = await this.wait({ turn, question }, () => this.#answer(turn) !== undefined);
    this.#work.time.run();
    return (isAnswered ? this.#answer(turn) : undefined) ?? { kind: 'stopped' };
  }

  /** False: it was ended meanwhile. */
  async wait(asked: { readonly turn: number; readonly question: string }, isOver: () => boolean): Promise<boolean> {
    const { spec, time, control } = this.#work;
    time.pause();
    if (!time.signal.aborted) await this.#ctx.append({ type: 'task.waiting', task: spec.id, ...asked });
    while (!time.signal.aborted && !isOver()) await control.word(time.signal);
    return !time.signal.aborted;
  }

  /** Its supervisor answers it, whoever else is there. */
  get #isSupervised(): boolean {
    return supervisorOf(this.#ctx.state, this.#work.spec) !== undefined;
  }

  get #entries(): readonly TalkEntry[] {
    return this.#ctx.state.tasks.get(this.#work.spec.id)?.talk ?? [];
  }

  get #questions(): number {
    return this.#entries.filter(isQuestion).length;
  }

  #asked(turn: number): { readonly question: string; readonly at: number } | undefined {
    const entries = this.#entries;
    const at = entries.findIndex((entry) => isQuestion(entry) && entry.turn === turn);
    const entry = entries[at];
    return entry === undefined ? undefined : { question: payloadText(entry.text), at };
  }

  /** The first word after the question. */
  #answer(turn: number): (Answer & { readonly kind: 'answered' }) | undefined {
    const asked = this.#asked(turn);
    if (asked === undefined) return undefined;
    const entries = this.#entries;
    const at = entries.findIndex(({ by }, index) => by === 'user' && index > asked.at);
    const entry = entries[at];
    if (entry === undefined) return undefined;
    const word = entries.slice(0, at).filter(({ by }) => by === 'user').length;
    return { kind: 'answered', word, text: wordOf(entry) };
  }
}

/** As the task is told it: what its supervisor says counts like the user's word, and is not said to be one. */
function wordOf({ text, from }: TalkEntry): string {
  const said = payloadText(text);
  return from === undefined || said.trim() === '' ? said : `(through your supervisor)\n${said}`;
}

/** Waiting for the first word has no question. */
export function isQuestion({ by, text }: TalkEntry): boolean {
  return by === 'task' && payloadText(text) !== '';
}
