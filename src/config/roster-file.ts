import { parse, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { err, ok, type Result } from '../base/result.ts';
import { gateJson } from '../core/json-gate.ts';
import { show, type Problem } from './problem.ts';
import type { RawSettings } from './raw-settings.ts';
import { PREFIX } from './settings.ts';

const ROSTER = `${PREFIX}roster`;
const LIMITS = { maxChars: 5_000_000, maxDepth: 40 };
const EXPECTED = `a JSON array of backends, or settings that hold "${ROSTER}"`;

/**
 * The text of a `--roster` file: a JSON array of backends, or a settings.json; comments and trailing commas are allowed
 * in both. All `orchestrator.*` settings of a settings.json are taken, at user level, because whoever names the file
 * vouches for it. A problem of form names line and column.
 */
export function parseRosterFile(content: string, file: string): Result<RawSettings, Problem> {
  const text = content.replace(/^\uFEFF/, '');
  const tooBig = gateJson(text, LIMITS);
  if (tooBig !== undefined)
    return err({
      where: file,
      expected: 'a file of reasonable size',
      got: `a file of which is said: ${tooBig}`,
      whatToDo: 'Name another file with --roster.',
    });
  const errors: ParseError[] = [];
  const value = parse(text, errors, { allowTrailingComma: true, disallowComments: false }) as unknown;
  const [first] = errors;
  if (first !== undefined) return err(syntaxProblem(text, file, first));
  if (Array.isArray(value)) return ok({ [ROSTER]: { user: value } });
  if (typeof value !== 'object' || value === null)
    return err({ where: file, expected: EXPECTED, got: show(value), whatToDo: EXAMPLE });
  const settings = Object.entries(value as Readonly<Record<string, unknown>>).filter(([key]) => key.startsWith(PREFIX));
  if (!Object.hasOwn(value, ROSTER))
    return err({ where: file, expected: EXPECTED, got: `settings without "${ROSTER}"`, whatToDo: EXAMPLE });
  const duplicate = duplicateKey(text);
  if (duplicate !== undefined)
    return err({
      where: `${file}, line ${duplicate.line}`,
      expected: 'each setting once',
      got: `"${duplicate.key}" a second time`,
      whatToDo: 'Join the two into one.',
    });
  return ok(Object.fromEntries(settings.map(([key, setting]) => [key, { user: setting }])));
}

const EXAMPLE = 'Write for example [{"id": "local", "provider": "ollama", "model": "qwen3:8b"}].';

function syntaxProblem(text: string, file: string, error: ParseError): Problem {
  const { line, column } = positionOf(text, error.offset);
  return {
    where: `${file}, line ${line}, column ${column}`,
    expected: WANTED[error.error] ?? 'valid JSON',
    got: `a syntax error (${printParseErrorCode(error.error)})`,
    whatToDo: 'Correct the file at this place.',
  };
}

/** What the parser's error numbers ask for. */
const WANTED: Readonly<Record<number, string>> = {
  1: 'a value',
  2: 'a number',
  3: 'a property name in double quotes',
  4: 'a value',
  5: 'a colon',
  6: 'a comma',
  7: 'a closing }',
  8: 'a closing ]',
  9: 'the end of the file',
};

/** A second `orchestrator.*` of the same name would silently win over the first. */
function duplicateKey(text: string): { readonly key: string; readonly line: number } | undefined {
  const seen = new Set<string>();
  for (const property of parseTree(text, [], { allowTrailingComma: true })?.children ?? []) {
    const name = property.children?.[0];
    const key = String(name?.value);
    if (name !== undefined && key.startsWith(PREFIX) && seen.has(key))
      return { key, line: positionOf(text, name.offset).line };
    seen.add(key);
  }
  return undefined;
}

/** Both count from 1. */
function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
