/** Who makes the checks that take more than looking at texts. */
import { checkCommand } from '../deliverable/command-check.ts';
import type { MakeCheck } from '../deliverable/judge.ts';
import type { RunTruth } from '../deliverable/run-truth.ts';
import type { Supervisor } from './supervisor.ts';

export function checkMaker({ ctx, work }: Supervisor, truth: RunTruth): MakeCheck {
  const { checks = {} } = ctx.deps;
  const { signal } = work.time;
  return (check) => {
    switch (check.kind) {
      case 'command':
        return checkCommand(check, { runner: checks.commands, truth, signal });
      case 'diagnostics-clean':
      case 'judge':
      default:
        return Promise.resolve({ outcome: 'broken', why: 'nothing here can make it', heldBefore: null });
    }
  };
}
