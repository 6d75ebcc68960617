import type { RunFinished, TextDelta } from '../core/orchestrator.ts';
import type { RunEvent } from '../core/run-event.ts';
import type { RunState } from '../core/run-state.ts';

/** Shows a run while it goes on. */
export interface RunView {
  /** `state` is undefined as long as the engine does not tell of the run. */
  onEvent(event: RunEvent, state: RunState | undefined): void;
  onText(delta: TextDelta): void;
  /** Runs `work` while nothing else is drawn. */
  hush<T>(work: () => Promise<T>): Promise<T>;
  onFinished(finished: RunFinished, state: RunState | undefined): void;
}
