import { ok, type Result } from '../base/result.ts';
import { describeFailure } from '../core/failure.ts';
import type { Journal } from '../core/ports.ts';
import type { RunState } from '../core/run-state.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { CliIo } from './io.ts';
import { stopped, type Refusal } from './refusal.ts';

/** The plan as the run has it now, as a file that `run` takes; nothing else goes to stdout. */
export async function printPlan(io: CliIo, journal: Journal, state: RunState): Promise<Result<ExitCode, Refusal>> {
  const tasks = [...state.tasks.values()].flatMap(({ spec }) => (spec === null ? [] : [spec]));
  if (tasks.length === 0)
    return stopped(
      [`Run ${state.run} has no plan.`, `"${io.program} show ${state.run}" tells what it did.`],
      EXIT.failed,
    );
  const request = typeof state.request === 'string' ? ok(state.request) : await journal.readBlob(state.request);
  if (!request.ok) return stopped([describeFailure(request.error)], EXIT.failed);
  io.out.write(`${JSON.stringify({ request: request.value, tasks }, null, 2)}\n`);
  return ok(EXIT.answered);
}
