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
