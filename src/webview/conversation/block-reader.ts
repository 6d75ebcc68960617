/**
 * Cuts a text that arrives into its blocks.
 *
 * Owns: what has arrived since the last complete block. Does not own: how it is shown.
 *
 * 1. A block is complete at a blank line outside of every code fence.
 * 2. What has arrived is looked at once: the cost of a piece does not grow with the block that it belongs to.
 */
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

export class BlockReader {
  /** The lines since the last complete block, each with its end. */
  #lines: string[] = [];
  /** It has no end yet. */
  #line = '';
  #fence: string | undefined;

  /** Returns the blocks that are complete by now; empty: none. */
  add(text: string): string {
    let complete = '';
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      const line = this.#line + text.slice(at, end);
      this.#line = '';
      at = end + 1;
      this.#lines.push(`${line}\n`);
      this.#follow(line);
      if (this.#fence === undefined && line.trim() === '') complete += this.#lines.splice(0).join('');
    }
    this.#line += text.slice(at);
    return complete;
  }

  /** What follows the last complete block. */
  get rest(): string {
    return this.#lines.join('') + this.#line;
  }

  /** Whether a fence is open after this line. */
  #follow(line: string): void {
    const mark = FENCE.exec(line)?.[1];
    if (this.#fence === undefined) this.#fence = mark;
    else if (mark !== undefined && mark.startsWith(this.#fence) && line.trim() === mark) this.#fence = undefined;
  }
}
