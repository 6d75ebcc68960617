/** What parsers that are at hand find wrong with proposed texts: JSON, with comments where its readers allow them. */
import { countLines } from '../base/count-lines.ts';
import type { Diagnosis, Diagnostics } from '../core/deliverable/check-ports.ts';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { gateJson } from '../core/json-gate.ts';
import type { EditChecker } from '../core/ports.ts';

const MOST_PROBLEMS = 10;
const GATE = { maxChars: 20_000_000, maxDepth: 500 };
const COMMENTS_ALLOWED =
  /(?:\.(?:jsonc|code-workspace|code-snippets)|(?:^|\/)(?:tsconfig|jsconfig)(?:\.[^/]*)?\.json|(?:^|\/)\.(?:vscode|devcontainer)\/[^/]*\.json|(?:^|\/)\.?(?:eslintrc|babelrc|swcrc|oxlintrc|api-extractor)(?:\.json)?)$/i;

export function createParseChecker(): EditChecker {
  return {
    check: (files) =>
      Promise.resolve(
        files.flatMap(({ path, text, before }) => {
          const known = new Set(before === null ? [] : problemsOf(path, before).map(({ what }) => what));
          return problemsOf(path, text)
            .filter(({ what }) => !known.has(what))
            .slice(0, MOST_PROBLEMS)
            .map(({ line, what }) => `${path}:${line}: ${what}`);
        }),
      ),
  };
}

/** Asks all; what one finds does not keep the others from looking. */
export function joinCheckers(checkers: readonly EditChecker[]): EditChecker {
  return {
    check: async (files, signal) => {
      const found = await Promise.all(checkers.map((checker) => checker.check(files, signal)));
      return [...new Set(found.flat())];
    },
  };
}

/** The same parsers, for who has to know whether a text was looked at at all. */
export function createParseDiagnostics(): Diagnostics {
  return {
    diagnose: (texts) =>
      Promise.resolve(
        texts.map(({ path, text }): Diagnosis => {
          const comments = allowsComments(path);
          if (comments === undefined) return NOT_READ;
          const gate = gateJson(text, GATE);
          if (gate !== undefined) return { kind: 'unknown', why: gate };
          const problems = jsonProblems(text, comments).map(({ line, what }) => ({ line, message: what }));
          return { kind: 'read', problems, isSyntaxOnly: true };
        }),
      ),
  };
}

const NO_PARSER = 'nothing here reads files of this kind; in VS Code its language support may';
const NOT_READ: Diagnosis = { kind: 'unknown', why: NO_PARSER };

/** Each text is looked at by the first that can; where none can, the last one says why. */
export function joinDiagnostics(all: readonly Diagnostics[]): Diagnostics {
  return {
    diagnose: async (texts, options) => {
      const found: Diagnosis[] = texts.map(() => NOT_READ);
      for (const one of all) {
        const open = texts.flatMap((text, index) => (found[index]?.kind === 'read' ? [] : [{ text, index }]));
        if (open.length === 0) break;
        const read = await one.diagnose(
          open.map(({ text }) => text),
          options,
        );
        for (const [at, { index }] of open.entries()) found[index] = read[at] ?? NOT_READ;
      }
      return found;
    },
  };
}

interface TextProblem {
  /** 1-based. */
  readonly line: number;
  readonly what: string;
}

function problemsOf(path: string, text: string): readonly TextProblem[] {
  const comments = allowsComments(path);
  return comments === undefined ? [] : jsonProblems(text, comments);
}

/** Undefined: it is no JSON. */
function allowsComments(path: string): boolean | undefined {
  if (COMMENTS_ALLOWED.test(path)) return true;
  return /\.(?:json|webmanifest|geojson|har)$/i.test(path) ? false : undefined;
}

function jsonProblems(text: string, comments: boolean): readonly TextProblem[] {
  // The parser recurses.
  const gate = gateJson(text, GATE);
  if (gate !== undefined) return [{ line: 1, what: `not checked: ${gate}` }];
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: !comments, allowTrailingComma: comments, allowEmptyContent: false });
  return errors.map(({ error, offset }) => ({
    line: countLines(text.slice(0, offset)),
    what: `not valid JSON (${printParseErrorCode(error)})`,
  }));
}
