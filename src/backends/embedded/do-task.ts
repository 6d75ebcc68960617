/** A task's result by extraction: passages of its inputs, or for code the outline of what is involved. */
import { plural } from '../../base/plural.ts';
import type { Subject } from '../../core/backend.ts';
import type { InputText } from '../../core/subject.ts';
import { readBrief } from './brief.ts';
import { outlineSymbols } from './outline.ts';
import type { OutlineSymbol } from './outline.ts';
import type { QuotedPassage } from './passage-text.ts';
import { attachedPath, parsePassages, renderPassage } from './passage-text.ts';
import type { SourceText } from './passages.ts';
import { pause } from './pause.ts';
import { rankInSlices } from './rank-in-slices.ts';
import { NEEDS_CODE_BACKEND, nothingFound } from './wording.ts';

type Task = Extract<Subject, { readonly kind: 'task' }>;

const PASSAGES = 8;
const SYMBOLS_PER_FILE = 12;
const MOST_SYMBOLS = 60;

export async function doTask(task: Task, signal: AbortSignal): Promise<string> {
  const brief = readBrief(task.objective);
  const sources = sourcesOf(task);
  const passages = await rankInSlices(brief.question, sources, { limit: PASSAGES, signal });
  const isCode = brief.kind === 'code' || task.capability === 'code';
  const body = isCode
    ? await outline(sources, passages, signal)
    : passages.length === 0
      ? nothingFound(sources.length)
      : passages.map(renderPassage).join('\n\n');
  return [body, ...notes(task, brief.filesLeftOut)].join('\n\n');
}

/** Those that are not empty; what has no path is given a name. */
export function namedSources(inputs: readonly InputText[]): readonly SourceText[] {
  return inputs
    .map(({ path, text, firstLine }, at) => ({ path: path ?? attachedPath(at + 1), text, firstLine }))
    .filter(({ text }) => text.trim() !== '');
}

/** The inputs, and what the results it depends on quote of files. */
function sourcesOf({ inputs, results }: Task): readonly SourceText[] {
  const quoted = results.flatMap(({ text }) =>
    parsePassages(text).map(({ path, startLine, text: lines }) => ({ path, text: lines, firstLine: startLine })),
  );
  return [...namedSources(inputs), ...quoted.filter(({ text }) => text.trim() !== '')];
}

/** What was not read must be known to whoever reads this. */
function notes({ inputs }: Task, filesLeftOut: number): readonly string[] {
  const cut = inputs.flatMap(({ path, cut }) =>
    cut === undefined ? [] : [`Of ${path ?? 'an attached text'} ${cut}.`],
  );
  const left = filesLeftOut === 0 ? [] : [leftOutNote(filesLeftOut)];
  return [...cut, ...left];
}

export function leftOutNote(files: number): string {
  return `Not looked into: ${plural(files, 'other file')} of the workspace.`;
}

async function outline(
  sources: readonly SourceText[],
  passages: readonly QuotedPassage[],
  signal: AbortSignal,
): Promise<string> {
  const lines: string[] = [];
  for (const source of sources) {
    await pause(signal);
    const symbols = outlineSymbols(source);
    const near = symbols.filter(({ line }) =>
      passages.some((passage) => passage.path === source.path && line >= passage.startLine && line <= passage.endLine),
    );
    const chosen = near.length > 0 ? near : symbols;
    lines.push(...chosen.slice(0, SYMBOLS_PER_FILE).map((symbol) => renderSymbol(source.path, symbol)));
    if (lines.length >= MOST_SYMBOLS) break;
  }
  const list = lines.length === 0 ? nothingFound(sources.length) : lines.slice(0, MOST_SYMBOLS).join('\n');
  return `${NEEDS_CODE_BACKEND}\n\n${list}`;
}

/** Lines are named and not linked: only what was checked is. */
function renderSymbol(path: string, { kind, signature, line }: OutlineSymbol): string {
  const fence = signature.includes('`') ? '``' : '`';
  return `- ${path}:${line} ${kind} ${fence}${fence.length > 1 ? ` ${signature} ` : signature}${fence}`;
}
