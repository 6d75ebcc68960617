import { z } from 'zod';
import { editedText } from './edit-outcome.ts';
import { editableText, foldLineEnds, MOST_EDITED_CHARACTERS, tooLarge, whyNotRead } from './known-text.ts';
import { defineTool, done, refused } from './tool.ts';
import { quoted } from './wording.ts';

export const writeFileTool = defineTool({
  name: 'write_file',
  usage: '{"path": "src/a.ts", "text": "the whole text"}',
  description:
    'Creates a file, or replaces all of its text. To change a part of a file use edit_file. Give the text whole, without line numbers and never shortened.',
  edits: true,
  schema: z.strictObject({
    path: z.string().min(1).describe('path in the workspace, with "/"'),
    text: z.string().describe('all of the new text'),
  }),
  run: async ({ path, text }, use) => {
    const folded = foldLineEnds(text);
    if (folded.length > MOST_EDITED_CHARACTERS) return refused(tooLarge(path));
    const read = await use.files.read(path, use.signal);
    if (!read.ok && read.error.kind !== 'missing') return refused(await whyNotRead(path, read.error, use));
    if (read.ok && foldLineEnds(read.value.text) === folded)
      return refused(`Nothing would change: ${quoted(path)} has this text already.`);
    const edit = { kind: read.ok ? ('write' as const) : ('create' as const), path, text: folded };
    const edited = await use.files.edit(edit, use.signal);
    if (!edited.ok) return refused(edited.error);
    return done(editedText(`${read.ok ? 'Replaced the text of' : 'Created'} ${edited.value.path}`, edited.value));
  },
});

export const deleteFileTool = defineTool({
  name: 'delete_file',
  usage: '{"path": "src/a.ts"}',
  description: 'Deletes a file.',
  edits: true,
  schema: z.strictObject({ path: z.string().min(1).describe('path in the workspace, with "/"') }),
  run: async ({ path }, use) => {
    const known = await editableText(path, use);
    if (!known.ok) return refused(known.error);
    const edited = await use.files.edit({ kind: 'delete', path }, use.signal);
    return edited.ok ? done(editedText(`Deleted ${edited.value.path}`, edited.value)) : refused(edited.error);
  },
});

export const renameFileTool = defineTool({
  name: 'rename_file',
  usage: '{"path": "src/a.ts", "to": "src/b.ts"}',
  description: 'Renames or moves a file. Texts that name it are not changed.',
  edits: true,
  schema: z.strictObject({
    path: z.string().min(1).describe('path in the workspace, with "/"'),
    to: z.string().min(1).describe('its new path; no file may be there'),
  }),
  run: async ({ path, to }, use) => {
    const known = await editableText(path, use);
    if (!known.ok) return refused(known.error);
    if (path === to) return refused(`Nothing would change: ${quoted(path)} has this name already.`);
    const there = await use.files.read(to, use.signal);
    // Where case does not count, another spelling of the file's own name is found too.
    if (there.ok && there.value.path !== known.value.path)
      return refused(`${quoted(to)} is there already; choose another name, or delete it first.`);
    if (!there.ok && there.error.kind !== 'missing') return refused(`${quoted(to)}: ${there.error.why}`);
    const edited = await use.files.edit({ kind: 'rename', path, to }, use.signal);
    return edited.ok ? done(editedText(`Renamed ${known.value.path} to ${to}`, edited.value)) : refused(edited.error);
  },
});
