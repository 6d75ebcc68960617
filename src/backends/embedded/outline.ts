import { definitionsOf } from './definitions.ts';
import { languageOf } from './language.ts';
import type { SourceText } from './passages.ts';
import { looksBinary } from './passages.ts';
import { textLines } from './text-lines.ts';

export interface OutlineSymbol {
  /** `function`, `method`, `class`, `interface`, `type`, `constant`, `heading1`, `key`, ...; the language's own word where it has one. */
  readonly kind: string;
  readonly name: string;
  /** 1-based, in the file. */
  readonly line: number;
  /** The line that defines it, trimmed, without an opening brace, at most 160 characters. */
  readonly signature: string;
}

const MAX_SIGNATURE = 160;

/**
 * The symbols a file defines, in order of lines, recognised by the look of single lines: no parser, so a definition of unusual
 * layout is missed and text in a template string may be taken for one.
 */
export function outlineSymbols(source: SourceText): readonly OutlineSymbol[] {
  if (looksBinary(source.text)) return [];
  const lines = textLines(source.text);
  const first = source.firstLine ?? 1;
  return definitionsOf(lines, languageOf(source.path)).flatMap((definition, at) =>
    definition === undefined
      ? []
      : [
          {
            ...definition,
            line: first + at,
            signature: lines
              .line(at)
              .slice(0, MAX_SIGNATURE * 2)
              .trim()
              .replace(/\s*\{$/, '')
              .slice(0, MAX_SIGNATURE),
          },
        ],
  );
}
