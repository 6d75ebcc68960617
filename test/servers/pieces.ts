/**
 * Cuts a reply's text into stream pieces: about twelve UTF-16 units each, never more than 200 pieces, never inside a
 * surrogate pair (a model's piece is a string of whole code points; it is the TCP writes that split them).
 */
export function piecesOf(text: string): readonly string[] {
  const size = Math.max(12, Math.ceil(text.length / 200));
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + size);
    if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && end < text.length) end += 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}
