import { z } from 'zod';
import { numberLines } from '../../core/prompts/prompt.ts';
import { knownText } from './known-text.ts';
import { defineTool, done, refused } from './tool.ts';
import { quoted } from './wording.ts';
import { plural } from '../../base/plural.ts';

const MOST_LINES = 400;
const MOST_CHARACTERS = 40_000;
const LONGEST_LINE = 2000;

export const readFileTool = defineTool({
  name: 'read_file',
  usage: '{"path": "src/a.ts", "startLine": 1, "endLine": 200}',
  description: `Shows a file with the numbers of its lines: at most ${MOST_LINES} lines a call. The numbers and the "| " after them are not part of the file.`,
  edits: false,
  schema: z.strictObject({
    path: z.string().min(1).describe('path in the workspace, with "/"'),
    startLine: z.int().min(1).optional().describe('first line to show, from 1; left out: the first one'),
    endLine: z.int().min(1).optional().describe('last line to show; left out: as far as fits'),
  }),
  run: async ({ path, startLine = 1, endLine }, use) => {
    if (endLine !== undefined && endLine < startLine)
      return refused(`read_file was not run: endLine (${endLine}) is before startLine (${startLine}).`);
    const known = await knownText(path, use);
    if (!known.ok) return refused(known.error);
    const lines = linesOf(known.value.text);
    const unsaved = known.value.isUnsaved ? ', with changes that are not saved yet' : '';
    if (lines.length === 0) return done(`${known.value.path} is empty${unsaved}.`);
    if (startLine > lines.length)
      return refused(
        `${quoted(path)} has ${plural(lines.length, 'line')}, and startLine is ${startLine}; begin with a line that is there.`,
      );
    const wanted = lines.slice(startLine - 1, endLine);
    const shown = thatFit(wanted);
    const last = startLine + shown.length - 1;
    const header = `${known.value.path}, lines ${startLine}-${last} of ${lines.length}${unsaved}`;
    const more = shown.length < wanted.length ? `\n[cut here; read on with startLine ${last + 1}]` : '';
    return done(`${header}\n${numberLines(`${shown.join('\n')}\n`, startLine)}${more}`);
  },
});

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** At least one line, as long as it is cut. */
function thatFit(lines: readonly string[]): readonly string[] {
  let characters = 0;
  const shown = lines.slice(0, MOST_LINES).map((line) => cutLine(line));
  const end = shown.findIndex((line) => (characters += line.length + 1) > MOST_CHARACTERS);
  return end === -1 ? shown : shown.slice(0, end);
}

function cutLine(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE).toWellFormed()} [cut: the line has ${plural(line.length - LONGEST_LINE, 'more character')}]`;
}
