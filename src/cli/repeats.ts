/** Reasons that many tasks or parts have in common: each is told once, and how often it came again. */

import { oneLine } from '../app/safe-text.ts';

const RECALLED_CHARACTERS = 80;

/** A line under a task, which says why: it has no mark. */
function reasonIn(line: string): string | undefined {
  return /^ {4,}(?!\[.\] )\S/.test(line) ? line.trim() : undefined;
}

/** `(and 8 more like this)`; empty when there are none. */
function moreLikeThis(count: number): string {
  return count === 0 ? '' : ` (and ${count} more like this)`;
}

/** The lines of a tree, each reason at its first place. */
export function collapsed(lines: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  const kept = lines.filter((line) => {
    const reason = reasonIn(line);
    if (reason === undefined) return true;
    const before = counts.get(reason) ?? 0;
    counts.set(reason, before + 1);
    return before === 0;
  });
  return kept.map((line) => {
    const reason = reasonIn(line);
    return reason === undefined ? line : `${line}${moreLikeThis((counts.get(reason) ?? 1) - 1)}`;
  });
}

/** The same where lines come one after the other and what was written stands. */
export class Repeats {
  readonly #counts = new Map<string, number>();

  /** Is the line to be written? */
  isNew(line: string): boolean {
    const reason = reasonIn(line);
    if (reason === undefined) return true;
    const before = this.#counts.get(reason) ?? 0;
    this.#counts.set(reason, before + 1);
    return before === 0;
  }

  /** A line for each that was not written. */
  told(): readonly string[] {
    return [...this.#counts].flatMap(([reason, count]) =>
      count === 1 ? [] : [`    ${oneLine(reason, RECALLED_CHARACTERS)}${moreLikeThis(count - 1)}`],
    );
  }
}
