/** A place in a file of the workspace, as results and answers link to it. */
export interface FileLink {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  /** 1-based, both inclusive; null: the whole file. */
  readonly startLine: number | null;
  readonly endLine: number | null;
}

const PLACE = /^(?<path>[^?#]+?)(?:#L(?<start>\d{1,9})(?:-L?(?<end>\d{1,9}))?|:(?<from>\d{1,9})(?:-(?<to>\d{1,9}))?)?$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** `src/a%20b.ts#L10-L12`, `src/a.ts:10`, `src/a.ts`; undefined for addresses and whatever leaves the workspace. */
export function readFileLink(href: string): FileLink | undefined {
  const groups = href.length > 2_000 ? undefined : PLACE.exec(href)?.groups;
  const path = groups?.['path'] === undefined ? undefined : decoded(groups['path'])?.replace(/^\.\//, '');
  if (groups === undefined || path === undefined || !isInside(path)) return undefined;
  const start = Number(groups['start'] ?? groups['from'] ?? 0);
  if (start === 0) return { path, startLine: null, endLine: null };
  return { path, startLine: start, endLine: Math.max(start, Number(groups['end'] ?? groups['to'] ?? start)) };
}

function isInside(path: string): boolean {
  if (path === '' || SCHEME.test(path) || /^[/\\~]|[\\\u0000-\u001f]/.test(path)) return false;
  return !path.split('/').includes('..');
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
