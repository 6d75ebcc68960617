/**
 * A bag of hashed words as a unit vector: the same everywhere, and texts that share words lie closer together.
 * The empty text is the first axis.
 */
export function embeddingOf(text: string, dimensions: number): readonly number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const hash = hashOf(word);
    const axis = hash % dimensions;
    vector[axis] = (vector[axis] ?? 0) + (hash & 0x4000_0000 ? -1 : 1);
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector.map((_, axis) => (axis === 0 ? 1 : 0)) : vector.map((value) => value / length);
}

/** FNV-1a, 32 bits. */
function hashOf(word: string): number {
  let hash = 0x811c_9dc5;
  for (let position = 0; position < word.length; position += 1)
    hash = Math.imul(hash ^ word.charCodeAt(position), 0x0100_0193);
  return hash >>> 0;
}
