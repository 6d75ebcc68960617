/** Where a text may be cut so that what belongs together stays together: by the look of lines, in any language. */
import type { IndexedInput } from './indexed-input.ts';

/** How good a place between two lines is, best last. */
const BORDER = {
  any: 0,
  lessIndented: 1,
  blank: 2,
  margin: 3,
  definition: 4,
  afterBlank: 5,
  definitionAfterBlank: 6,
  heading: 7,
} as const;

/** Definitions and headings stand at the front of a line; the rest of a long one is not looked at. */
const LOOKED_AT = 200;
const MAX_LEADING = 40;
/** An indentation of this many columns is still "low": a method of a class, not a statement in it. */
const LOW_INDENT = 4;
const TAB_COLUMNS = 4;

const DEFINITION =
  /^(?:(?:export|default|declare|async|public|private|protected|internal|static|final|abstract|sealed|open|override|pub(?:\([^)]{0,30}\))?|unsafe|extern|inline|virtual|data)\s+){0,6}(?:function\b|class\b|interface\b|enum\b|namespace\b|module\b|type\s+\w|def\s|fn\s|func\s|fun\s|impl\b|struct\b|trait\b|mod\s|macro_rules!|protocol\b|extension\b|record\s|object\s|(?:const|let|var)\s+[\w$]+\s*[:=]|describe\(|it\(|template\s*<|typedef\b|CREATE\s)/;
/** What stands above a definition and belongs to it. */
const BELONGS_BELOW = /^(?:\/\/|\/\*|\*|#|@\w|--|"""|\[\w)/;
const MARKED_HEADING = /^(#{1,6}|={1,6})\s+\S/;
const NAMED_HEADING = /^(?:part|book|act|chapter|section|scene|appendix)\s+(?:\d|[ivxlc]+\b|[a-z]\b)/i;
const CLOSES = /^[\])}>;,]|^end\b|^(?:else|elif|except|finally|catch|case)\b/;

interface LineLook {
  /** Columns; -1 for a blank line. */
  readonly indent: number;
  /** What follows the indentation, cut. */
  readonly head: string;
}

export function lookAt({ input, lines }: IndexedInput, line: number): LineLook {
  const start = lines.start(line);
  const end = Math.min(lines.end(line), start + LOOKED_AT);
  let at = start;
  let indent = 0;
  for (; at < end && at - start < MAX_LEADING; at++) {
    const unit = input.text.charCodeAt(at);
    if (unit === 9) indent += TAB_COLUMNS;
    else if (unit === 32) indent += 1;
    else break;
  }
  const head = input.text.slice(at, end);
  return { indent: head.trim() === '' ? -1 : indent, head };
}

export function isDefinition({ indent, head }: LineLook): boolean {
  return indent >= 0 && DEFINITION.test(head);
}

/** Prose, in which `#` begins a heading and not a comment. */
export function isProse(path: string | undefined): boolean {
  return path === undefined || /\.(?:md|mdx|markdown|adoc|asciidoc|asc|txt|rst)$/i.test(path);
}

/** 1 for the highest heading of prose, undefined for what is none. Code in prose is not told apart. */
export function headingLevel(indexed: IndexedInput, line: number): number | undefined {
  const { indent, head } = lookAt(indexed, line);
  if (indent !== 0) return undefined;
  const marks = MARKED_HEADING.exec(head)?.[1];
  if (marks !== undefined) return marks.length;
  if (NAMED_HEADING.test(head) && head.length < LONGEST_HEADING) return 2;
  if (line + 1 >= indexed.lines.count || !/^[\p{L}\p{N}]/u.test(head)) return undefined;
  const below = lookAt(indexed, line + 1);
  if (below.indent !== 0 || (line > 0 && lookAt(indexed, line - 1).indent >= 0)) return undefined;
  if (/^={3,}\s*$/.test(below.head)) return 1;
  return /^-{3,}\s*$/.test(below.head) ? 2 : undefined;
}

const LONGEST_HEADING = 80;

/** How good it is to cut before `line`, which is not the first one. */
export function borderBefore(indexed: IndexedInput, line: number): number {
  const look = lookAt(indexed, line);
  const { indent, head } = look;
  // Blank lines stay with what is above them.
  if (indent < 0) return BORDER.any;
  const above = lookAt(indexed, line - 1);
  const isAfterBlank = above.indent < 0;
  if (isProse(indexed.input.path) && headingLevel(indexed, line) !== undefined)
    return isAfterBlank ? BORDER.heading : BORDER.definition;
  if (CLOSES.test(head)) return BORDER.any;
  if (indent <= LOW_INDENT && isDefinition(look)) return beforeDefinition(indent, above);
  if (isAfterBlank) return indent === 0 ? BORDER.afterBlank : BORDER.blank;
  if (indent === 0) return BELONGS_BELOW.test(above.head) ? BORDER.any : BORDER.margin;
  return indent < above.indent ? BORDER.lessIndented : BORDER.any;
}

function beforeDefinition(indent: number, above: LineLook): number {
  if (above.indent < 0) return indent === 0 ? BORDER.definitionAfterBlank : BORDER.definition;
  if (BELONGS_BELOW.test(above.head)) return BORDER.any;
  return indent === 0 ? BORDER.definition : BORDER.blank;
}
