/**
 * What was said and done in a task so far, for any backend.
 *
 * Owns: the turns, and how much of them a request shows. Does not own: the brief that goes before them, the calls.
 *
 * 1. Messages never take more than the tokens that they are asked to fit, when those are at least `leastTokens`.
 * 2. What is left out says so where it stood. First go the results of old turns, then old turns whole, last the ends of the
 *    newest results; the last turn itself is always there, and so is every word of the user.
 */
import type { ChatMessage, ToolCall } from '../backend.ts';
import { fence } from '../prompts/prompt.ts';
import { oneWord, wordsText } from '../prompts/words.ts';
import { ASK_USER } from './ask-user.ts';
import { estimateTokens } from '../tokens.ts';
import { cutToFit, estimateMessages, shortArguments, shownEarlier } from './shortened.ts';

export interface ToolAnswer {
  readonly call: ToolCall;
  readonly text: string;
}

export interface SaidTurn {
  readonly text: string;
  readonly answers: readonly ToolAnswer[];
  /** What the model is told after it. */
  readonly note?: string;
  /** What the user said after it. */
  readonly words?: readonly string[];
}

/** `text`: for a request without tools, where calls and results are told in words. */
export type ConversationForm = 'tools' | 'text';

/** A result of the last turn is not cut below this. */
const LEAST_RESULT_TOKENS = 150;

interface Entry {
  readonly turn: SaidTurn;
  readonly wholeTokens: number;
  readonly shortTokens: number;
  /** As the last turn, cut as far as it may be. */
  readonly leastTokens: number;
  /** Of what stays of it when it is left out. */
  readonly keptTokens: number;
}

type Level = 'whole' | 'short' | 'dropped';

export class Conversation {
  readonly #mark: string;
  readonly #entries: Entry[] = [];
  #hidden: ReadonlySet<string> = new Set();

  constructor(mark: string) {
    this.#mark = mark;
  }

  add(turn: SaidTurn): void {
    this.#entries.push(this.#entry(turn));
  }

  /** What the user said after the last turn, in place of what was told before. */
  tell(words: readonly string[]): void {
    const last = this.#entries.pop();
    if (last !== undefined) this.add({ ...last.turn, words });
  }

  /** Tools were called in it. */
  get hasCalls(): boolean {
    return this.#entries.some(({ turn }) => turn.answers.length > 0);
  }

  get wholeTokens(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.wholeTokens, 0);
  }

  get leastTokens(): number {
    const last = this.#entries.at(-1);
    if (last === undefined) return 0;
    const kept = this.#entries.slice(0, -1).reduce((sum, entry) => sum + entry.keptTokens, 0);
    return Math.min(last.leastTokens, last.wholeTokens) + kept + (this.#entries.length > 1 ? DROPPED_TOKENS : 0);
  }

  /** False: the last request did not show the result of this call. */
  isShown(call: string): boolean {
    return !this.#hidden.has(call);
  }

  messages(maxTokens: number, form: ConversationForm): readonly ChatMessage[] {
    const { levels, lastTokens } = this.#fit(maxTokens);
    const dropped = levels.filter((level) => level === 'dropped').length;
    const hidden = new Set<string>();
    const shown = this.#entries.flatMap(({ turn, wholeTokens }, index): readonly SaidTurn[] => {
      const isLast = index === levels.length - 1;
      if (levels[index] === 'whole' && !(isLast && lastTokens < wholeTokens)) return [turn];
      for (const { call } of turn.answers) hidden.add(call.id);
      if (levels[index] === 'dropped') return [];
      return [isLast ? this.#cutLastTo(turn, lastTokens) : shortened(turn)];
    });
    this.#hidden = hidden;
    const messages = shown.flatMap((turn) => this.#render(turn, form));
    if (dropped === 0) return messages;
    const kept = this.#entries.flatMap(({ turn }, index) => (levels[index] === 'dropped' ? keptWords(turn) : []));
    const content = [droppedText(dropped), ...kept].join('\n\n');
    return [{ role: 'user', content }, ...messages];
  }

  #entry(turn: SaidTurn): Entry {
    return {
      turn,
      wholeTokens: this.#cost(turn),
      shortTokens: this.#cost(shortened(turn)),
      leastTokens: this.#cost(cutLast(turn, 0)),
      keptTokens: estimateTokens(
        keptWords(turn)
          .map((word) => `${word}\n\n`)
          .join(''),
      ),
    };
  }

  #fit(maxTokens: number): { readonly levels: readonly Level[]; readonly lastTokens: number } {
    const entries = this.#entries;
    const levels = entries.map((): Level => 'whole');
    let total = this.wholeTokens;
    // The oldest first; the newest before the last only when there is no other way.
    for (let index = 0; index < entries.length - 1 && total > maxTokens; index++) {
      const entry = entries[index];
      if (entry === undefined || entry.shortTokens >= entry.wholeTokens) continue;
      levels[index] = 'short';
      total -= entry.wholeTokens - entry.shortTokens;
    }
    if (total > maxTokens && entries.length > 1) total += DROPPED_TOKENS;
    for (let index = 0; index < entries.length - 1 && total > maxTokens; index++) {
      const entry = entries[index];
      if (entry === undefined) continue;
      total += entry.keptTokens - (levels[index] === 'short' ? entry.shortTokens : entry.wholeTokens);
      levels[index] = 'dropped';
    }
    const last = entries.at(-1)?.wholeTokens ?? 0;
    return { levels, lastTokens: total <= maxTokens ? last : last - (total - maxTokens) };
  }

  /** Tokens of a turn in the form that takes more. */
  #cost(turn: SaidTurn): number {
    return Math.max(estimateMessages(this.#render(turn, 'tools')), estimateMessages(this.#render(turn, 'text')));
  }

  /** Halves the room for results until the turn fits: their marks and cuts are not exactly known before. */
  #cutLastTo(turn: SaidTurn, maxTokens: number): SaidTurn {
    for (let room = maxTokens; room > LEAST_RESULT_TOKENS; room = Math.floor(room * 0.8)) {
      const cut = cutLast(turn, room);
      if (this.#cost(cut) <= maxTokens) return cut;
    }
    return cutLast(turn, 0);
  }

  #render({ text, answers, note, words = [] }: SaidTurn, form: ConversationForm): readonly ChatMessage[] {
    const notes = [...(note === undefined ? [] : [note]), ...(words.length === 0 ? [] : [wordsText(words)])];
    const after: readonly ChatMessage[] = notes.length === 0 ? [] : [{ role: 'user', content: notes.join('\n\n') }];
    if (answers.length === 0) return [{ role: 'assistant', content: text === '' ? 'Done.' : text }, ...after];
    const results = answers.map(({ call, text: result }) => ({
      call,
      // The user's own words are no material.
      content: call.name === ASK_USER ? result : fence(this.#mark, `result of ${call.name}`, result),
    }));
    if (form === 'tools') {
      return [
        { role: 'assistant', content: text, toolCalls: answers.map(({ call }) => call) },
        ...results.map(({ call, content }): ChatMessage => ({ role: 'tool', content, toolCallId: call.id })),
        ...after,
      ];
    }
    const calls = answers.map(({ call }) => `${call.name} ${JSON.stringify(call.arguments ?? {})}`);
    const told = [...results.map(({ content }) => content), ...notes];
    return [
      {
        role: 'assistant',
        content: [...(text === '' ? [] : [text]), `Calls of tools:\n${calls.join('\n')}`].join('\n\n'),
      },
      { role: 'user', content: told.join('\n\n') },
    ];
  }
}

const DROPPED_TOKENS = 60;

function droppedText(turns: number): string {
  return `[${turns} earlier ${turns === 1 ? 'turn is' : 'turns are'} left out here for want of room; edits made in them stand: read the files again to see them]`;
}

/** What the user said in a turn that is left out. */
function keptWords({ answers, words = [] }: SaidTurn): readonly string[] {
  return [...answers.filter(isUsers).map(({ text }) => text), ...words.map(oneWord)];
}

function isUsers({ call }: ToolAnswer): boolean {
  return call.name === ASK_USER;
}

function shortened(turn: SaidTurn): SaidTurn {
  return {
    ...turn,
    answers: turn.answers.map((answer) => ({
      call: { ...answer.call, arguments: shortArguments(answer.call.arguments) },
      text: isUsers(answer) ? answer.text : shownEarlier(answer.text),
    })),
  };
}

/** The last turn with its results cut so that together they take about `room` tokens: short ones stay whole, the others share alike. */
function cutLast(turn: SaidTurn, room: number): SaidTurn {
  const texts = new Map<ToolAnswer, string>();
  let left = room;
  const bySize = [...turn.answers].sort((a, b) => a.text.length - b.text.length);
  for (const [place, answer] of bySize.entries()) {
    if (isUsers(answer)) continue;
    const cut = cutToFit(answer.text, Math.max(LEAST_RESULT_TOKENS, Math.floor(left / (bySize.length - place))));
    texts.set(answer, cut.text);
    left -= cut.tokens;
  }
  return {
    ...turn,
    answers: turn.answers.map((answer) => ({
      call: { ...answer.call, arguments: shortArguments(answer.call.arguments) },
      text: texts.get(answer) ?? answer.text,
    })),
  };
}
