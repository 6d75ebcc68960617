/** The files of a proposal with their texts, as they were proposed or changed since. */
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../failure.ts';
import type { Journal } from '../ports.ts';
import type { Payload } from '../run-event.ts';
import type { ProposalState } from '../run-state.ts';
import type { AppliedFile, ProposedFile } from './proposal.ts';

type Texts = Pick<Journal, 'readBlob'>;

export async function proposedFiles(
  journal: Texts,
  proposal: ProposalState,
): Promise<Result<readonly ProposedFile[], Failure>> {
  const made = await parsed<readonly ProposedFile[]>(journal, proposal.content);
  if (!made.ok) return made;
  const files: ProposedFile[] = [];
  for (const file of made.value) {
    const update = proposal.updates.get(file.path);
    const current = update === undefined ? ok(file) : await parsed<ProposedFile>(journal, update);
    if (!current.ok) return current;
    files.push(current.value);
  }
  return ok(files);
}

/** What it takes to undo each path, as it was last applied. */
export async function appliedFiles(
  journal: Texts,
  proposal: ProposalState,
): Promise<Result<ReadonlyMap<string, AppliedFile>, Failure>> {
  const files = new Map<string, AppliedFile>();
  for (const payload of proposal.originals) {
    const applied = await parsed<readonly AppliedFile[]>(journal, payload);
    if (!applied.ok) return applied;
    for (const file of applied.value) files.set(file.path, file);
  }
  return ok(files);
}

/** What the engine wrote as JSON, so that its shape is known. */
async function parsed<T>(journal: Texts, payload: Payload): Promise<Result<T, Failure>> {
  const text = typeof payload === 'string' ? ok(payload) : await journal.readBlob(payload);
  if (!text.ok) return text;
  try {
    return ok(JSON.parse(text.value) as T);
  } catch {
    return err(
      failure('journal', 'The record of the proposed edits is damaged.', { whatToDo: 'Start the request again.' }),
    );
  }
}
