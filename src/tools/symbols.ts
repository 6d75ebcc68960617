import type { SymbolInfo } from '../core/ports.ts';

/** More than that nobody reads; files that have more were written by programs. */
const MOST_SYMBOLS = 2000;
const MOST_COLLECTED = 50_000;

/** Undefined or none: it knows nothing of this text. The path is absolute. */
export type LanguageSupport = (
  path: string,
  text: string,
  signal: AbortSignal,
) => Promise<readonly SymbolInfo[] | undefined>;

/** Symbols as the language support gives them, else read off the text. Throws only the signal's reason. */
export async function symbolsIn(
  { path, text }: { readonly path: string; readonly text: string },
  from: {
    /** Absolute; undefined for a path that is not in the workspace. */
    readonly file: string | undefined;
    readonly support: LanguageSupport | undefined;
    readonly signal: AbortSignal;
  },
): Promise<readonly SymbolInfo[]> {
  from.signal.throwIfAborted();
  // Language support is a program of somebody else's; when it fails, the text is still there.
  const known =
    from.file === undefined
      ? undefined
      : await from.support?.(from.file, text, from.signal).catch((): undefined => undefined);
  from.signal.throwIfAborted();
  const tidy = tidySymbols(known ?? [], text);
  return bounded(tidy.length > 0 ? tidy : symbolsOfText(path, text));
}

/** In the shape that was promised: in the order of the text and inside of it. */
function tidySymbols(symbols: readonly SymbolInfo[], text: string): readonly SymbolInfo[] {
  const last = text.split('\n').length;
  return symbols
    .filter(({ startLine, endLine }) => startLine >= 1 && endLine >= startLine && startLine <= last)
    .map((symbol) => ({ ...symbol, kind: symbol.kind.toLowerCase(), endLine: Math.min(symbol.endLine, last) }))
    .toSorted((a, b) => a.startLine - b.startLine || a.depth - b.depth);
}

/** Of too many the deepest are left out first, so that the whole text stays in sight. */
function bounded(symbols: readonly SymbolInfo[]): readonly SymbolInfo[] {
  if (symbols.length <= MOST_SYMBOLS) return symbols;
  const deepest = symbols.reduce((depth, symbol) => Math.max(depth, symbol.depth), 0);
  const fewer = symbols.filter(({ depth }) => depth < deepest);
  return fewer.length > 0 ? bounded(fewer) : symbols.slice(0, MOST_SYMBOLS);
}

/**
 * What a line defines, by patterns, and where it ends, by indentation. For languages whose parser is not at hand; text
 * that is indented against its structure misleads it.
 */
function symbolsOfText(path: string, text: string): readonly SymbolInfo[] {
  const language = languageOf(path);
  if (language === undefined) return [];
  const lines = text.split(/\r?\n/);
  return language === 'markdown' ? headings(lines) : definitions(lines, language);
}

type Language = 'script' | 'python' | 'go' | 'rust' | 'typed' | 'c' | 'php' | 'ruby' | 'keyed' | 'markdown';

const EXTENSIONS: Readonly<Record<Language, string>> = {
  script: 'ts tsx mts cts js jsx mjs cjs vue svelte',
  python: 'py pyi',
  go: 'go',
  rust: 'rs',
  typed: 'java cs kt kts scala swift dart groovy',
  c: 'c h cc cpp cxx hpp hh hxx ino m mm',
  php: 'php',
  ruby: 'rb rake',
  keyed: 'toml ini cfg yaml yml',
  markdown: 'md markdown mdx',
};

function languageOf(path: string): Language | undefined {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const found = Object.entries(EXTENSIONS).find(([, extensions]) => extensions.split(' ').includes(extension));
  return found?.[0] as Language | undefined;
}

/** `in`: only directly inside of a symbol of such a kind. */
interface Pattern {
  /** With the groups `name` and, where the text says it, `kind`; anchored, and without ambiguous repetition. */
  readonly line: RegExp;
  readonly kind: string;
  readonly in?: 'type';
}

const TYPE_KINDS: ReadonlySet<string> = new Set(
  'class interface enum struct trait impl record object protocol extension namespace union actor module mod constant'.split(
    ' ',
  ),
);

const scriptModifiers = '(?:(?:public|private|protected|static|readonly|override|async|get|set|abstract|declare)\\s+)*';
const typedModifiers =
  '(?:(?:public|private|protected|internal|static|final|abstract|sealed|open|override|virtual|async|suspend|inline|data|partial|readonly|fileprivate|mutating|export|case)\\s+)*';

const MEMBER: Pattern = {
  line: /^\s+(?:@\w+\s+)*(?:[\w<>[\],.?&*:]+\s+)*[*&]*(?<name>~?\w+)\s*\(/,
  kind: 'method',
  in: 'type',
};

const PATTERNS: Readonly<Record<Exclude<Language, 'markdown'>, readonly Pattern[]>> = {
  script: [
    { line: /^\s*(?:(?:export|default|declare|async)\s+)*function\s*\*?\s*(?<name>[\w$]+)/, kind: 'function' },
    {
      line: /^\s*(?:(?:export|default|declare|abstract|const)\s+)*(?<kind>class|interface|enum|namespace|module)\s+(?<name>[\w$]+)/,
      kind: 'class',
    },
    { line: /^\s*(?:(?:export|declare)\s+)*type\s+(?<name>[\w$]+)\s*[=<]/, kind: 'type' },
    {
      line: /^\s*(?:(?:export|declare)\s+)*(?:const|let|var)\s+(?<name>[\w$]+)\s*(?::[^=]*)?=\s*(?:async\s*)?(?:function\b|\([^=]*=>|[\w$]+\s*=>|\(\s*$)/,
      kind: 'function',
    },
    { line: /^(?:(?:export|declare)\s+)*(?:const|let|var)\s+(?<name>[\w$]+)/, kind: 'constant' },
    {
      line: new RegExp(
        `^\\s+${scriptModifiers}(?<name>[#\\w$]+)\\s*=\\s*(?:async\\s*)?(?:function\\b|\\([^=]*=>|[\\w$]+\\s*=>)`,
      ),
      kind: 'method',
      in: 'type',
    },
    {
      line: new RegExp(`^\\s+${scriptModifiers}\\*?(?<name>[#\\w$]+)\\??(?:<[^()]*>)?\\(`),
      kind: 'method',
      in: 'type',
    },
  ],
  python: [
    { line: /^\s*(?:async\s+)?def\s+(?<name>\w+)/, kind: 'function' },
    { line: /^\s*class\s+(?<name>\w+)/, kind: 'class' },
    { line: /^(?<name>[A-Z][A-Z0-9_]+)\s*(?::[^=]*)?=/, kind: 'constant' },
  ],
  go: [
    { line: /^func\s+\([^)]*\)\s*(?<name>\w+)/, kind: 'method' },
    { line: /^func\s+(?<name>\w+)/, kind: 'function' },
    { line: /^type\s+(?<name>\w+)\s+(?<kind>struct|interface)\b/, kind: 'type' },
    { line: /^type\s+(?<name>\w+)/, kind: 'type' },
    { line: /^(?:var|const)\s+(?<name>\w+)/, kind: 'variable' },
  ],
  rust: [
    {
      line: /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:async|unsafe|const|default)\s+|extern\s+"[^"]*"\s+)*fn\s+(?<name>\w+)/,
      kind: 'function',
    },
    {
      line: /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?(?<kind>struct|enum|trait|mod|type|union)\s+(?<name>\w+)/,
      kind: 'struct',
    },
    { line: /^\s*(?:unsafe\s+)?impl\b(?:<[^{]*>)?\s*(?<name>[^{]*[^{\s])/, kind: 'impl' },
    { line: /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const|static)\s+(?:mut\s+)?(?<name>\w+)\s*:/, kind: 'constant' },
    { line: /^\s*macro_rules!\s+(?<name>\w+)/, kind: 'macro' },
  ],
  typed: [
    {
      line: new RegExp(
        `^\\s*${typedModifiers}(?<kind>class|interface|enum|record|struct|object|trait|protocol|extension|namespace|actor)\\s+(?<name>[\\w.]+)`,
      ),
      kind: 'class',
    },
    {
      line: new RegExp(`^\\s*${typedModifiers}(?:fun|func|def)\\s+(?:<[^>]*>\\s*)?(?:\\w+\\.)?(?<name>\\w+)`),
      kind: 'function',
    },
    MEMBER,
  ],
  c: [
    { line: /^\s*#\s*define\s+(?<name>\w+)/, kind: 'macro' },
    {
      line: /^\s*(?:typedef\s+)?(?:template\s*<[^>]*>\s*)?(?:static\s+)?(?<kind>struct|union|enum|class|namespace)\s+(?:class\s+)?(?<name>\w+)[^;()]*$/,
      kind: 'struct',
    },
    { line: /^@(?<kind>interface|implementation|protocol)\s+(?<name>\w+)/, kind: 'interface' },
    { line: /^(?:[\w<>,:]+[\s*&]+)+(?<name>[\w:~]+)\s*\([^;]*$/, kind: 'function' },
    MEMBER,
  ],
  php: [
    {
      line: /^\s*(?:(?:abstract|final|readonly)\s+)*(?<kind>class|interface|trait|enum)\s+(?<name>\w+)/,
      kind: 'class',
    },
    {
      line: /^\s*(?:(?:public|private|protected|static|abstract|final)\s+)*function\s+&?(?<name>\w+)/,
      kind: 'function',
    },
  ],
  ruby: [
    { line: /^\s*def\s+(?<name>[\w.?!=]+)/, kind: 'function' },
    { line: /^\s*(?<kind>class|module)\s+(?<name>[\w:]+)/, kind: 'class' },
  ],
  keyed: [
    { line: /^\[\[?(?<name>[^\]]+)\]/, kind: 'section' },
    { line: /^(?<name>[\w.-]+)\s*[:=]/, kind: 'key' },
  ],
};

const NO_NAMES: ReadonlySet<string> = new Set(
  'if for while switch catch return function new await throw else do try with using case typeof super yield sizeof'.split(
    ' ',
  ),
);

/** Definitions stand at the front of a line; the rest of a long one is not looked at. */
const LOOKED_AT = 300;
const TAB = 4;

interface OpenSymbol {
  readonly name: string;
  readonly kind: string;
  readonly startLine: number;
  readonly depth: number;
  readonly indent: number;
  endLine: number;
}

function definitions(lines: readonly string[], language: Exclude<Language, 'markdown'>): readonly SymbolInfo[] {
  const all: OpenSymbol[] = [];
  const open: OpenSymbol[] = [];
  let lastFilled = 0;
  for (const [index, whole] of lines.entries()) {
    const line = whole.slice(0, LOOKED_AT);
    const trimmed = line.trim();
    if (trimmed === '' || isPassedOver(trimmed, language)) continue;
    const indent = indentOf(line);
    const isClosing = closeSymbols(open, { indent, trimmed, number: index + 1, lastFilled });
    const found = isClosing ? undefined : definitionIn(line, language, open.at(-1)?.kind);
    if (found !== undefined && all.length < MOST_COLLECTED) {
      const symbol = { ...found, startLine: index + 1, depth: open.length, indent, endLine: index + 1 };
      all.push(symbol);
      open.push(symbol);
    }
    lastFilled = index + 1;
  }
  for (const symbol of open) symbol.endLine = lastFilled;
  return all.map(asInfo);
}

/** Lines that stand at the margin whatever they are in. */
function isPassedOver(trimmed: string, language: Language): boolean {
  if (language === 'python' || language === 'ruby' || language === 'keyed') return trimmed.startsWith('#');
  if (language === 'c') return /^#(?!\s*define)/.test(trimmed) || /^\w+:$/.test(trimmed);
  return false;
}

interface LineSeen {
  readonly indent: number;
  readonly trimmed: string;
  readonly number: number;
  readonly lastFilled: number;
}

/** Ends what a line ends; true when the line itself is the last one of a symbol or goes on with it. */
function closeSymbols(open: OpenSymbol[], { indent, trimmed, number, lastFilled }: LineSeen): boolean {
  for (let last = open.at(-1); last !== undefined && last.indent >= indent; last = open.at(-1)) {
    if (last.indent === indent && /^[{)\]}]|^end\b/.test(trimmed)) {
      if (/[{([,]$|=>$|^\).*:$/.test(trimmed)) return true;
      last.endLine = number;
      open.pop();
      return true;
    }
    last.endLine = lastFilled;
    open.pop();
  }
  return false;
}

function definitionIn(
  line: string,
  language: Exclude<Language, 'markdown'>,
  parent: string | undefined,
): { readonly name: string; readonly kind: string } | undefined {
  const isInType = parent !== undefined && TYPE_KINDS.has(parent);
  for (const pattern of PATTERNS[language]) {
    if (pattern.in === 'type' && !isInType) continue;
    const groups = pattern.line.exec(line)?.groups;
    const name = groups?.['name']?.trim();
    if (name === undefined || NO_NAMES.has(name)) continue;
    const kind = groups?.['kind'] ?? pattern.kind;
    return { name, kind: kind === 'function' && isInType && parent !== 'constant' ? 'method' : kind };
  }
  return undefined;
}

function indentOf(line: string): number {
  let indent = 0;
  for (const char of line) {
    if (char === ' ') indent++;
    else if (char === '\t') indent += TAB - (indent % TAB);
    else break;
  }
  return indent;
}

function headings(lines: readonly string[]): readonly SymbolInfo[] {
  const all: OpenSymbol[] = [];
  const open: OpenSymbol[] = [];
  let fence = '';
  for (const [index, line] of lines.entries()) {
    const mark = /^\s{0,3}(```|~~~)/.exec(line)?.[1];
    if (mark !== undefined && (fence === '' || fence === mark)) fence = fence === '' ? mark : '';
    const heading = fence === '' ? /^(#{1,6})\s+(\S.*)$/.exec(line.slice(0, LOOKED_AT)) : null;
    const name = heading?.[2]?.replace(/\s+#+\s*$/, '').trim() ?? '';
    if (name === '' || all.length >= MOST_COLLECTED) continue;
    const indent = (heading?.[1]?.length ?? 1) - 1;
    for (let last = open.at(-1); last !== undefined && last.indent >= indent; last = open.at(-1)) {
      last.endLine = index;
      open.pop();
    }
    const symbol = { name, kind: 'heading', startLine: index + 1, depth: open.length, indent, endLine: index + 1 };
    all.push(symbol);
    open.push(symbol);
  }
  for (const symbol of open) symbol.endLine = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  return all.map(asInfo);
}

function asInfo({ name, kind, startLine, endLine, depth }: OpenSymbol): SymbolInfo {
  return { name, kind, startLine, endLine, depth };
}
