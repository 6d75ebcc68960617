import { z } from 'zod';
import { err, ok, type Result } from '../../base/result.ts';
import type { TaskEdit, ToolOutcome } from '../../core/agent/tool-box.ts';
import { applyHunks } from './apply-hunks.ts';
import { editedText } from './edit-outcome.ts';
import { editableText, MOST_EDITED_CHARACTERS, tooLarge } from './known-text.ts';
import { parseDiff, type FilePatch } from './parse-diff.ts';
import { defineTool, done, refused, type ToolUse } from './tool.ts';
import { quoted } from './wording.ts';
import { plural } from '../../base/plural.ts';

const MOST_CHARACTERS = 1_000_000;
const MOST_FILES = 50;

export const applyDiffTool = defineTool({
  name: 'apply_diff',
  usage: '{"diff": "--- a/src/a.ts\\n+++ b/src/a.ts\\n@@ -1,2 +1,2 @@\\n line\\n-old\\n+new\\n"}',
  description:
    'Applies a unified diff, of several files too, with three lines of context around each change. When one hunk does not fit, nothing is changed. "--- /dev/null" creates a file, "+++ /dev/null" deletes one.',
  edits: true,
  schema: z.strictObject({
    path: z.string().min(1).optional().describe('the file, where the diff does not name it'),
    diff: z.string().min(1).describe('a unified diff'),
  }),
  run: async ({ path, diff }, use) => {
    if (diff.length > MOST_CHARACTERS)
      return refused(
        `apply_diff was not run: the diff has more than ${MOST_CHARACTERS.toLocaleString('en-US')} characters; apply it in parts.`,
      );
    const parsed = parseDiff(diff);
    if (!parsed.ok) return refused(parsed.error);
    const named = withPath(parsed.value, path);
    if (!named.ok) return refused(named.error);
    const plan = await planEdits(named.value, use);
    if (plan.faults.length > 0) return refused(['Nothing was changed.', ...plan.faults].join('\n'));
    return carryOut(plan, use);
  },
});

function withPath(files: readonly FilePatch[], path: string | undefined): Result<readonly FilePatch[], string> {
  if (files.length > MOST_FILES)
    return err(`The diff is about ${files.length} files, and at most ${MOST_FILES} are taken; apply it in parts.`);
  if (path === undefined)
    return files.every(({ isNamed }) => isNamed)
      ? ok(files)
      : err('The diff does not name its file; give path, or begin the diff with "--- a/…" and "+++ b/…".');
  if (files.length > 1) return err(`The diff is about ${files.length} files; leave path out.`);
  return ok(
    files.map((file) => ({
      ...file,
      from: file.from === undefined ? undefined : path,
      to: file.to === undefined ? undefined : path,
    })),
  );
}

interface Plan {
  readonly edits: readonly TaskEdit[];
  readonly notes: readonly string[];
  readonly faults: readonly string[];
}

/** Everything is tried before anything is changed. Each file may be there once. */
async function planEdits(files: readonly FilePatch[], use: ToolUse): Promise<Plan> {
  const edits: TaskEdit[] = [];
  const notes: string[] = [];
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const file of files) {
    const names = new Set([file.from, file.to].filter((name) => name !== undefined));
    const twice = [...names].find((name) => seen.has(name));
    for (const name of names) seen.add(name);
    const planned =
      twice === undefined
        ? await planFile(file, use)
        : { edits: [], notes: [], faults: [`${quoted(twice)} is there twice; put all of its hunks under one header.`] };
    edits.push(...planned.edits);
    notes.push(...planned.notes);
    faults.push(...planned.faults);
  }
  return { edits, notes, faults };
}

async function planFile(file: FilePatch, use: ToolUse): Promise<Plan> {
  const path = file.from ?? file.to ?? '';
  const before = file.from === undefined ? await nothingAt(path, use) : await knownOrNew(file, use);
  if (!before.ok) return faulty(before.error);
  const applied = await applyHunks(before.value ?? '', file.hunks, use.signal);
  if (applied.faults.length > 0) return faulty(...applied.faults.map((fault) => `${path}: ${fault}`));
  if (applied.text.length > MOST_EDITED_CHARACTERS) return faulty(tooLarge(path));
  const edits = editsFor(file, before.value, applied.text);
  return edits.ok
    ? { edits: edits.value, notes: applied.notes.map((note) => `${path}: ${note}`), faults: [] }
    : faulty(edits.error);
}

function faulty(...faults: readonly string[]): Plan {
  return { edits: [], notes: [], faults };
}

function editsFor(
  { from, to }: FilePatch,
  before: string | undefined,
  text: string,
): Result<readonly TaskEdit[], string> {
  if (to === undefined) {
    const path = from ?? '';
    return text === ''
      ? ok([{ kind: 'delete', path }])
      : err(`${quoted(path)}: the diff deletes the file but not all of its lines; use delete_file.`);
  }
  if (before === undefined) return ok([{ kind: 'create', path: to, text }]);
  const rename: readonly TaskEdit[] = from === undefined || from === to ? [] : [{ kind: 'rename', path: from, to }];
  const write: readonly TaskEdit[] = text === before ? [] : [{ kind: 'write', path: to, text }];
  const edits = [...rename, ...write];
  return edits.length === 0 ? err(`Nothing would change in ${quoted(to)}.`) : ok(edits);
}

async function nothingAt(path: string, { files, signal }: ToolUse): Promise<Result<undefined, string>> {
  const read = await files.read(path, signal);
  if (read.ok) return err(`${quoted(path)} is there already; give a diff against its text, or choose a free name.`);
  return read.error.kind === 'missing' ? ok(undefined) : err(`${quoted(path)}: ${read.error.why}`);
}

/** A file that is not there is a new one when the diff has no lines of it. Undefined: it is not there. */
async function knownOrNew(
  { from = '', to, hunks }: FilePatch,
  use: ToolUse,
): Promise<Result<string | undefined, string>> {
  if (to !== undefined && to !== from) {
    const target = await nothingAt(to, use);
    if (!target.ok) return target;
  }
  const known = await editableText(from, use);
  if (known.ok) return ok(known.value.text);
  const isNew = from === to && hunks.length > 0 && hunks.every(({ oldLines }) => oldLines === 0);
  return isNew ? nothingAt(from, use) : err(known.error);
}

const DONE = { create: 'Created', write: 'Changed', delete: 'Deleted', rename: 'Renamed' } as const;

async function carryOut({ edits, notes }: Plan, use: ToolUse): Promise<ToolOutcome> {
  const lines: string[] = [];
  for (const edit of edits) {
    const edited = await use.files.edit(edit, use.signal);
    if (!edited.ok) {
      const before = lines.length === 0 ? 'Nothing was changed.' : `${plural(lines.length, 'edit')} before it stayed:`;
      return refused([edited.error, before, ...lines].join('\n'));
    }
    const what = edit.kind === 'rename' ? `${edit.path} to ${edit.to}` : edited.value.path;
    lines.push(editedText(`${DONE[edit.kind]} ${what}`, edited.value));
  }
  return done([...lines, ...notes].join('\n'));
}
