import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { editedText } from './edit-outcome.ts';
import { editableText, foldLineEnds, MOST_EDITED_CHARACTERS, tooLarge } from './known-text.ts';
import { replaceText, type Replacement } from './replace-text.ts';
import { defineTool, done, refused } from './tool.ts';
import { quoted } from './wording.ts';
import { plural } from '../../base/plural.ts';

const MOST_EDITS = 100;
const MOST_FAULTS = 5;

export const editFileTool = defineTool({
  name: 'edit_file',
  usage: '{"path": "src/a.ts", "edits": [{"search": "old lines", "replace": "new lines"}]}',
  description:
    'Changes parts of a file. Each edit replaces a text that is in the file exactly once; copy it exactly, with its white space and without line numbers, and as many lines as make it the only one. The edits are made in their order, all or none.',
  edits: true,
  schema: z.strictObject({
    path: z.string().min(1).describe('path in the workspace, with "/"'),
    edits: z
      .array(
        z.strictObject({
          search: z.string().describe('text that is there now'),
          replace: z.string().describe('text that is to be there instead; empty: it is taken out'),
          all: z.boolean().optional().describe('true: replace it wherever it is'),
        }),
      )
      .min(1)
      .max(MOST_EDITS),
  }),
  run: async ({ path, edits }, use) => {
    const known = await editableText(path, use);
    if (!known.ok) return refused(known.error);
    const { text, notes, faults } = await editAll(
      known.value.text,
      edits.map(({ search, replace, all = false }) => ({
        search: foldLineEnds(search),
        replace: foldLineEnds(replace),
        all,
      })),
      use.signal,
    );
    if (faults.length > 0)
      return refused(
        [
          `Nothing was changed in ${quoted(path)}: of ${plural(edits.length, 'edit')} ${faults.length} failed.`,
          ...faults,
          ...(faults.length === MOST_FAULTS ? ['Edits after these were not tried.'] : []),
        ].join('\n'),
      );
    if (text === known.value.text)
      return refused(`Nothing would change: the edits of ${quoted(path)} undo each other.`);
    if (text.length > MOST_EDITED_CHARACTERS) return refused(tooLarge(path));
    const edited = await use.files.edit({ kind: 'write', path, text }, use.signal);
    if (!edited.ok) return refused(edited.error);
    return done([editedText(`Changed ${edited.value.path}`, edited.value), ...notes].join('\n'));
  },
});

/** Edits behind one that fails are tried as well, so that the model learns of all that is wrong. */
async function editAll(
  text: string,
  edits: readonly Replacement[],
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly notes: readonly string[]; readonly faults: readonly string[] }> {
  let current = text;
  const notes: string[] = [];
  const faults: string[] = [];
  for (const [index, edit] of edits.entries()) {
    const replaced = replaceText(current, edit);
    if (!replaced.ok) faults.push(`edits[${index}]: ${replaced.error}`);
    else {
      current = replaced.value.text;
      if (replaced.value.note !== undefined) notes.push(`edits[${index}]: ${replaced.value.note}.`);
    }
    if (current.length > MOST_EDITED_CHARACTERS || faults.length === MOST_FAULTS) break;
    await setImmediate();
    signal.throwIfAborted();
  }
  return { text: current, notes, faults };
}
