/** Lines of a file as a path names them: `src/a.ts#L10-L20`, `src/a.ts#L10`. An editor selection is attached so. */

export interface LineRange {
  /** 1-based, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
}

const RANGE = /^(.+)#L(\d{1,9})(?:-L?(\d{1,9}))?$/;

/** Undefined when no lines are named. A file may have such a name itself, so the whole path is tried first. */
export function splitLineRange(path: string): { readonly path: string; readonly range: LineRange } | undefined {
  const [, file = '', start, end = start] = RANGE.exec(path) ?? [];
  return file === '' ? undefined : { path: file, range: { startLine: Number(start), endLine: Number(end) } };
}
