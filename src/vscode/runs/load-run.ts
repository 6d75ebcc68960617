import type { FedRun } from '../../app/run-feed.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import type { Result } from '../../base/result.ts';
import type { Failure } from '../../core/failure.ts';
import type { BlobRef } from '../../core/run-event.ts';

/** A run of this process as the engine folds it, else as the journal has it. */
export function loadRun(opened: Pick<OpenedOrchestrator, 'feed'>, run: string): Promise<Result<FedRun, Failure>> {
  return opened.feed.look(run);
}

/** The texts behind references; one that cannot be read is left out. */
export async function readBlobs(
  opened: Pick<OpenedOrchestrator, 'journal'>,
  refs: readonly BlobRef[],
): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(refs.map(async (ref) => [ref.hash, await opened.journal.readBlob(ref)] as const));
  return new Map(texts.flatMap(([hash, text]) => (text.ok ? [[hash, text.value] as const] : [])));
}
