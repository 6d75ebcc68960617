/** Questions with known answers in the source of installed packages. */

export interface Answer {
  /** Path inside the package. */
  readonly file: string;
  /** A text that is on exactly one line of the file; its number is found at run time. */
  readonly anchor: string;
}

export interface AnswerableQuestion {
  readonly package: string;
  readonly question: string;
  /** Any of them is right; mostly there is one. */
  readonly answers: readonly Answer[];
}

export interface UnanswerableQuestion {
  readonly package: string;
  readonly question: string;
}

export interface PackageSources {
  readonly package: string;
  /** The version in package-lock.json; another one makes the anchors meaningless. */
  readonly version: string;
  readonly folder: string;
  readonly endings: readonly string[];
}

export interface QuestionSet {
  readonly packages: readonly PackageSources[];
  readonly answerable: readonly AnswerableQuestion[];
  readonly unanswerable: readonly UnanswerableQuestion[];
}

/** A question, the place of its answer and, where another place answers as well, that too. */
type Row = readonly [question: string, file: string, anchor: string, alsoFile?: string, alsoAnchor?: string];

export function answerable(name: string, rows: readonly Row[]): readonly AnswerableQuestion[] {
  return rows.map(([question, file, anchor, alsoFile, alsoAnchor]) => ({
    package: name,
    question,
    answers: [
      { file, anchor },
      ...(alsoFile === undefined || alsoAnchor === undefined ? [] : [{ file: alsoFile, anchor: alsoAnchor }]),
    ],
  }));
}

export function unanswerable(name: string, questions: readonly string[]): readonly UnanswerableQuestion[] {
  return questions.map((question) => ({ package: name, question }));
}
