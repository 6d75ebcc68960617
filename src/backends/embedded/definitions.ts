import type { Language } from './language.ts';
import type { TextLines } from './text-lines.ts';

/** A symbol that a line defines, by the look of the line alone. */
export interface Definition {
  readonly kind: string;
  readonly name: string;
}

interface Scan {
  readonly lines: TextLines;
  readonly at: number;
  /** The line, cut to what patterns look at. */
  readonly line: string;
}

type Finder = (scan: Scan) => Definition | undefined;

/** Definitions stand at the front of a line; the rest of a long one is not looked at. */
const LOOKED_AT = 300;
/** How far the end of a parameter list is looked for. */
const PARAMETER_LINES = 30;

/** Patterns have the groups `kind` (optional) and `name`. Each is anchored and has no repetition inside a repetition that could match the same text. */
function byPatterns(patterns: readonly (readonly [pattern: RegExp, kind: string])[]): Finder {
  return ({ line }) => {
    for (const [pattern, kind] of patterns) {
      const groups = pattern.exec(line)?.groups;
      if (groups?.['name'] !== undefined) return { kind: groups['kind'] ?? kind, name: groups['name'] };
    }
    return undefined;
  };
}

const scriptPatterns = byPatterns([
  [/^\s*(?:(?:export|default|declare|async)\s+)*(?<kind>function)\s*\*?\s*(?<name>[\w$]+)/, 'function'],
  [/^\s*(?:(?:export|default|declare|abstract)\s+)*(?<kind>class|interface|enum|namespace)\s+(?<name>[\w$]+)/, 'class'],
  [/^\s*(?:(?:export|declare)\s+)*(?<kind>type)\s+(?<name>[\w$]+)\s*[=<]/, 'type'],
  [
    /^(?:(?:export|declare)\s+)*(?:const|let|var)\s+(?<name>[\w$]+)\s*(?::[^=]*)?=\s*(?:async\s*)?(?:function\b|\(|<|[\w$]+\s*=>)/,
    'function',
  ],
  [/^(?:(?:export|declare)\s+)*(?:const|let|var)\s+(?<name>[\w$]+)/, 'constant'],
  [
    /^\s+(?:const|let|var)\s+(?<name>[\w$]+)\s*=\s*(?:async\s*)?(?:function\b.*|\(.*|[\w$]+\s*)(?:=>|\{)\s*$/,
    'function',
  ],
  [/^\s*(?:module\.)?exports\.(?<name>[\w$]+)\s*=\s*(?:async\s+)?(?:function\b|\(|[\w$]+\s*=>)/, 'function'],
  [/^\s*(?:module\.)?exports\.(?<name>[\w$]+)\s*=(?!\s*(?:[\w$.]+|require\(.*\)(?:\.[\w$]+)?);?\s*$)/, 'constant'],
  [/^[\w$]+\.prototype\.(?<name>[\w$]+)\s*=(?!\s*[\w$.]+;?\s*$)/, 'method'],
  [/^\s*[\w$]+\.(?<name>[\w$]+)\s*=\s*(?:async\s+)?(?:function\b|\([^()]*\)\s*=>|[\w$]+\s*=>)/, 'function'],
]);

const NOT_A_METHOD = new Set(
  'if for while switch catch return function new await throw else typeof super do try with using import assert'.split(
    ' ',
  ),
);
const METHOD =
  /^(?<indent>\s+)(?<modifiers>(?:(?:public|private|protected|static|readonly|override|async|get|set|abstract)\s+)*)\*?(?<name>[#\w$]+)\s*(?:<[^<>()]*>)?\(/;
const FIELD =
  /^\s+(?:(?:public|private|protected|static|readonly|override)\s+)*(?<name>[#\w$]+)\s*[:=]\s*(?:async\s+)?(?:function\b.*|\(.*|[\w$]+\s*=>\s*)(?:=>|\{|\()\s*$/;

/** A method's parameter list ends with `) {` on its line, or on a later line of the same indentation. */
function opensBody({ lines, at, line }: Scan, indent: string): boolean {
  if (line.includes('=>') || /\bfunction\b/.test(line)) return false;
  if (/\)\s*(?::[^={}]*)?(?:\{\s*\}?|\{.*\})\s*$/.test(line)) return true;
  if (!/[(,]\s*$/.test(line) && !/\(\{\s*$/.test(line)) return false;
  for (let next = at + 1; next < Math.min(at + PARAMETER_LINES, lines.count); next++) {
    const text = lines.line(next).slice(0, LOOKED_AT);
    if (!text.startsWith(indent) || /^\s*$/.test(text)) return false;
    const closing = text.slice(indent.length);
    if (/^\s/.test(closing) || /^\}: \{$/.test(closing)) continue;
    return /^[)}].*\{\s*$/.test(closing) && closing.includes(')');
  }
  return false;
}

const script: Finder = (scan) => {
  const found = scriptPatterns(scan);
  if (found !== undefined) return found;
  const method = METHOD.exec(scan.line)?.groups;
  const name = method?.['name'];
  if (name !== undefined && !NOT_A_METHOD.has(name) && opensBody(scan, method?.['indent'] ?? ''))
    return { kind: 'method', name };
  const field = FIELD.exec(scan.line)?.groups?.['name'];
  return field === undefined || NOT_A_METHOD.has(field) ? undefined : { kind: 'method', name: field };
};

/** `Type *name(args)` at the margin. Read backwards from the parenthesis, because forward patterns for it backtrack. */
function functionInC({ line }: Scan): Definition | undefined {
  const open = line.indexOf('(');
  if (
    open < 1 ||
    !/^[A-Za-z_~]/.test(line) ||
    line.endsWith(';') ||
    /^(?:if|for|while|switch|return|else|do|typedef)\b/.test(line)
  )
    return undefined;
  const words = line.slice(0, open).split(/[^\w~:]+/);
  const name = words.findLast((word) => word !== '');
  return name === undefined || (words.length < 2 && !name.includes('::')) || line.slice(0, open).includes('=')
    ? undefined
    : { kind: 'function', name };
}

const cPatterns = byPatterns([
  [/^\s*#\s*define\s+(?<name>\w+)/, 'macro'],
  [
    /^\s*(?:typedef\s+)?(?:static\s+)?(?<kind>struct|union|enum|class|namespace)\s+(?:class\s+)?(?<name>\w+)[^;]*$/,
    'struct',
  ],
  [/^@(?<kind>interface|implementation|protocol)\s+(?<name>\w+)/, 'interface'],
]);

const classModifiers =
  '(?:(?:public|private|protected|internal|static|final|abstract|sealed|open|override|virtual|async|suspend|inline|data|partial|readonly|fileprivate|mutating|synchronized|export)\\s+)';

const FINDERS: Readonly<Record<Exclude<Language, 'markdown' | 'json' | 'text'>, Finder>> = {
  script,
  python: byPatterns([
    [/^\s*(?:async\s+)?def\s+(?<name>\w+)/, 'function'],
    [/^\s*(?<kind>class)\s+(?<name>\w+)/, 'class'],
    [/^(?<name>[A-Z][A-Z0-9_]+)\s*(?::[^=]*)?=/, 'constant'],
  ]),
  go: byPatterns([
    [/^func\s+(?:\([^)]*\)\s*)?(?<name>\w+)/, 'function'],
    [/^(?<kind>type|var|const)\s+(?<name>\w+)/, 'type'],
  ]),
  rust: byPatterns([
    [
      /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:async|unsafe|const|default)\s+|extern\s+"[^"]*"\s+)*(?<kind>fn|struct|enum|trait|mod|type|union)\s+(?<name>\w+)/,
      'fn',
    ],
    [/^\s*(?<kind>impl)\b(?:\s*<[^{]*>)?\s*(?<name>[^{]*[^{\s])/, 'impl'],
    [/^\s*(?:pub(?:\([^)]*\))?\s+)?(?<kind>const|static)\s+(?:mut\s+)?(?<name>\w+)\s*:/, 'const'],
    [/^\s*(?<kind>macro_rules!)\s+(?<name>\w+)/, 'macro'],
  ]),
  'class-based': byPatterns([
    [
      new RegExp(
        `^\\s*${classModifiers}*(?<kind>class|interface|enum|record|struct|object|trait|protocol|extension|namespace|actor)\\s+(?<name>\\w+)`,
      ),
      'class',
    ],
    [
      new RegExp(`^\\s*${classModifiers}*(?<kind>fun|func|function|def)\\s+(?:<[^>]*>\\s*)?(?:\\w+\\.)?(?<name>\\w+)`),
      'function',
    ],
    [
      new RegExp(
        `^\\s+${classModifiers}+(?:<[^>]*>\\s*)?(?:[\\w.]+(?:<[^()]*>)?[\\[\\]?]*\\s+)?(?<name>\\w+)\\s*\\([^;=]*$`,
      ),
      'method',
    ],
  ]),
  c: (scan) => cPatterns(scan) ?? functionInC(scan),
  ruby: byPatterns([
    [/^\s*def\s+(?<name>[\w.?!=]+)/, 'function'],
    [/^\s*(?<kind>class|module)\s+(?<name>[\w:]+)/, 'class'],
  ]),
  shell: byPatterns([[/^\s*(?:function\s+)?(?<name>[\w-]+)\s*\(\)/, 'function']]),
  keyed: byPatterns([
    [/^\[\[?(?<name>[^\]]+)\]/, 'section'],
    [/^(?<name>[\w.-]+)\s*[:=]/, 'key'],
  ]),
};

function markdownHeadings(lines: TextLines): readonly (Definition | undefined)[] {
  let fence = '';
  return Array.from({ length: lines.count }, (_, at) => {
    const line = lines.line(at).slice(0, LOOKED_AT);
    const mark = /^\s{0,3}(```|~~~)/.exec(line)?.[1];
    if (mark !== undefined && (fence === '' || fence === mark)) {
      fence = fence === '' ? mark : '';
      return undefined;
    }
    const heading = fence === '' ? /^(#{1,6})\s+(\S.*)$/.exec(line) : null;
    const name = heading?.[2]?.replace(/\s+#+\s*$/, '').trim();
    return name === undefined || name === '' ? undefined : { kind: `heading${heading?.[1]?.length ?? 1}`, name };
  });
}

function jsonKeys(lines: TextLines): readonly (Definition | undefined)[] {
  let margin: string | undefined;
  return Array.from({ length: lines.count }, (_, at) => {
    const key = /^(\s*)"([^"]+)"\s*:/.exec(lines.line(at).slice(0, LOOKED_AT));
    if (key === null) return undefined;
    margin ??= key[1] ?? '';
    return key[1] === margin ? { kind: 'key', name: key[2] ?? '' } : undefined;
  });
}

/** For each line the symbol it defines, if it looks as if it defined one. */
export function definitionsOf(lines: TextLines, language: Language): readonly (Definition | undefined)[] {
  if (language === 'markdown') return markdownHeadings(lines);
  if (language === 'json') return jsonKeys(lines);
  if (language === 'text') return Array.from({ length: lines.count }, () => undefined);
  const find = FINDERS[language];
  return Array.from({ length: lines.count }, (_, at) => {
    const line = lines.line(at).slice(0, LOOKED_AT);
    return line.trim().length < 4 ? undefined : find({ lines, at, line });
  });
}
