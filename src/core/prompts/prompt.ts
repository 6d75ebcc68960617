import type { ChatMessage } from '../backend.ts';
import type { InputText, TaskResult } from '../subject.ts';

/** A named, versioned template. Change the text, raise the version: the journal records which one a call was made with. */
export interface Prompt<T> {
  readonly name: string;
  readonly version: number;
  readonly render: (values: T) => readonly ChatMessage[];
}

export function promptVersion(prompt: { readonly name: string; readonly version: number }): string {
  return `${prompt.name}@${prompt.version}`;
}

/**
 * Puts text from files, people or models between marks that the text itself cannot contain, so that a model can tell
 * what it was asked from what it was shown. `mark` is random for each run.
 */
export function fence(mark: string, label: string, text: string): string {
  const safe = unmarked(mark, text);
  const line = unmarked(mark, label.replaceAll(/[\r\n\u2028\u2029]+/g, ' '));
  return `<<${mark} ${line}>>\n${safe}${safe.endsWith('\n') ? '' : '\n'}<<${mark} end>>`;
}

/** A result that a task depends on. */
export function fenceResult(mark: string, { title, text, partial }: TaskResult): string {
  return fence(mark, `result of the task "${title}"${partial ? ' (incomplete: it was cut)' : ''}`, text);
}

/** Something stands where the mark was: pieces that closed up could make a new one. */
function unmarked(mark: string, text: string): string {
  return showHidden(text).replaceAll(mark, '[mark]');
}

/**
 * Tag characters (U+E0000 to U+E007F) and direction overrides, which a model reads and a person does not see. Joiners are
 * left alone: scripts and emoji need them.
 */
const HIDDEN = /[\u{E0000}-\u{E007F}\u202A-\u202E\u2066-\u2069]+/gu;

/** Makes what would be hidden from the person visible, as a note in its place. */
function showHidden(text: string): string {
  return text.replaceAll(HIDDEN, (found) => `[${Array.from(found).length} hidden characters taken out]`);
}

/** Numbers lines the way citations name them. */
export function numberLines(text: string, firstLine: number): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const width = String(firstLine + lines.length - 1).length;
  return lines
    .map((line, index) => `${String(firstLine + index).padStart(width)}| ${line.replace(/\r$/, '')}`)
    .join('\n');
}

/** What stands in the mark before an input: its path, what was left out of it, and whether it is unsaved. */
export function inputLabel({ path, cut, unsaved }: Pick<InputText, 'path' | 'cut' | 'unsaved'>): string {
  const notes = [cut, unsaved === true ? 'as it is in the editor, unsaved' : undefined].filter(
    (note) => note !== undefined,
  );
  return `${path === undefined ? 'text' : `file ${path}`}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

/** Inputs that were named and cannot be shown, on one line whatever their names hold. */
export function withheldText(withheld: readonly { readonly path: string; readonly why: string }[]): string {
  return withheld.map(({ path, why }) => `${path} (${why})`.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')).join('; ');
}
