/** What parsers that are at hand find wrong with proposed texts: JSON, with comments where its readers allow them. */
import { countLines } from '../base/count-lines.ts';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { gateJson } from '../core/json-gate.ts';
import type { EditChecker } from '../core/ports.ts';

const MOST_PROBLEMS = 10;
const MOST_CHARS = 20_000_000;
const MOST_DEPTH = 500;
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

interface TextProblem {
  /** 1-based. */
  readonly line: number;
  readonly what: string;
}

function problemsOf(path: string, text: string): readonly TextProblem[] {
  if (COMMENTS_ALLOWED.test(path)) return jsonProblems(text, true);
  return /\.(?:json|webmanifest|geojson|har)$/i.test(path) ? jsonProblems(text, false) : [];
}

function jsonProblems(text: string, comments: boolean): readonly TextProblem[] {
  // The parser recurses.
  const gate = gateJson(text, { maxChars: MOST_CHARS, maxDepth: MOST_DEPTH });
  if (gate !== undefined) return [{ line: 1, what: `not checked: ${gate}` }];
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: !comments, allowTrailingComma: comments, allowEmptyContent: false });
  return errors.map(({ error, offset }) => ({
    line: countLines(text.slice(0, offset)),
    what: `not valid JSON (${printParseErrorCode(error)})`,
  }));
}
