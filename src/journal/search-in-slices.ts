/**
 * A search over all runs, in several short reads, so that a run that goes on is not held up by long texts that were found.
 *
 * Owns: the order of these reads. Does not own: which runs and places are found (run-list.ts).
 * 1. Jobs that were pushed meanwhile are done between two reads; a text that they removed is not shown.
 * 2. `reply` is called once: with all that was found, or with the first failure.
 */
import { ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { FoundRun, FoundText } from '../core/ports.ts';
import type { JobQueue } from './job-queue.ts';
import type { RankedRun } from './run-list.ts';
import { searchWords, type SearchWord } from './search-words.ts';

type Reply = (result: Result<readonly FoundRun[], Failure>) => void;

export function searchInSlices(
  queue: Pick<JobQueue, 'push'>,
  input: { readonly text: string; readonly limit: number },
  reply: Reply,
): void {
  queue.push<readonly RankedRun[]>({
    kind: 'read',
    run: ({ runs }) => ok(runs.search(input)),
    settle: (ranked) => {
      if (!ranked.ok) return reply(ranked);
      const ids = ranked.value.flatMap(({ texts }) => texts);
      showAll(queue, { ids, words: searchWords(input.text), shown: [] }, (shown) =>
        reply(shown.ok ? ok(joined(ranked.value, ids, shown.value)) : shown),
      );
    },
  });
}

type Shown = readonly (FoundText | undefined)[];

function showAll(
  queue: Pick<JobQueue, 'push'>,
  {
    ids,
    words,
    shown,
  }: { readonly ids: readonly number[]; readonly words: readonly SearchWord[]; readonly shown: Shown },
  then: (shown: Result<Shown, Failure>) => void,
): void {
  if (shown.length === ids.length) return then(ok(shown));
  queue.push<Shown>({
    kind: 'read',
    run: ({ runs }) => ok(runs.showTexts(ids.slice(shown.length), words)),
    settle: (slice) =>
      slice.ok ? showAll(queue, { ids, words, shown: [...shown, ...slice.value] }, then) : then(slice),
  });
}

function joined(ranked: readonly RankedRun[], ids: readonly number[], shown: Shown): readonly FoundRun[] {
  const byId = new Map(ids.map((id, index) => [id, shown[index]]));
  return ranked.map(({ run, texts }) => ({ run, found: texts.flatMap((id) => byId.get(id) ?? []) }));
}
