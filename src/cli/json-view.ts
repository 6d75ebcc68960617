import type { RunFinished } from '../core/orchestrator.ts';
import type { RunEvent } from '../core/run-event.ts';
import type { TextSink } from './io.ts';
import { eventLine, jsonLine } from './json-lines.ts';
import type { RunView } from './run-view.ts';

/** Every event as a line of JSON; the last line is `run.finished`, also when it could not be journaled. */
export class JsonView implements RunView {
  readonly #out: TextSink;
  #isFinished = false;

  constructor(out: TextSink) {
    this.#out = out;
  }

  onEvent(event: RunEvent): void {
    this.#isFinished ||= event.type === 'run.finished';
    this.#out.write(eventLine(event));
  }

  onText(): void {
    // The finished text is an event.
  }

  hush<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  onFinished(finished: RunFinished): void {
    if (!this.#isFinished) this.#out.write(jsonLine(finished));
  }
}
