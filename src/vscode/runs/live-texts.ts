import type { TextDelta } from '../../core/orchestrator.ts';
import type { RunEvent } from '../../core/run-event.ts';

/** What has arrived of the replies that stream now, so that a document opened in the middle shows it from the start. */
export class LiveTexts {
  readonly #texts = new Map<string, string>();

  add(delta: TextDelta): void {
    const key = keyOf(delta.run, delta.task);
    this.#texts.set(key, delta.restart ? delta.text : (this.#texts.get(key) ?? '') + delta.text);
  }

  /** A finished message is in the journal; what streamed of it is dropped. */
  follow(event: RunEvent): void {
    if (event.type === 'call.finished' || event.type === 'call.failed')
      this.#texts.delete(keyOf(event.run, event.key.task));
    if (event.type !== 'run.finished') return;
    for (const key of this.#texts.keys()) if (key.startsWith(`${event.run}/`)) this.#texts.delete(key);
  }

  text(run: string, task: string): string | undefined {
    return this.#texts.get(keyOf(run, task));
  }
}

function keyOf(run: string, task: string): string {
  return `${run}/${task}`;
}
