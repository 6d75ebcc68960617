import { ok, type Result } from '../../src/base/result.ts';
import type { Failure } from '../../src/core/failure.ts';
import type { Journal, RunWriter } from '../../src/core/ports.ts';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.ts';

type Written = Promise<Result<readonly RunEvent[], Failure>>;

/** Stands between the engine and a journal: every append goes through `append`, which may delay, refuse or throw. */
export function watchAppends(
  journal: Journal,
  append: (bodies: readonly RunEventBody[], write: () => Written) => Written,
): Journal {
  const watched = (writer: RunWriter): RunWriter => ({
    run: writer.run,
    append: (bodies) => append(bodies, () => writer.append(bodies)),
    release: () => writer.release(),
  });
  return {
    createRun: async (run) => mapped(await journal.createRun(run), watched),
    adoptRun: async (run) => mapped(await journal.adoptRun(run), watched),
    amendRun: async (run) => mapped(await journal.amendRun(run), watched),
    readRun: (run, options) => journal.readRun(run, options),
    readBlob: (ref) => journal.readBlob(ref),
    listRuns: (page) => journal.listRuns(page),
    summary: (run) => journal.summary(run),
    searchRuns: (options) => journal.searchRuns(options),
    deleteRun: (run) => journal.deleteRun(run),
    removeExpired: (retention) => journal.removeExpired(retention),
    noteExport: (run, file) => journal.noteExport(run, file),
    sendCommand: (command, signal) => journal.sendCommand(command, signal),
    onCommand: (take) => journal.onCommand(take),
    spendSince: (sinceWallMs) => journal.spendSince(sinceWallMs),
    takeSlot: (backend, max, signal) => journal.takeSlot(backend, max, signal),
    warnings: journal.warnings,
    close: () => journal.close(),
  };
}

function mapped<A, B>(result: Result<A, Failure>, change: (value: A) => B): Result<B, Failure> {
  return result.ok ? ok(change(result.value)) : result;
}
