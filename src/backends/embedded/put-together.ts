/** The answer of a run whose orchestrator is no language model: the best passages of all results, and what is missing. */
import type { Subject } from '../../core/backend.ts';
import type { TaskResult } from '../../core/subject.ts';
import { bestPassages, parsePassages, renderPassage } from './passage-text.ts';
import { NEEDS_CODE_BACKEND, NOTHING_FOUND, PASSAGES_ONLY, filesReadForNothing, nothingFound } from './wording.ts';

type Results = Extract<Subject, { readonly kind: 'synthesize' }>;

const PASSAGES = 8;

export function putTogether({ results, missing }: Results): string {
  const passages = bestPassages(
    results.flatMap(({ text }) => parsePassages(text)),
    PASSAGES,
  );
  const others = results.filter((result) => isWritten(result));
  const parts = [
    ...(passages.length > 0 ? [PASSAGES_ONLY, ...passages.map(renderPassage)] : []),
    ...others.map(({ title, text, partial }) => `## ${title}${partial ? ' (incomplete)' : ''}\n\n${text}`),
    ...(passages.length + others.length === 0 && results.length > 0 ? [nothingIn(results)] : []),
    ...leftOut(results),
    ...(missing.length === 0
      ? []
      : [`## Missing\n\n${missing.map(({ title, why }) => `- ${title}: ${why}`).join('\n')}`]),
  ];
  return parts.length === 0 ? `${NOTHING_FOUND}: no task had a result.` : parts.join('\n\n');
}

/** Of all tasks in one sentence. */
function nothingIn(results: readonly TaskResult[]): string {
  return nothingFound(results.reduce((sum, { text }) => sum + filesReadForNothing(text), 0));
}

/** Results that are more than quoted passages are handed on as they are. */
function isWritten({ text }: TaskResult): boolean {
  return text.startsWith(NEEDS_CODE_BACKEND) || (parsePassages(text).length === 0 && !text.startsWith(NOTHING_FOUND));
}

function leftOut(results: readonly TaskResult[]): readonly string[] {
  const notes = results
    .filter((result) => !isWritten(result))
    .flatMap(({ text }) =>
      text.split('\n\n').filter((part) => /^(Not looked into: \d+ other|Not read: |Of .* only lines)/.test(part)),
    );
  return notes.length === 0 ? [] : [notes.join(' ')];
}
