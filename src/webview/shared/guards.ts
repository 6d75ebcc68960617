/** For messages between the extension and a panel, which are checked on both sides. */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of at most `maxChars` UTF-16 units. */
export function isText(value: unknown, maxChars = 10_000): value is string {
  return typeof value === 'string' && value.length <= maxChars;
}

/** A whole number from `least` on. */
export function isCount(value: unknown, least = 0): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

export function isOneOf<T extends string>(value: unknown, known: readonly T[]): value is T {
  return known.some((one) => one === value);
}

/** The address when it is one of the web, as it will be opened; user names in it would hide the host. */
export function webAddress(value: unknown): URL | undefined {
  if (!isText(value, 4_000) || !/^https?:\/\//i.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isPlain = url.host !== '' && url.username === '' && url.password === '';
  return isPlain && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}
