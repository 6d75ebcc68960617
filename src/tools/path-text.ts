import { err, ok, type Result } from '../base/result.ts';
import type { ReadRefusal } from '../core/ports.ts';

/** Characters that are not seen or that turn the text around: a path holding them is not what it looks like. */
const UNSEEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/u;

const LONGEST_PATH = 4096;

/**
 * The segments of a path inside the workspace, or why it cannot be one. Looks at the text alone, and refuses every form
 * that some file system reads as another file: home and drive letters, URLs, backslashes, dots and spaces at an end,
 * short (8.3) names. The same on every system, so that what works here works there.
 */
export function splitPath(path: string): Result<readonly string[], ReadRefusal> {
  const why = whyNotPlain(path);
  if (why !== undefined) return err({ kind: 'outside', why });
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  const bad = segments.map(whyBadSegment).find((found) => found !== undefined);
  return bad === undefined ? ok(segments) : err({ kind: 'outside', why: bad });
}

/** May a name that a folder lists stand in a path? */
export function isPlainName(name: string): boolean {
  return !UNSEEN.test(name) && !/[\\/:]/.test(name) && whyBadSegment(name) === undefined;
}

function whyNotPlain(path: string): string | undefined {
  if (path.trim() === '') return 'It is empty; name a file inside the workspace.';
  if (path.length > LONGEST_PATH)
    return `It has more than ${LONGEST_PATH} characters; name a file inside the workspace.`;
  if (UNSEEN.test(path)) return 'It holds characters that cannot be seen; write it without them.';
  if (path.includes('\\')) return 'It holds a backslash; write "/" between folders.';
  if (path.startsWith('/')) return 'It is absolute; write it relative to the workspace.';
  if (path.startsWith('~')) return 'It begins at a home folder; write it relative to the workspace.';
  if (path.includes(':'))
    return 'It holds a colon, as drives, URLs and alternate streams do; write it relative to the workspace.';
  return undefined;
}

function whyBadSegment(segment: string): string | undefined {
  if (segment === '..') return 'It leads out of a folder with ".."; write it relative to the workspace.';
  if (segment !== '.' && /[. ]$/.test(segment))
    return 'A part of it ends in a dot or a space, which some systems drop; write the name as it is.';
  if (/^[^.]{1,8}~\d{1,6}(?:\.[^.]{0,3})?$/.test(segment))
    return 'A part of it is a short name like SRC~1; write the name in full.';
  if (process.platform === 'win32' && /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i.test(segment))
    return 'A part of it names a device.';
  return undefined;
}
