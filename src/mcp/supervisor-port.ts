/** The engine's supervisor, as `delegate` hands an outcome to it. */
import { deliverableSchema } from '../core/deliverable/deliverable.ts';
import { verdictText, type Verdict } from '../core/deliverable/verdict.ts';
import { ok } from '../base/result.ts';
import type { DelegateResult } from '../core/supervise/delegation.ts';
import type { DelegateEnd, DelegatePort, EngineToolsDeps } from './engine-tool.ts';

export function supervisorPort({ engine, options }: Pick<EngineToolsDeps, 'engine' | 'options'>): DelegatePort {
  return {
    deliverable: deliverableSchema,
    start: async ({ intent, deliverable, limits, source, isUnattended }) => {
      const started = await engine.orchestrator.delegate({
        intent,
        // As this port's own schema read it.
        ...(deliverable === undefined ? {} : { deliverable: deliverableSchema.parse(deliverable) }),
        source,
        options: { ...options(), limits },
        isUnattended,
      });
      if (!started.ok) return started;
      const handle = started.value;
      const { run, task, result } = handle;
      return ok({ run, task, finished: result.then(toEnd), cancel: () => handle.cancel() });
    },
  };
}

function toEnd(result: DelegateResult): DelegateEnd {
  const checked = wordsOf(result.verdict);
  if (result.kind === 'winner') {
    const { output, spentTotal } = result;
    return { kind: 'winner', output, spentTotal, ...checked };
  }
  const { reason, failure, partial, spentTotal } = result;
  return { kind: 'no-winner', reason, failure, partial, spentTotal, ...checked };
}

function wordsOf(verdict: Verdict | null): { readonly deliverable?: string } {
  return verdict === null ? {} : { deliverable: verdictText(verdict) };
}
