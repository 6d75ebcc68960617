/** Inputs with their lines, and pieces of them as a prompt shows them. */
import type { InputText } from '../subject.ts';
import { tokensOf } from '../task-inputs.ts';
import { indexLines, type LineIndex } from './line-index.ts';

export interface IndexedInput {
  readonly input: InputText;
  readonly lines: LineIndex;
}

/** Lines of one input. */
export interface Piece {
  /** Index into the inputs. */
  readonly input: number;
  /** Undefined for text that is in no file. */
  readonly path: string | undefined;
  /** 1-based lines of the file (`InputText.firstLine` counts), both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  /** What `tokensOf` says of `sliceInput`. */
  readonly tokens: number;
}

/** 0-based lines of the text: `from` inclusive, `to` exclusive. */
export interface LineSpan {
  readonly from: number;
  readonly to: number;
}

export async function indexInputs(
  inputs: readonly InputText[],
  pause: () => Promise<void>,
): Promise<readonly IndexedInput[]> {
  const indexed: IndexedInput[] = [];
  for (const input of inputs) indexed.push({ input, lines: await indexLines(input.text, pause) });
  return indexed;
}

/** The piece's own lines, line ends as they are; it says which ones they are when it is not all of the input. */
export function sliceInput({ input, lines }: IndexedInput, { startLine, endLine }: Piece): InputText {
  const from = startLine - input.firstLine;
  const to = endLine - input.firstLine + 1;
  if (from === 0 && to === lines.count) return input;
  return {
    ...input,
    text: lines.slice(from, to),
    firstLine: startLine,
    cut: rangeNote({ input, lines }, startLine, endLine),
  };
}

export function pieceOf(indexed: IndexedInput, index: number, span: LineSpan): Piece {
  const { input, lines } = indexed;
  const startLine = input.firstLine + span.from;
  const endLine = input.firstLine + span.to - 1;
  const isWhole = span.from === 0 && span.to === lines.count;
  const cut = isWhole ? input.cut : rangeNote(indexed, startLine, endLine);
  const lacksLineEnd = span.to === lines.count && !input.text.endsWith('\n');
  const over = lacksLineEnd && input.path !== undefined ? NUMBER_TOKENS : 0;
  const tokens = spanTokens(indexed, span) + marksTokens(input, cut) - over;
  return { input: index, path: input.path, startLine, endLine, tokens };
}

/** A line number at the left takes about this many tokens. */
const NUMBER_TOKENS = 3;

/** Tokens of lines as a prompt shows them, without the marks around them. */
export function spanTokens({ input, lines }: IndexedInput, { from, to }: LineSpan): number {
  return Math.ceil(lines.bytes(from, to) / 3) + (input.path === undefined ? 0 : (to - from) * NUMBER_TOKENS);
}

/** What the marks around any piece of the input take at the most. */
export function mostMarksTokens(indexed: IndexedInput): number {
  const { input, lines } = indexed;
  const last = input.firstLine + lines.count - 1;
  return marksTokens(input, rangeNote(indexed, last, last));
}

/** The empty text counts as one line, as does what follows the last line end. */
function marksTokens(input: InputText, cut: string | undefined): number {
  const { path, firstLine, localOnly } = input;
  return tokensOf([
    { text: '', firstLine, localOnly, ...(path === undefined ? {} : { path }), ...(cut === undefined ? {} : { cut }) },
  ]);
}

function rangeNote({ input, lines }: IndexedInput, startLine: number, endLine: number): string {
  const last = input.firstLine + lines.count - 1;
  const all = input.firstLine === 1 ? `${last}` : `${input.firstLine}-${last}`;
  return `lines ${startLine}-${endLine} of ${all}${input.cut === undefined ? '' : `; ${input.cut}`}`;
}
