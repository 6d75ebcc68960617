/**
 * A reply in JSON, and what follows it as long as the user has more to say: questions and answers, words that it did not hear.
 *
 * Owns: the order of the replies. Does not own: how they are asked for and read, the words (control/talk.ts).
 *
 * 1. The reply that counts is the last one that is no question; it has heard all that the user said, unless the next one
 *    could not be had.
 */
import type { ChatMessage } from '../backend.ts';
import { questionIn, type Talk } from '../control/talk.ts';
import type { Failure } from '../failure.ts';
import { stopFailure, type TurnResult } from '../turn.ts';
import { wordsText } from '../prompts/words.ts';
import type { Reading } from './reading-call.ts';

type Done = Extract<TurnResult, { readonly kind: 'done' }>;
type Failed = Extract<TurnResult, { readonly kind: 'failed' }>;

/** A reply that is followed by another one. */
export interface Exchange {
  readonly text: string;
  /** Words of the user that it had heard. */
  readonly said: number;
  readonly note?: string;
}

export interface Reply {
  readonly turn: number;
  readonly result: Done;
}

export type Conversed<T> =
  /** `notHeard`: why what the user said last was not heard. */
  | { readonly kind: 'settled'; readonly value: T; readonly notHeard?: Failure }
  /** `last`: a whole reply before, when the work was ended. */
  | { readonly kind: 'failed'; readonly result: Failed; readonly last: Reply | undefined };

export interface Conversing<T> {
  readonly ask: (exchanges: readonly Exchange[]) => Promise<{ readonly turn: number; readonly result: TurnResult }>;
  /** What a reply comes to. */
  readonly settle: (reply: Reply) => Promise<T>;
  /** The member of the reply in which a question may stand. */
  readonly missingOf: (text: string) => string;
}

export async function converse<T>(reading: Reading, how: Conversing<T>): Promise<Conversed<T>> {
  const { work, ctx, talk } = reading;
  const exchanges: Exchange[] = [];
  let last: Reply | undefined;
  for (;;) {
    const { turn, result } = await how.ask(exchanges);
    if (result.kind === 'failed') return endEarly(reading, how, { result, last });
    const { text, said } = result;
    const question = questionIn(text) ?? questionIn(how.missingOf(text));
    const next = await talk.after({ turn, said, question });
    if (next.kind === 'over') {
      const value = await how.settle({ turn, result });
      if (work.time.signal.aborted || !(await talk.hasUnheard(said))) return { kind: 'settled', value };
    }
    if (next.kind === 'over' || !next.asked) last = { turn, result };
    if (next.kind === 'stopped') {
      const why = stopFailure(ctx, { task: work.spec.id, timeLeftMs: work.time.timeLeftMs, control: work.control });
      return endEarly(reading, how, { result: { kind: 'failed', failure: why, partialText: '' }, last });
    }
    exchanges.push({ text, said, ...(next.kind === 'more' && next.note !== undefined ? { note: next.note } : {}) });
  }
}

/** Reasons for which there is no result, whatever was said before; unless the user keeps what there is. */
const NO_RESULT: ReadonlySet<Failure['reason']> = new Set(['cancelled', 'interrupted', 'journal']);

async function endEarly<T>(
  { work, ctx }: Reading,
  { settle }: Conversing<T>,
  from: { readonly result: Failed; readonly last: Reply | undefined },
): Promise<Conversed<T>> {
  const { result, last } = from;
  const { failure } = result;
  const isEnded = ctx.stopped !== undefined || NO_RESULT.has(failure.reason);
  if (last === undefined || (isEnded && work.control.ending !== 'keep')) return { kind: 'failed', result, last };
  return { kind: 'settled', value: await settle(last), notHeard: failure };
}

const AGAIN = 'Reply again with the whole JSON object, for the whole result as it should be now.';

/** The messages after the first question, when `said` words of the user are told in all. */
export function followUps(talk: Talk, exchanges: readonly Exchange[], said: number): readonly ChatMessage[] {
  return exchanges.flatMap(({ text, said: from, note }, at): readonly ChatMessage[] => {
    const words = wordsText(talk.words(from, exchanges[at + 1]?.said ?? said));
    const told = [...(note === undefined ? [] : [note]), ...(words === '' ? [] : [words]), AGAIN];
    return [
      { role: 'assistant', content: text === '' ? '{"claims": [], "missing": ""}' : text },
      { role: 'user', content: told.join('\n\n') },
    ];
  });
}
