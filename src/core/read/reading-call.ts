/** What all calls of one reading task share, and how one is made. */
import { hasFeature, type BackendDescription, type ChatMessage, type ChatRequest, type Subject } from '../backend.ts';
import type { Talk } from '../control/talk.ts';
import { runTurn } from '../model-call.ts';
import type { Turn, TurnResult } from '../turn.ts';
import { promptVersion, type Prompt } from '../prompts/prompt.ts';
import type { ReadValues } from '../prompts/read.ts';
import { wordsText } from '../prompts/words.ts';
import type { RunContext } from '../run-context.ts';
import type { TaskResult } from '../subject.ts';
import { taskRoute, type TaskWork } from '../task-work.ts';
import { estimateTokens } from '../tokens.ts';
import type { IndexedInput } from './indexed-input.ts';
import { nextTurn } from './reading-plan.ts';
import type { QuoteBook } from './quote-book.ts';

export interface Reading {
  readonly ctx: RunContext;
  readonly work: TaskWork;
  readonly indexed: readonly IndexedInput[];
  readonly book: QuoteBook;
  /** Of the tasks that this one depends on. */
  readonly results: readonly TaskResult[];
  readonly turns: TurnNumbers;
  readonly talk: Talk;
}

export interface ReaderCall {
  readonly turn: number;
  readonly prompt: Pick<Prompt<never>, 'name' | 'version'>;
  readonly schema: ChatRequest['schema'];
  /** Shows so many of the user's words. */
  readonly build: (
    description: BackendDescription,
    said: number,
  ) => {
    readonly messages: readonly ChatMessage[];
    readonly subject: Subject;
  };
  /** The user's words that `inputTokens` counts. */
  readonly said: number;
  /** Estimated size of the messages. */
  readonly inputTokens: number;
  /** The router may also take a backend with a smaller window. */
  readonly leastTokens?: number;
  readonly outputTokens: number;
  readonly prefer?: string;
  /** Added to the task's priority, below 1: what ends work goes before what begins some. */
  readonly urgency?: number;
  readonly onText?: Turn['onText'];
  readonly onRestart?: Turn['onRestart'];
}

const IGNORE = (): void => undefined;
/** Room for what the user says while the call waits for its slot; what is longer is heard by the next one. */
const LATE_WORDS_TOKENS = 100;

export function askReader(reading: Reading, call: ReaderCall): Promise<TurnResult> {
  const { ctx, work } = reading;
  const { inputTokens, outputTokens, leastTokens = inputTokens, prefer } = call;
  const route = taskRoute(ctx, work, { fixedTokens: inputTokens + LATE_WORDS_TOKENS, inputTokens: 0, outputTokens });
  return runTurn(ctx, {
    task: work.spec.id,
    turn: call.turn,
    route: { ...route, minInputTokens: leastTokens, ...(prefer === undefined ? {} : { prefer }) },
    priority: work.priority + (call.urgency ?? 0),
    pool: work.pool,
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(call.prompt),
    build: (description, room) => {
      const said = saidBy(reading, call, room);
      const { schema } = call;
      return {
        ...call.build(description, said),
        ...(schema !== undefined && hasFeature(description, 'structuredOutput') ? { schema } : {}),
        said,
      };
    },
    onText: call.onText ?? IGNORE,
    onRestart: call.onRestart ?? IGNORE,
    start: work.start,
    // What streams is JSON: nobody wants to read it.
    keepsPartial: false,
    onStart: work.time.run,
    control: work.control,
  });
}

function saidBy({ talk }: Reading, { said, inputTokens }: ReaderCall, room: number): number {
  const now = talk.count;
  if (now <= said) return said;
  return inputTokens + estimateTokens(wordsText(talk.words(said, now))) + WORDS_FRAME_TOKENS <= room ? now : said;
}

/** What stands before the first word. */
const WORDS_FRAME_TOKENS = 40;

/** How a question is put, showing so many of the user's words. */
export type Form = (said: number) => readonly ChatMessage[];

/** The prompt of a reading task without its material, with so many of the user's words. */
export function readFrame(
  { ctx, work, results, talk }: Pick<Reading, 'ctx' | 'work' | 'results' | 'talk'>,
  said: number,
): ReadValues {
  const { title, objective, deliverable, conversation } = work.spec;
  return {
    title,
    objective,
    ...(deliverable === undefined ? {} : { deliverable }),
    inputs: [],
    results,
    withheld: work.read.withheld,
    ...(conversation === undefined ? {} : { conversation }),
    words: talk.words(0, said),
    ...(work.agent === undefined ? {} : { personality: work.agent.personality }),
    mark: ctx.mark,
  };
}

export function tokensOfMessages(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
}

/**
 * Gives turns their numbers. A question that an earlier process asked, word for word, has the number that it had then, so
 * that its reply is used; no other question gets that number.
 */
export class TurnNumbers {
  readonly #asked = new Map<string, number>();
  /** How many words of the user earlier questions showed. */
  readonly #said = new Set<number>();
  readonly #answered = new Set<number>();
  readonly #isPlanned: boolean;
  #next: number;

  constructor(ctx: RunContext, task: string) {
    const state = ctx.state.tasks.get(task);
    for (const call of state?.calls ?? []) {
      if (call.finish === null) continue;
      this.#answered.add(call.key.turn);
      this.#said.add(call.said);
      if (typeof call.prompt === 'string') this.#asked.set(call.prompt, call.key.turn);
    }
    this.#isPlanned = state?.reading != null;
    this.#next = nextTurn(state);
  }

  /** `forms` are what the question may have been recorded as. `wanted` is taken when nobody asked anything else with it. */
  of(forms: readonly Form[], wanted?: number): number {
    for (const said of this.#said) {
      for (const form of forms) {
        const earlier = this.#asked.get(JSON.stringify(form(said)));
        if (earlier !== undefined) return earlier;
      }
    }
    if (wanted !== undefined && !this.#answered.has(wanted) && !(wanted === 0 && this.#isPlanned)) {
      this.#next = Math.max(this.#next, wanted + 1);
      return wanted;
    }
    return this.#next++;
  }
}
