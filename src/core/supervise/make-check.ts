/** Who makes the checks that take more than looking at texts. */
import { checkCommand } from '../deliverable/command-check.ts';
import { checkDiagnostics } from '../deliverable/diagnostics-check.ts';
import type { MakeCheck } from '../deliverable/judge.ts';
import type { RunTruth } from '../deliverable/run-truth.ts';
import { checkByJudge } from './judge-check.ts';
import type { Supervisor } from './supervisor.ts';

export function checkMaker(supervisor: Supervisor, truth: RunTruth): MakeCheck {
  const { ctx, work } = supervisor;
  const { checks = {} } = ctx.deps;
  const { signal } = work.time;
  return (check) => {
    switch (check.kind) {
      case 'command':
        return checkCommand(check, { runner: checks.commands, truth, signal });
      case 'judge':
        return checkByJudge(check, supervisor, truth);
      case 'diagnostics-clean':
      default:
        return checkDiagnostics(check, {
          diagnostics: checks.diagnostics,
          workspace: ctx.deps.workspace,
          truth,
          signal,
        });
    }
  };
}
