import type { CheckPorts } from '../deliverable/check-ports.ts';
import { checksOf, type Deliverable } from '../deliverable/deliverable.ts';
import { failure, type Failure } from '../failure.ts';

/** Why work is not begun: one of its checks could not be made at its end. Undefined: as far as is known, all can. */
export function refusedDeliverable(
  deliverable: Deliverable | undefined,
  ports: CheckPorts | undefined,
): Failure | undefined {
  for (const check of deliverable === undefined ? [] : checksOf(deliverable)) {
    if (check.kind !== 'command') continue;
    const refusal =
      ports?.commands === undefined
        ? { why: 'Commands are not run here.', whatToDo: 'Ask for a deliverable without a command.' }
        : ports.commands.refusal(check.argv);
    if (refusal !== undefined)
      return failure('rejected', `Nothing was started: ${refusal.why}`, { whatToDo: refusal.whatToDo });
  }
  return undefined;
}
