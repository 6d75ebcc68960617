export interface SizeLimits {
  readonly maxDepth: number;
  /** Objects, lists and plain values together. */
  readonly maxValues: number;
}

/**
 * Undefined when a value is small and flat enough to be checked, else what is wrong with it. It counts without
 * recursion, because validators recurse and throw on deep input; a value that contains itself is too deep.
 */
export function gateValue(value: unknown, limits: SizeLimits): string | undefined {
  let level: readonly unknown[] = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.maxDepth) return `one nested deeper than ${limits.maxDepth} levels`;
    values += level.length;
    if (values > limits.maxValues) return `one with more than ${limits.maxValues.toLocaleString('en-US')} parts`;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item as Readonly<Record<string, unknown>>) : [],
    );
  }
  return undefined;
}
