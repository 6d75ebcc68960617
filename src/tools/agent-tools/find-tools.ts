import { z } from 'zod';
import type { FoundLine, SymbolInfo } from '../../core/ports.ts';
import { whyNotRead } from './known-text.ts';
import { defineTool, done, refused } from './tool.ts';
import { cutText, quoted } from './wording.ts';
import { plural } from '../../base/plural.ts';

const MOST_LISTED = 500;
const MOST_FOUND = 100;
const MOST_SYMBOLS = 500;
const LONGEST_LINE = 300;
const LONGEST_NAME = 120;

export const listFilesTool = defineTool({
  name: 'list_files',
  usage: '{"glob": "src/**/*.ts"}',
  description: `Lists files of the workspace with their sizes, at most ${MOST_LISTED}. Files that git ignores, installed packages and files that hold secrets are left out.`,
  edits: false,
  schema: z.strictObject({
    glob: z.string().min(1).optional().describe('such as "src/**/*.ts", or a folder; left out: all files'),
  }),
  run: async ({ glob }, { files, signal }) => {
    const listed = await files.list({ ...(glob === undefined ? {} : { glob }), limit: MOST_LISTED, signal });
    const shown = listed.files.slice(0, MOST_LISTED).map(({ path, bytes }) => `${path} (${plural(bytes, 'byte')})`);
    const cut =
      listed.cut || listed.files.length > MOST_LISTED
        ? [`[cut: there are more; name a folder or a narrower glob]`]
        : [];
    return done([heading(shown.length, glob), ...shown, ...cut, ...listed.notes].join('\n'));
  },
});

function heading(count: number, glob: string | undefined): string {
  const which = glob === undefined ? '' : ` of ${quoted(glob)}`;
  if (count > 0) return `${plural(count, 'file')}${which}:`;
  return glob === undefined
    ? 'There are no files.'
    : `No file matches ${quoted(glob)}; "**/*name*" finds a name in any folder.`;
}

export const searchFilesTool = defineTool({
  name: 'search_files',
  usage: '{"query": "createServer", "glob": "src/**"}',
  description: `Finds lines in the files of the workspace that hold a text or match a regular expression, at most ${MOST_FOUND}. Each line is searched by itself.`,
  edits: false,
  schema: z.strictObject({
    query: z.string().min(1).describe('text to find in a line'),
    isRegex: z.boolean().optional().describe('true: query is a regular expression in RE2 syntax'),
    matchCase: z.boolean().optional().describe('true: upper and lower case differ'),
    glob: z.string().min(1).optional().describe('only in files that match, such as "src/**/*.ts"'),
  }),
  run: async ({ query, isRegex = false, matchCase = false, glob }, { files, signal }) => {
    const options = { query, isRegex, matchCase, ...(glob === undefined ? {} : { glob }), limit: MOST_FOUND, signal };
    const found = await files.search(options);
    if (!found.ok) return refused(`search_files found nothing: ${found.error}`);
    const lines = found.value.lines.slice(0, MOST_FOUND);
    const isCut = found.value.cut || found.value.lines.length > MOST_FOUND;
    const where = glob === undefined ? '' : ` in ${quoted(glob)}`;
    const what = `found for ${quoted(query)}${where}`;
    if (lines.length === 0)
      return done(
        [`No lines ${what}.${isCut ? ' Not all files were looked through.' : ''}`, ...found.value.notes].join('\n'),
      );
    const cut = isCut ? ['[cut: there may be more; give a longer query or a glob]'] : [];
    return done(
      [`${plural(lines.length, 'line')} ${what}:`, ...byFile(lines), ...cut, ...found.value.notes].join('\n'),
    );
  },
});

function byFile(lines: readonly FoundLine[]): readonly string[] {
  return [...Map.groupBy(lines, ({ path }) => path)].flatMap(([path, found]) => [
    path,
    ...found.map(({ line, text }) => `  ${line}| ${cutText(text, LONGEST_LINE)}`),
  ]);
}

export const outlineFileTool = defineTool({
  name: 'outline_file',
  usage: '{"path": "src/a.ts"}',
  description:
    'Lists the functions, classes and other symbols of a file with their lines; of a long file first, then read the lines that matter.',
  edits: false,
  schema: z.strictObject({ path: z.string().min(1).describe('path in the workspace, with "/"') }),
  run: async ({ path }, use) => {
    const found = await use.files.symbols(path, use.signal);
    if (!found.ok) return refused(await whyNotRead(path, found.error, use));
    if (found.value.length === 0)
      return done(`No symbols are known in ${quoted(path)}; use read_file or search_files.`);
    const shown = found.value.slice(0, MOST_SYMBOLS).map(symbolLine);
    const cut =
      shown.length < found.value.length
        ? [`[cut: ${plural(found.value.length - shown.length, 'more symbol')}; search_files finds a name]`]
        : [];
    return done([`${plural(found.value.length, 'symbol')} in ${path}:`, ...shown, ...cut].join('\n'));
  },
});

function symbolLine({ name, kind, startLine, endLine, depth }: SymbolInfo): string {
  const lines = startLine === endLine ? `line ${startLine}` : `lines ${startLine}-${endLine}`;
  return `${'  '.repeat(Math.min(depth, 20))}${kind} ${cutText(name, LONGEST_NAME)}, ${lines}`;
}
