import { withoutHidden } from '../app/safe-text.ts';
import type { TextDelta } from '../core/orchestrator.ts';
import { ANSWER_TASK } from '../core/plan/plan.ts';
import type { TextSink } from './io.ts';

/**
 * Prints the answer. At a terminal it streams, without control characters; into a pipe or a file it is written once
 * and as it is, because what a failed call began cannot be taken back there.
 */
export class AnswerPrinter {
  readonly #out: TextSink;
  #streamed = '';

  constructor(out: TextSink) {
    this.#out = out;
  }

  get isStreaming(): boolean {
    return this.#streamed !== '';
  }

  /** True when it printed something. */
  onText(delta: TextDelta): boolean {
    if (!this.#out.isTty || delta.task !== ANSWER_TASK) return false;
    if (delta.restart && this.#streamed !== '') {
      this.#out.write('\n(The answer begins anew, because the call failed.)\n\n');
      this.#streamed = '';
    }
    if (delta.text === '') return false;
    this.#streamed += delta.text;
    this.#out.write(withoutHidden(delta.text));
    return true;
  }

  finish(answer: string): void {
    if (!this.#out.isTty) {
      if (answer !== '') this.#out.write(withLineEnd(answer));
      return;
    }
    const rest = answer.startsWith(this.#streamed) ? answer.slice(this.#streamed.length) : `\n\n${answer}`;
    if (this.#streamed + rest !== '') this.#out.write(withLineEnd(withoutHidden(rest)));
  }
}

function withLineEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
