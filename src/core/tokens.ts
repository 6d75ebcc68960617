/**
 * How many tokens a text is at the most, near enough: UTF-8 bytes / 3, rounded up. English prose and code are 3.5 to 4.5
 * bytes a token with today's tokenizers, other scripts about 3, so this rarely comes out too small; it is the figure that
 * reservations are made with, where too much is given back and too little would be overdrawn.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(utf8Length(text) / 3);
}

/** The longest beginning of `text` that takes at most `maxTokens`; no character is cut in two. */
export function takeTokens(text: string, maxTokens: number): string {
  if (estimateTokens(text) <= maxTokens) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const unit = character.charCodeAt(0);
    bytes += character.length === 2 ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    if (bytes > maxTokens * 3) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes, any other unit above U+07FF is three.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
