/** From the paths a task names to the texts it reads, within data rules and the window of the backend that reads them. */
import { unlessAborted } from '../base/abort.ts';
import type { ReadFile, WithheldFile } from './run-event.ts';
import type { RunContext } from './run-context.ts';
import type { InputText, TaskResult } from './subject.ts';
import type { TaskInput } from './plan.ts';
import { estimateTokens } from './tokens.ts';

export interface ReadInputs {
  readonly inputs: readonly InputText[];
  readonly files: readonly ReadFile[];
  readonly withheld: readonly WithheldFile[];
  /** The first file that a data rule keeps on this machine. */
  readonly localOnlyPath: string | undefined;
  readonly tokens: number;
}

/** Files beyond this many are not opened for one task; the rest is listed as withheld. */
const MAX_FILES = 400;

const NOTHING_FOUND = { files: [], missing: [], withheld: [] };

/** When the signal aborts, what has been read by then: the work that needs it ends before it is used. */
export async function readInputs(
  ctx: RunContext,
  wanted: readonly TaskInput[],
  signal: AbortSignal,
): Promise<ReadInputs> {
  const inputs: InputText[] = wanted.flatMap((input) =>
    'text' in input ? [{ text: input.text, firstLine: 1, localOnly: false }] : [],
  );
  const patterns = wanted.flatMap((input) => ('path' in input ? [input.path] : []));
  const files: ReadFile[] = [];
  const withheld: WithheldFile[] = [];
  let localOnlyPath: string | undefined;
  if (patterns.length > 0) {
    const found = await unlessAborted(ctx.deps.workspace.expand(patterns, signal), signal, NOTHING_FOUND);
    withheld.push(...found.withheld, ...found.missing.map((path) => ({ path, why: 'no such file' })));
    for (const [index, { path }] of found.files.entries()) {
      if (signal.aborted) break;
      if (index >= MAX_FILES) {
        withheld.push({ path, why: `more than ${MAX_FILES} files` });
        continue;
      }
      const read = await unlessAborted(ctx.deps.workspace.read(path, signal), signal, undefined);
      if (read === undefined) break;
      if (!read.ok) {
        withheld.push({ path, why: read.error.why });
        continue;
      }
      const { text, bytes, hash, localOnly } = read.value;
      if (localOnly) localOnlyPath ??= path;
      files.push({ path, hash, bytes, ...(localOnly ? { localOnly } : {}) });
      inputs.push({ path, text, firstLine: 1, localOnly });
    }
  }
  return { inputs, files, withheld, localOnlyPath, tokens: tokensOf(inputs) };
}

/** Tokens of the inputs as a prompt shows them: lines are numbered. */
export function tokensOf(inputs: readonly InputText[]): number {
  return inputs.reduce((sum, input) => sum + inputTokens(input), 0);
}

function inputTokens(input: InputText): number {
  const lines = input.path === undefined ? 0 : countLines(input.text);
  return (
    estimateTokens(input.text) + lines * 3 + estimateTokens(`${input.path ?? ''}${input.cut ?? ''}`) + MARKS_TOKENS
  );
}

/** The marks around one text, and the words in them. */
const MARKS_TOKENS = 40;

/** Tokens of a result as a prompt shows it. */
export function resultTokens(result: TaskResult): number {
  return estimateTokens(result.text) + estimateTokens(result.title) + MARKS_TOKENS;
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Cuts inputs at line borders so that together they take at most `maxTokens`; what was cut says so. */
export function fitInputs(inputs: readonly InputText[], maxTokens: number): readonly InputText[] {
  if (tokensOf(inputs) <= maxTokens) return inputs;
  let left = maxTokens;
  const bySize = [...inputs.entries()].sort(([, a], [, b]) => a.text.length - b.text.length);
  const fitted = new Map<number, InputText>();
  for (const [place, [index, input]] of bySize.entries()) {
    // Small inputs stay whole; what is left is shared evenly by the larger ones.
    const share = Math.max(0, Math.floor(left / (bySize.length - place)));
    const cut = cutToTokens(input, share);
    fitted.set(index, cut);
    left -= inputTokens(cut);
  }
  return inputs.map((input, index) => fitted.get(index) ?? input);
}

/** As long as the longest note on what was cut. */
const CUT_NOTE = 'only lines 1-1,000,000 of 1,000,000, the rest did not fit';

function cutToTokens(input: InputText, maxTokens: number): InputText {
  if (input.text === '' || inputTokens(input) <= maxTokens) return input;
  const lines = input.text.split('\n');
  let tokens = inputTokens({ ...input, text: '', cut: CUT_NOTE });
  let kept = 0;
  for (const line of lines) {
    tokens += estimateTokens(`${line}\n`) + 3;
    if (tokens > maxTokens) break;
    kept += 1;
  }
  const cut = `only lines 1-${kept} of ${lines.length}, the rest did not fit`;
  return {
    ...input,
    text: lines.slice(0, kept).join('\n'),
    cut: kept === 0 ? `left out: all ${lines.length} lines did not fit` : cut,
  };
}
