/** The briefs of the tasks that the embedded planner makes: complete for any backend, and readable again for this one. */

export type BriefKind = 'read' | 'code';

export interface Brief {
  readonly kind: BriefKind;
  /** What the user asked. */
  readonly question: string;
  /** Files of the workspace that the plan did not take in. */
  readonly filesLeftOut: number;
}

const WORDS: Readonly<Record<BriefKind, string>> = {
  read: 'Find what in the given files bears on this request. Quote the passages word for word, each with its file and line numbers, the most telling ones first. If nothing in them bears on it, say so.',
  code: 'Write the code that this request asks for, for the given files. Name each file and place that has to change.',
};
const OPENING = 'The request:\n\n';
const LEFT_OUT = /\n\nFiles that nobody was given: (\d+)\.$/;

export function writeBrief({ kind, question, filesLeftOut }: Brief): string {
  const leftOut = filesLeftOut === 0 ? '' : `\n\nFiles that nobody was given: ${filesLeftOut}.`;
  return `${OPENING}${question}\n\n${WORDS[kind]}${leftOut}`;
}

/** Any other planner's objective is a question as a whole. */
export function readBrief(objective: string): Brief {
  const leftOut = LEFT_OUT.exec(objective);
  const rest = leftOut === null ? objective : objective.slice(0, leftOut.index);
  for (const kind of ['read', 'code'] as const) {
    const closing = `\n\n${WORDS[kind]}`;
    if (rest.startsWith(OPENING) && rest.endsWith(closing)) {
      return { kind, question: rest.slice(OPENING.length, -closing.length), filesLeftOut: Number(leftOut?.[1] ?? 0) };
    }
  }
  return { kind: 'read', question: objective, filesLeftOut: 0 };
}
