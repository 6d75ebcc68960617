import type { ProposalEntry, ProposedFile } from '../../src/core/edits/proposal.ts';

const UNIX = { encoding: 'utf8', eol: 'lf' } as const;
export const PARSER = 'export function parse(text: string) {\n  return text;\n}\n';
const SHARED = 'export const limit = 10;\n';
const MANIFEST = '{ "scripts": {} }\n';

/** The proposal of `sampleEditRun`: one file of each kind, a conflict and a protected file among them. */
export const SAMPLE_PROPOSAL: readonly ProposedFile[] = [
  {
    path: 'src/parser.ts',
    kind: 'modified',
    base: { text: PARSER, hash: 'hash-parser', unsaved: false },
    text: PARSER.replace('return text', 'return text.trim()'),
    format: UNIX,
    tasks: ['fix'],
    newUrls: [],
    problems: [],
  },
  {
    path: 'src/parser.test.ts',
    kind: 'created',
    base: null,
    text: "import { parse } from './parser.ts';\nparse(' a ');\n",
    format: UNIX,
    tasks: ['tests'],
    newUrls: [],
    problems: ['src/parser.test.ts:2: the result is not looked at'],
  },
  {
    path: 'src/shared.ts',
    kind: 'modified',
    base: { text: SHARED, hash: 'hash-shared', unsaved: false },
    text: '<<<<<<< Fix the bug (fix)\nexport const limit = 20;\n=======\nexport const limit = 30;\n>>>>>>> Write tests (tests)\n',
    format: UNIX,
    tasks: ['fix', 'tests'],
    conflict: {
      sides: [
        { task: 'fix', title: 'Fix the bug', text: 'export const limit = 20;\n' },
        { task: 'tests', title: 'Write tests', text: 'export const limit = 30;\n' },
      ],
    },
    newUrls: [],
    problems: [],
  },
  {
    path: 'package.json',
    kind: 'modified',
    base: { text: MANIFEST, hash: 'hash-manifest', unsaved: false },
    text: '{ "scripts": { "test": "mocha" } }\n',
    format: UNIX,
    tasks: ['tests'],
    protectedBecause: 'its scripts are run by tools',
    newUrls: [],
    problems: [],
  },
  {
    path: 'src/old.ts',
    kind: 'deleted',
    base: { text: 'gone\n', hash: 'hash-old', unsaved: false },
    text: null,
    format: UNIX,
    tasks: ['fix'],
    newUrls: [],
    problems: [],
  },
];

/** What `proposal.made` lists of these files; `changed` has the lines added and removed of each. */
export function proposalEntries(
  files: readonly ProposedFile[],
  changed: readonly (readonly [added: number, removed: number])[],
): readonly ProposalEntry[] {
  return files.map(({ path, kind, from, tasks, conflict, protectedBecause, newUrls, problems }, index) => ({
    path,
    kind,
    ...(from === undefined ? {} : { from }),
    tasks,
    added: changed[index]?.[0] ?? 0,
    removed: changed[index]?.[1] ?? 0,
    isConflict: conflict !== undefined,
    ...(protectedBecause === undefined ? {} : { protectedBecause }),
    newUrls,
    problems,
  }));
}
