/** An outcome in the fields of the output schemas, with its output cut to what fits, and as text. */
import { formatSpend } from '../app/amounts.ts';
import { describeFailure } from '../core/failure.ts';
import type { RunState } from '../core/run-state.ts';
import { boundedText } from './bounded-text.ts';
import { told, type NextSteps } from './engine-tool.ts';
import type { TaskOutcome } from './task-outcome.ts';
import type { CallAgentOutput } from './tool-schemas.ts';

type Told = Pick<
  CallAgentOutput,
  'output' | 'isCut' | 'partial' | 'withheld' | 'notRead' | 'backend' | 'failure' | 'spent'
>;

/** Files not read that are named. */
const MOST_NAMED = 50;

export function toldOutcome(outcome: TaskOutcome, uri: string, maxChars: number): Told {
  const { output, isPartial, withheld, notRead, backend, failure, spent } = outcome;
  const bounded = output === undefined ? undefined : boundedText(output, maxChars, uri);
  return {
    ...(bounded === undefined ? {} : { output: bounded.text }),
    ...(bounded?.isCut === true ? { isCut: true } : {}),
    ...(isPartial ? { partial: true } : {}),
    ...(withheld === undefined ? {} : { withheld }),
    ...(notRead.length === 0 ? {} : { notRead: notRead.slice(0, MOST_NAMED).map(({ path, why }) => ({ path, why })) }),
    ...(backend === undefined ? {} : { backend }),
    ...(failure === undefined ? {} : { failure: told(failure) }),
    spent,
  };
}

/** The same for whoever reads no structured content. */
export function outcomeText({ output, withheld, partial, failure, notRead = [] }: Told): string {
  const parts = [
    ...(failure === undefined ? [] : [describeFailure({ ...failure, retryable: false })]),
    ...(withheld === undefined ? [] : [withheld]),
    ...(output === undefined ? [] : [failure === undefined ? output : `What there is of it:\n${output}`]),
    ...(partial === true && failure === undefined ? ['(It is not complete.)'] : []),
    ...(notRead.length === 0 ? [] : [`Not read: ${notRead.map(({ path, why }) => `${path} (${why})`).join('; ')}`]),
  ];
  return parts.join('\n\n') || 'It has no result.';
}

export function footer(uri: string, { backend, spent }: Pick<Told, 'backend' | 'spent'>): string {
  const facts = [...(backend === undefined ? [] : [backend]), ...(spent === undefined ? [] : [formatSpend(spent)])];
  return `[${[uri, ...facts].join(' · ')}]`;
}

/** Undefined when the run proposes nothing. */
export function toldEdits(
  { proposal, run }: RunState,
  { apply }: NextSteps,
): { readonly files: string[]; readonly next: string } | undefined {
  return proposal === null ? undefined : { files: [...proposal.files.keys()], next: apply(run) };
}

export function editsText(edits: ReturnType<typeof toldEdits>): readonly string[] {
  return edits === undefined ? [] : [`Proposed edits of ${edits.files.join(', ')}; nothing is written. ${edits.next}`];
}
