/** The calls of a reply as the conversation keeps them: bounded, each with an id of its own. */
import type { ToolCall } from '../backend.ts';

/** The further ones of a turn are answered without being run. */
export const MOST_CALLS_RUN = 16;
/** Beyond these a reply is noise: the conversation does not keep them. */
const MOST_CALLS_KEPT = 32;
const LONGEST_ID = 100;
const LONGEST_NAME = 64;
const DEEPEST_ARGUMENTS = 100;
const LONGEST_SHOWN = 300;

export interface CallToAnswer {
  readonly call: ToolCall;
  /** What to answer without running it. */
  readonly refused: string | undefined;
}

/** `usedIds` gets the ids; the same replies in the same order give the same ids. */
export function callsToAnswer(reply: {
  readonly turn: number;
  readonly calls: readonly ToolCall[];
  readonly usedIds: Set<string>;
  /** It reached its limit of output tokens: the last call is perhaps not whole. */
  readonly isCut?: boolean;
}): readonly CallToAnswer[] {
  const { turn, calls, usedIds, isCut = false } = reply;
  return calls.slice(0, MOST_CALLS_KEPT).map((call, index) => {
    const id = ownId(call.id.slice(0, LONGEST_ID).toWellFormed(), `call_${turn}_${index}`, usedIds);
    usedIds.add(id);
    // Servers refuse other names, also in what went before.
    const name = call.name.slice(0, LONGEST_NAME).replaceAll(/[^\w-]/g, '_') || 'unnamed';
    if (isDeeper(call.arguments, DEEPEST_ARGUMENTS))
      return {
        call: { id, name, arguments: {} },
        refused: 'This call was not run: its arguments are nested too deep.',
      };
    const given = call.arguments ?? {};
    if (isCut && index === calls.length - 1)
      return { call: { id, name, arguments: isPlainObject(given) ? given : {} }, refused: cutInside(given) };
    if (isPlainObject(given)) return { call: { id, name, arguments: given }, refused: undefined };
    // Servers refuse a conversation in which arguments are anything but an object.
    return { call: { id, name, arguments: {} }, refused: notAnObject(given) };
  });
}

function notAnObject(given: unknown): string {
  return `This call was not run: its arguments have to be one JSON object, and are ${shown(given)}\nMake it again with whole JSON: quotes and line ends inside of texts escaped, nothing before or after.`;
}

function cutInside(given: unknown): string {
  return `This call was not run: your reply reached its limit of output tokens, perhaps inside of it: ${shown(given)}\nMake fewer and smaller calls in one turn: change parts of a file with edit_file, and write a long new file in several steps.`;
}

function shown(given: unknown): string {
  const text = (typeof given === 'string' ? given : JSON.stringify(given)).toWellFormed();
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN).toWellFormed()}…` : text;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Servers repeat ids from turn to turn, or give none. */
function ownId(given: string, instead: string, used: ReadonlySet<string>): string {
  if (given !== '' && !used.has(given)) return given;
  let id = instead;
  while (used.has(id)) id += '_';
  return id;
}

/** Without recursion: whoever walks such a value would overflow. */
function isDeeper(value: unknown, most: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((item): readonly unknown[] =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
  }
  return false;
}
