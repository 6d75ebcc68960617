/**
 * Data rules through a supervisor: what a worker read that must stay on this machine keeps who is told of it here.
 *
 * 1. A supervisor that is told of such a result gets the files on its own record, so that all its further turns, its result and
 *    the workers that it briefs from then on stay on local backends.
 * 2. Where no local backend could go on supervising, the text is withheld instead.
 */
import { hasFeature, type BackendDescription } from '../backend.ts';
import { localFilesBehind, localOnlySource } from '../local-only.ts';
import type { RunContext } from '../run-context.ts';
import type { ReadFile } from '../run-event.ts';

export type Showing =
  | { readonly kind: 'open' }
  /** It may be shown, with these files on the record of who is shown it. */
  | { readonly kind: 'here'; readonly files: readonly ReadFile[] }
  | { readonly kind: 'withheld'; readonly rule: string };

/** `backend`: where the supervisor is now. */
export function showingOf(ctx: RunContext, worker: string, backend: BackendDescription | undefined): Showing {
  const rule = localOnlySource(ctx.state, worker);
  if (rule === undefined) return { kind: 'open' };
  const files = localFilesBehind(ctx.state, worker);
  const mayStay = backend?.tier === 'local' || hasLocalSupervisor(ctx);
  return mayStay && files.length > 0 ? { kind: 'here', files } : { kind: 'withheld', rule };
}

function hasLocalSupervisor(ctx: RunContext): boolean {
  return ctx.deps.roster
    .backends()
    .some(
      ({ description }) =>
        description.tier === 'local' &&
        description.enabled &&
        description.canOrchestrate &&
        hasFeature(description, 'tools'),
    );
}

export function withheldText(rule: string): string {
  return `(What it says stays on this machine by the data rule ${rule}. It is kept for the user, and other workers may depend on it; do not guess what it says.)`;
}
