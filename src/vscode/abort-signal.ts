import type * as vscode from 'vscode';

export interface Aborting {
  readonly signal: AbortSignal;
  dispose(): void;
}

/** An AbortSignal that aborts with a cancellation token; dispose it when the work has ended. */
export function abortSignalOf(token: vscode.CancellationToken): Aborting {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new Error('Cancelled'));
  const subscription = token.onCancellationRequested(abort);
  if (token.isCancellationRequested) abort();
  return {
    signal: controller.signal,
    dispose: () => {
      subscription.dispose();
    },
  };
}
