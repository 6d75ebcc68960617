import { err, ok, type Result } from '../../base/result.ts';
import type { ReadRefusal } from '../../core/ports.ts';
import { similarNames } from './similar.ts';
import type { ToolUse } from './tool.ts';
import { quoted } from './wording.ts';

/** A larger text is not edited: each edit keeps a copy of the whole. */
export const MOST_EDITED_CHARACTERS = 5_000_000;

const LOOKED_THROUGH = 5000;

export interface KnownText {
  readonly path: string;
  /** With `\n` between its lines, whatever the file has. */
  readonly text: string;
  readonly isUnsaved: boolean;
}

/** A file's text as the task sees it; the error tells the model what to do. */
export async function knownText(path: string, use: ToolUse): Promise<Result<KnownText, string>> {
  const read = await use.files.read(path, use.signal);
  if (!read.ok) return err(await whyNotRead(path, read.error, use));
  const { text, unsaved } = read.value;
  return ok({ path: read.value.path, text: foldLineEnds(text), isUnsaved: unsaved === true });
}

/** The same for a text that is about to be edited. */
export async function editableText(path: string, use: ToolUse): Promise<Result<KnownText, string>> {
  const known = await knownText(path, use);
  return known.ok && known.value.text.length > MOST_EDITED_CHARACTERS ? err(tooLarge(path)) : known;
}

export function tooLarge(path: string): string {
  const most = MOST_EDITED_CHARACTERS.toLocaleString('en-US');
  return `${quoted(path)} was not changed: its text has more than ${most} characters, which is too much to edit.`;
}

export function foldLineEnds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** What to do about a file that cannot be read; of a missing one also which names are similar. */
export async function whyNotRead(path: string, refusal: ReadRefusal, { files, signal }: ToolUse): Promise<string> {
  const told = `${quoted(path)}: ${refusal.why}`;
  if (refusal.kind !== 'missing') return told;
  const listed = await files.list({ limit: LOOKED_THROUGH, signal });
  const similar = similarNames(
    path,
    listed.files.map((file) => file.path),
  );
  return similar.length === 0
    ? `${told} list_files shows which files there are.`
    : `${told} Similar names: ${similar.join(', ')}.`;
}
