/** From the paths a task names to the texts it reads, within data rules and the window of the backend that reads them. */
import { countLines } from '../base/count-lines.ts';
import { unlessAborted } from '../base/abort.ts';
import { ruleText } from './local-only.ts';
import { splitLineRange, type LineRange } from './line-range.ts';
import type { ReadFile, WithheldFile } from './run-event.ts';
import type { RunContext } from './run-context.ts';
import type { InputText, TaskResult } from './subject.ts';
import type { TaskInput } from './plan/plan.ts';
import { estimateTokens } from './tokens.ts';

export interface ReadInputs {
  readonly inputs: readonly InputText[];
  readonly files: readonly ReadFile[];
  readonly withheld: readonly WithheldFile[];
  /** The first rule that keeps one of the files on this machine, as `ruleText`. */
  readonly localRule: string | undefined;
  readonly tokens: number;
}

/** Files beyond this many are not opened for one task; the rest is listed as withheld. */
const MAX_FILES = 2_000;

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
  let localRule: string | undefined;
  if (patterns.length > 0) {
    const found = await expandAll(ctx, patterns, signal);
    withheld.push(...found.withheld, ...found.missing.map((path) => ({ path, why: 'no such file' })));
    for (const [index, { path, range }] of found.files.entries()) {
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
      const { text, bytes, hash, localOnly, rule, unsaved } = read.value;
      const lines = linesIn(text, range);
      if (localOnly) localRule ??= ruleText({ path, ...(rule === undefined ? {} : { rule }) });
      if (lines === undefined) {
        withheld.push({ path: rangeName(path, range), why: `the file has ${lastLine(text)} lines` });
        continue;
      }
      const marks = { ...(unsaved === undefined ? {} : { unsaved }) };
      files.push({
        path,
        hash,
        bytes,
        ...(localOnly ? { localOnly } : {}),
        ...(rule === undefined ? {} : { rule }),
        ...marks,
      });
      inputs.push({ path, ...lines, localOnly, ...marks });
    }
  }
  return { inputs, files, withheld, localRule, tokens: await measure(inputs, ctx.deps.pause) };
}

/** Lines are taken to be this long: a range is sized without reading its file. */
const BYTES_PER_LINE = 40;

/** About how many tokens these paths and globs have, from the sizes of the files: nothing is read. */
export async function inputPathTokens(ctx: RunContext, patterns: readonly string[]): Promise<number> {
  const { files } = await expandAll(ctx, patterns, ctx.signal);
  return files.reduce((sum, { bytes, range }) => {
    const inRange = range === undefined ? bytes : (Math.abs(range.endLine - range.startLine) + 1) * BYTES_PER_LINE;
    return sum + Math.ceil(Math.min(bytes, inRange) / 3) + MARKS_TOKENS;
  }, 0);
}

interface FoundInputs {
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly range?: LineRange }[];
  readonly missing: readonly string[];
  readonly withheld: readonly WithheldFile[];
}

async function expandAll(ctx: RunContext, patterns: readonly string[], signal: AbortSignal): Promise<FoundInputs> {
  const expand = (some: readonly string[]): Promise<FoundInputs> =>
    unlessAborted(ctx.deps.workspace.expand(some, signal), signal, NOTHING_FOUND);
  const whole = await expand(patterns);
  const ranges = whole.missing.flatMap((pattern) => {
    const named = splitLineRange(pattern);
    return named === undefined ? [] : [{ pattern, ...named }];
  });
  const isRange = new Set(ranges.map(({ pattern }) => pattern));
  const files = [...whole.files];
  const missing = whole.missing.filter((pattern) => !isRange.has(pattern));
  const withheld = [...whole.withheld];
  for (const { path, range } of ranges) {
    const found = await expand([path]);
    files.push(...found.files.map(({ path: name, bytes }) => ({ path: name, bytes, range })));
    missing.push(...found.missing);
    withheld.push(...found.withheld);
  }
  return { files, missing, withheld };
}

function rangeName(path: string, range: LineRange | undefined): string {
  return range === undefined ? path : `${path}#L${range.startLine}-L${range.endLine}`;
}

/** What follows the last line end is a line when there is something in it. */
function lastLine(text: string): number {
  return countLines(text) - (text === '' || text.endsWith('\n') ? 1 : 0);
}

/** Undefined when the text ends before the range. */
function linesIn(text: string, range: LineRange | undefined): Pick<InputText, 'text' | 'firstLine'> | undefined {
  if (range === undefined) return { text, firstLine: 1 };
  const start = Math.max(1, Math.min(range.startLine, range.endLine));
  if (start > lastLine(text)) return undefined;
  return {
    text: text
      .split('\n')
      .slice(start - 1, Math.max(start, range.startLine, range.endLine))
      .join('\n'),
    firstLine: start,
  };
}

/** As `tokensOf`, letting others run between pieces of large texts. */
async function measure(inputs: readonly InputText[], pause: () => Promise<void>): Promise<number> {
  let tokens = 0;
  for (const input of inputs) {
    for (let at = 0; at < input.text.length || at === 0; at += MEASURED_AT_ONCE) {
      const text = input.text.slice(at, at + MEASURED_AT_ONCE);
      tokens +=
        at === 0
          ? inputTokens({ ...input, text })
          : estimateTokens(text) + (input.path === undefined ? 0 : countLines(text) * 3);
      if (text.length === MEASURED_AT_ONCE) await pause();
    }
  }
  return tokens;
}

const MEASURED_AT_ONCE = 262_144;

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

/** Cuts inputs at line borders so that together they take at most `maxTokens`; what was cut says so. */
export function fitInputs(inputs: readonly InputText[], maxTokens: number): readonly InputText[] {
  const leastTokens = inputs.reduce((sum, input) => sum + input.text.length / 3, 0);
  if (leastTokens <= maxTokens && tokensOf(inputs) <= maxTokens) return inputs;
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
  if (input.text === '' || (input.text.length / 3 <= maxTokens && inputTokens(input) <= maxTokens)) return input;
  // More characters than these cannot be kept, however they are counted.
  const lines = input.text.slice(0, maxTokens * 3 + 1).split('\n');
  const total = countLines(input.text);
  let tokens = inputTokens({ ...input, text: '', cut: CUT_NOTE });
  let kept = 0;
  for (const line of lines) {
    tokens += estimateTokens(`${line}\n`) + 3;
    if (tokens > maxTokens) break;
    kept += 1;
  }
  const cut = `only lines 1-${kept} of ${total}, the rest did not fit`;
  return {
    ...input,
    text: lines.slice(0, kept).join('\n'),
    cut: kept === 0 ? `left out: all ${total} lines did not fit` : cut,
  };
}
