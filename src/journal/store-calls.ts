/** Calls that one store answers by itself, with what it tells when it cannot. */
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { BlobRef } from '../core/run-event.ts';
import { journalFailure } from './journal-failure.ts';
import type { AppendInput, Page, PageInput } from './protocol.ts';
import type { Store } from './store.ts';

export function adopt(store: Store, run: string): Result<{ readonly epoch: number }, Failure> {
  const adopted = store.leases.adopt(run);
  if (adopted.ok) store.events.chargeInDoubt(run);
  return adopted;
}

export function append(store: Store, input: AppendInput): Result<{ readonly firstSeq: number }, Failure> {
  const lawful = store.leases.check(input.run, input.epoch);
  return lawful.ok ? ok({ firstSeq: store.events.append(input, lawful.value.lastSeq) }) : lawful;
}

export function noteExport(
  store: Store,
  input: { readonly run: string; readonly file: string },
): Result<null, Failure> {
  if (!store.leases.knows(input.run)) return err(store.leases.unknown(input.run));
  store.runs.noteExport(input.run, input.file);
  return ok(null);
}

export function readPage(store: Store, input: PageInput): Result<Page, Failure> {
  return store.leases.knows(input.run) ? ok(store.events.readPage(input)) : err(store.leases.unknown(input.run));
}

export function readBlob(store: Store, ref: BlobRef): Result<string, Failure> {
  const text = store.events.text(ref.hash);
  return text === undefined
    ? err(
        journalFailure(
          `The journal has no text ${ref.hash.slice(0, 12)}.`,
          'Its run was removed; start the request again.',
        ),
      )
    : ok(text);
}
