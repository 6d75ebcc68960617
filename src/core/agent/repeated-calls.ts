/** Notices a model that asks for the same thing again and gets the same answer. */
import { canonicalJson } from '../../base/canonical-json.ts';
import type { ToolCall } from '../backend.ts';
import type { ToolOutcome } from './tool-box.ts';

const MOST_REPEATS = 5;

const NOTE = '[You made this very call before and the result is the same. Use what you have.]\n';
const REFUSED =
  'This call was not run: you made it twice already, and the result was the same both times. Do something else, or finish with your report.';

interface Made {
  readonly call: string;
  readonly result: string;
  readonly times: number;
}

export class RepeatedCalls {
  readonly #made = new Map<string, Made>();
  readonly #isShown: (call: string) => boolean;
  #repeats = 0;

  /** A result that the model no longer sees may be asked for again. */
  constructor(isShown: (call: string) => boolean) {
    this.#isShown = isShown;
  }

  get isTooMany(): boolean {
    return this.#repeats >= MOST_REPEATS;
  }

  /** Files were read or edited: the same call may bring something else now. */
  forgetResults(): void {
    this.#made.clear();
  }

  /** What to tell instead of running the call; undefined: run it. */
  refusal(call: ToolCall): ToolOutcome | undefined {
    const made = this.#made.get(keyOf(call));
    if (made === undefined || made.times < 2 || !this.#isShown(made.call)) return undefined;
    this.#repeats += 1;
    return { isOk: false, text: REFUSED };
  }

  /** The result as the model is told it. */
  told(call: ToolCall, text: string): string {
    const key = keyOf(call);
    const made = this.#made.get(key);
    const isSame = made?.result === text && this.#isShown(made.call);
    this.#made.set(key, { call: call.id, result: text, times: isSame ? made.times + 1 : 1 });
    if (!isSame) return text;
    this.#repeats += 1;
    return NOTE + text;
  }

  /** Counts a call whose answer is on record, as it was told. */
  restore(call: ToolCall, told: string): void {
    if (told === REFUSED) {
      this.#repeats += 1;
      return;
    }
    const isSame = told.startsWith(NOTE);
    if (isSame) this.#repeats += 1;
    this.#made.set(keyOf(call), {
      call: call.id,
      result: isSame ? told.slice(NOTE.length) : told,
      times: isSame ? 2 : 1,
    });
  }
}

function keyOf(call: ToolCall): string {
  return `${call.name} ${canonicalJson(call.arguments)}`;
}
