/** Looks at the size and the nesting of JSON before anything parses it: validators recurse, and attackers nest. */
export interface JsonLimits {
  readonly maxChars: number;
  readonly maxDepth: number;
}

/** Undefined when the text may be parsed, else what is wrong with it. */
export function gateJson(text: string, limits: JsonLimits): string | undefined {
  if (text.length > limits.maxChars) {
    return `it has ${text.length.toLocaleString('en-US')} characters; the limit is ${limits.maxChars.toLocaleString('en-US')}`;
  }
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === BACKSLASH) i++;
      else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) inString = true;
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      depth += 1;
      if (depth > limits.maxDepth) return `it is nested deeper than ${limits.maxDepth} levels`;
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth -= 1;
  }
  return undefined;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/**
 * The object that begins at `from` (the first brace when left out), without the words that some models put around it
 * however they are asked; when its end is missing, all up to the last brace there is. The text itself when it has none.
 */
export function outerObject(text: string, from = text.indexOf('{')): string {
  if (from < 0) return text;
  const end = endOfValue(text, from) ?? text.lastIndexOf('}') + 1;
  return end <= from ? text : text.slice(from, end);
}

/** Where the object or array that begins at `from` ends (exclusive); undefined when it does not. */
export function endOfValue(text: string, from: number): number | undefined {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) i = endOfString(text, i);
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) depth += 1;
    else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return undefined;
}

/** Index of the quote that ends the string beginning at `from`; the text's length when there is none. */
function endOfString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === BACKSLASH) i++;
    else if (unit === QUOTE) return i;
  }
  return text.length;
}
