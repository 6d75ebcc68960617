/** Globs and queries over what exists in an overlay only; the rest is matched where the files are. */
import { RE2JS } from 're2js';
import type { SearchOptions } from '../ports.ts';

const NOTHING = (): boolean => false;

/** `*`, `**`, `?`, `[a-z]` and `{a,b}`; a folder stands for all that is in it. Linear in the path, whatever the glob is. */
export function globMatcher(glob: string): (path: string) => boolean {
  const plain = glob.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.') return () => true;
  const pattern = compile(`^(?:${globPattern(plain)})(?:/.*)?$`, 0);
  return pattern === undefined ? NOTHING : (path) => pattern.test(path);
}

function globPattern(glob: string): string {
  let pattern = '';
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const rest = glob.slice(at);
    const many = /^\*\*\/?/.exec(rest)?.[0];
    const some = /^\[!?[^\]/]+\]/.exec(rest)?.[0];
    const char = glob[at] ?? '';
    if (many !== undefined) {
      pattern += many.endsWith('/') ? '(?:.*/)?' : '.*';
      at += many.length - 1;
    } else if (some !== undefined) {
      pattern += some.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
      at += some.length - 1;
    } else if (char === '*') pattern += '[^/]*';
    else if (char === '?') pattern += '[^/]';
    else if (char === '{' && rest.includes('}')) {
      pattern += '(?:';
      depth += 1;
    } else if (char === '}' && depth > 0) {
      pattern += ')';
      depth -= 1;
    } else if (char === ',' && depth > 0) pattern += '|';
    else pattern += RE2JS.quote(char);
  }
  return pattern + ')'.repeat(depth);
}

/** As the search over files finds lines; a query that cannot be compiled finds nothing (the search over files says why). */
export function lineMatcher({ query, isRegex, matchCase }: SearchOptions): (line: string) => boolean {
  const pattern = compile(isRegex ? query : RE2JS.quote(query), matchCase ? 0 : RE2JS.CASE_INSENSITIVE);
  return pattern === undefined ? NOTHING : (line) => pattern.test(line.slice(0, LONGEST_LINE));
}

const LONGEST_LINE = 20_000;

function compile(pattern: string, flags: number): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern, flags);
  } catch {
    return undefined;
  }
}
