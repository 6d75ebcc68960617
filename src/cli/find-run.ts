import { ok, type Result } from '../base/result.ts';
import { oneLine } from '../app/safe-text.ts';
import type { Journal, RunSummary } from '../core/ports.ts';
import { EXIT } from './exit-code.ts';
import type { CliIo } from './io.ts';
import { refused, stopped, type Refusal } from './refusal.ts';

const NAMED_AT_MOST = 5;

/** The run with this id, or the only one whose id begins so. */
export async function findRun(
  { program }: Pick<CliIo, 'program'>,
  journal: Journal | undefined,
  wanted: string,
): Promise<Result<RunSummary, Refusal>> {
  const runs = journal === undefined ? ok([]) : await journal.listRuns({ limit: Number.MAX_SAFE_INTEGER });
  if (!runs.ok) return stopped([`${runs.error.message} ${runs.error.whatToDo}`], EXIT.failed);
  const exact = runs.value.find((one) => one.run === wanted);
  if (exact !== undefined) return ok(exact);
  const matches = runs.value.filter((one) => one.run.startsWith(wanted.toLowerCase()));
  const [first] = matches;
  if (first === undefined)
    return refused(`There is no run ${oneLine(wanted, 60)}.`, `"${program} runs" lists the runs.`);
  if (matches.length === 1) return ok(first);
  return refused(
    `${matches.length} runs begin with ${oneLine(wanted, 60)}:`,
    ...matches.slice(0, NAMED_AT_MOST).map((one) => `  ${one.run}  ${oneLine(one.request, 60)}`),
    'Give more of the id.',
  );
}
