/** A proposed file, brought up to what stands there now; and a conflict, decided. */
import { err, ok, type Result } from '../../base/result.ts';
import type { FileOnDisk } from '../ports.ts';
import { conflictText } from './conflict-text.ts';
import { encodeText } from './encode-text.ts';
import { eolOf } from './line-ends.ts';
import { mergedText } from './merge-texts.ts';
import { newUrls } from './new-urls.ts';
import type { ConflictSide, ProposedFile } from './proposal.ts';
import { sha256 } from './sha-256.ts';
import { shownText, WORKSPACE_SIDE } from './standing.ts';

/** Undefined: nothing of the edit is left to do. The error is for a person. */
export async function mergeWithCurrent(
  file: ProposedFile,
  here: FileOnDisk | null,
  title: string,
): Promise<Result<ProposedFile | undefined, string>> {
  const now = here === null ? null : shownText(here);
  if (now === undefined) return err(`${file.from ?? file.path} is a binary file by now.`);
  const before = file.base?.text ?? null;
  const isRenameOfNothing = now === null && file.from !== undefined;
  const text = isRenameOfNothing ? undefined : mergedText(now, { before, after: file.text });
  const base = here === null || now === null ? null : await baseOf(file, here, now);
  const format = here?.format ?? file.format;
  if (text === undefined) {
    const sides: readonly ConflictSide[] = [
      { task: file.tasks.at(-1) ?? '', title, text: file.text },
      { task: WORKSPACE_SIDE, title: 'What is there now', text: now },
    ];
    return ok(withText({ ...file, base, format, conflict: { sides } }, conflictText(before, sides)));
  }
  if (text === now && file.from === undefined) return ok(undefined);
  return ok(withText({ ...file, base, format }, text));
}

async function baseOf(
  file: ProposedFile,
  here: FileOnDisk,
  text: string,
): Promise<{ readonly text: string; readonly hash: string; readonly unsaved: boolean }> {
  if (here.unsavedText === undefined) return { text, hash: here.hash, unsaved: false };
  const bytes = encodeText(text, here.format ?? file.format);
  return { text, hash: bytes.ok ? await sha256(bytes.value) : here.hash, unsaved: true };
}

/** The file as one side has it, or with both in it as they are; undefined: nothing of the edit is left to do. */
export function resolveConflict(file: ProposedFile, take: string): Result<ProposedFile | undefined, string> {
  const { conflict, ...rest } = file;
  if (conflict === undefined) return err(`${file.path} is not in conflict.`);
  if (take === 'both') return ok(withText(rest, file.text));
  const side = conflict.sides.find(({ task }) => task === take);
  if (side === undefined)
    return err(
      `${take} is no side of the conflict in ${file.path}: ${conflict.sides.map(({ task }) => task).join(', ')}, both.`,
    );
  return ok(side.text === (file.base?.text ?? null) && file.from === undefined ? undefined : withText(rest, side.text));
}

function withText(file: ProposedFile, text: string | null): ProposedFile {
  const { from, ...rest } = file;
  const kind = kindOf(file, text);
  const before = file.base?.text ?? null;
  return {
    ...rest,
    ...(kind === 'created' || from === undefined ? {} : { from }),
    kind,
    text,
    format: { encoding: file.format.encoding, eol: eolOf(text ?? before ?? '') },
    newUrls: newUrls(before, text),
  };
}

function kindOf({ base, from }: ProposedFile, text: string | null): ProposedFile['kind'] {
  if (base === null) return 'created';
  if (text === null) return 'deleted';
  return from === undefined ? 'modified' : 'renamed';
}
