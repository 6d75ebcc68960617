/**
 * Which parts a long reading has, and the turn of each.
 *
 * Turns of a reading task: the call for part i is turn `first` + 2i, the correction of its quotations the one after; what
 * puts claims together comes after those of all parts. `first` is 0 in a new task, else above all turns there were.
 * A plan that was journaled is kept when any of its calls has a result and the inputs are the same.
 */
import type { ReadingPart, ReadingPiece } from '../run-event.ts';
import type { RunContext } from '../run-context.ts';
import type { TaskState } from '../run-state.ts';
import { groupParts } from './group-parts.ts';
import { pieceOf, type IndexedInput, type Piece } from './indexed-input.ts';
import type { ReadingShape } from './reading-shape.ts';
import { splitInputs, type Part } from './split.ts';

export interface PlannedPart {
  /** From 1. */
  readonly number: number;
  readonly turn: number;
  readonly pieces: readonly Piece[];
  /** As its prompt shows it, without what is around. */
  readonly tokens: number;
}

export interface ReadingPlan {
  readonly parts: readonly PlannedPart[];
  readonly unread: readonly Piece[];
}

/** The smallest part is made of so many pieces, so that larger ones come close to the size they should have. */
const GRAINS = 3;

export async function planParts(
  ctx: RunContext,
  from: {
    readonly task: string;
    readonly indexed: readonly IndexedInput[];
    readonly shape: ReadingShape & { readonly kind: 'parts' };
  },
): Promise<ReadingPlan> {
  const { task, indexed, shape } = from;
  const maxTokens = Math.ceil(shape.leastTokens / GRAINS);
  const split = await splitInputs(indexed, { maxTokens, pause: ctx.deps.pause });
  const grouped = groupParts(indexed, split.parts, shape);
  const single = singleLines(indexed, split.unread, shape.largestTokens);
  const first = nextTurn(ctx.state.tasks.get(task));
  const parts = [...grouped, ...single.parts].sort(byPlace).map(({ pieces, tokens }, index) => ({
    number: index + 1,
    turn: first + 2 * index,
    pieces,
    tokens,
  }));
  await ctx.append({
    type: 'reading.planned',
    task,
    parts: parts.map(({ turn, pieces }) => ({ turn, pieces: pieces.map(recorded) })),
    unread: single.unread.map(recorded),
  });
  return { parts, unread: single.unread };
}

/** In the order of the material, so that its claims come in that order. */
function byPlace({ pieces: [a] }: Part, { pieces: [b] }: Part): number {
  return (a?.input ?? 0) - (b?.input ?? 0) || (a?.startLine ?? 0) - (b?.startLine ?? 0);
}

/** Lines too long for a balanced part, of which some fit a window of their own. */
function singleLines(
  indexed: readonly IndexedInput[],
  unread: readonly Piece[],
  largestTokens: number,
): { readonly parts: readonly Part[]; readonly unread: readonly Piece[] } {
  const lines = unread.flatMap((piece) => {
    const input = indexed[piece.input];
    if (input === undefined) return [];
    const from = piece.startLine - input.input.firstLine;
    return Array.from({ length: piece.endLine - piece.startLine + 1 }, (_, at) =>
      pieceOf(input, piece.input, { from: from + at, to: from + at + 1 }),
    );
  });
  return {
    parts: lines
      .filter(({ tokens }) => tokens <= largestTokens)
      .map((piece) => ({ pieces: [piece], tokens: piece.tokens })),
    unread: lines.filter(({ tokens }) => tokens > largestTokens),
  };
}

/** The journaled plan, if it is worth going on with. */
export function journaledPlan(state: TaskState | undefined, indexed: readonly IndexedInput[]): ReadingPlan | undefined {
  if (state?.reading == null) return undefined;
  const { reading, calls } = state;
  const finished = new Set(calls.filter((call) => call.finish !== null).map((call) => call.key.turn));
  if (!reading.parts.some(({ turn }) => finished.has(turn))) return undefined;
  const locate = locator(indexed);
  const parts = reading.parts.map((part, index) => locatePart(part, index + 1, locate));
  const unread = reading.unread.map(locate);
  if (!parts.every((part) => part !== undefined) || !unread.every((piece) => piece !== undefined)) return undefined;
  const planned = [...parts.flatMap((part) => part.pieces), ...unread];
  const lines = planned.reduce((sum, { startLine, endLine }) => sum + endLine - startLine + 1, 0);
  // A plan of other inputs would leave lines out that nobody would miss.
  if (lines !== indexed.reduce((sum, input) => sum + input.lines.count, 0)) return undefined;
  return { parts, unread };
}

type Locate = (piece: ReadingPiece) => Piece | undefined;

function locatePart(part: ReadingPart, number: number, locate: Locate): PlannedPart | undefined {
  const pieces = part.pieces.map(locate);
  if (!pieces.every((piece) => piece !== undefined)) return undefined;
  return { number, turn: part.turn, pieces, tokens: pieces.reduce((sum, { tokens }) => sum + tokens, 0) };
}

/** Finds the input of each piece; where several would do, they are taken in turn. */
function locator(indexed: readonly IndexedInput[]): Locate {
  const taken = new Set<string>();
  return ({ path, startLine, endLine }) => {
    const at = indexed.findIndex(
      ({ input, lines }, index) =>
        (input.path ?? null) === path &&
        input.firstLine <= startLine &&
        endLine < input.firstLine + lines.count &&
        !taken.has(`${index}:${startLine}`),
    );
    const found = indexed[at];
    if (found === undefined) return undefined;
    taken.add(`${at}:${startLine}`);
    const { firstLine } = found.input;
    return pieceOf(found, at, { from: startLine - firstLine, to: endLine - firstLine + 1 });
  };
}

function recorded({ path, startLine, endLine }: Piece): ReadingPiece {
  return { path: path ?? null, startLine, endLine };
}

/** Above all turns that the task has, those of planned parts included. */
export function nextTurn(state: TaskState | undefined): number {
  const turns = [
    ...(state?.calls ?? []).map((call) => call.key.turn),
    ...(state?.reading?.parts ?? []).map(({ turn }) => turn + 1),
  ];
  return turns.reduce((most, turn) => Math.max(most, turn), -1) + 1;
}
