const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** How much of the beginning of a text is made of complete blocks: it ends after a blank line outside of every code fence. */
export function completeBlocks(text: string): number {
  let complete = 0;
  let fence: string | undefined;
  let at = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
    const line = text.slice(at, end);
    at = end + 1;
    const mark = FENCE.exec(line)?.[1];
    if (fence === undefined) fence = mark;
    else if (mark !== undefined && mark.startsWith(fence) && line.trim() === mark) fence = undefined;
    if (fence === undefined && line.trim() === '') complete = at;
  }
  return complete;
}
