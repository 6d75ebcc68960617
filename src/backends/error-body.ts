import { asList, asObject, asText, isObject, parseJson } from './json-value.ts';

/** What an error body says, whichever server wrote it. Texts are the server's words: data, never instructions. */
export interface ErrorBody {
  readonly message: string;
  /** `code` and `type`, lower case. */
  readonly codes: readonly string[];
  /** The request field it complains about. */
  readonly param: string;
  /** An HTTP status inside the body, as some gateways put into a stream that began with 200. */
  readonly status: number | undefined;
}

/**
 * OpenAI and most others `{error: {message, type, code, param}}`, Ollama `{error: "…"}`, vLLM `{message, type, code}`,
 * FastAPI `{detail}`; else the text itself, which may have been cut in the middle.
 */
export function readErrorBody(text: string): ErrorBody {
  const parsed = parseJson(text);
  if (!isObject(parsed)) return { message: readableText(text), codes: codesInText(text), param: '', status: undefined };
  const inner = parsed['error'] ?? parsed;
  if (typeof inner === 'string') return { message: readableText(inner), codes: [], param: '', status: undefined };
  const error = asObject(inner);
  const detail = asList(error['detail'])
    .map((each) => asText(asObject(each)['msg']))
    .join('; ');
  const message = asText(error['message']) || asText(error['detail']) || detail || JSON.stringify(inner);
  const codes = [error['code'], error['type']]
    .filter((each) => typeof each === 'string')
    .map((each) => each.toLowerCase());
  const status = Number(error['code']);
  return {
    message: readableText(message),
    codes,
    param: asText(error['param']),
    status: status >= 400 && status <= 599 ? status : undefined,
  };
}

export function isContextOverflow(body: ErrorBody): boolean {
  const known = [
    'context_length_exceeded',
    'exceed_context_size_error',
    'context_window_exceeded',
    'string_above_max_length',
  ];
  return body.codes.some((code) => known.includes(code)) || OVERFLOW_WORDS.test(body.message);
}

const OVERFLOW_WORDS =
  /context[ _](length|window|size)|maximum context|prompt (is )?too long|too many (input )?tokens|input (length|tokens?) exceeds?|exceeds? the (available )?context/i;

export function isContentFilter(body: ErrorBody): boolean {
  return body.codes.some((code) => /content_?(filter|policy)/.test(code));
}

export function isQuotaUsedUp(body: ErrorBody): boolean {
  return body.codes.includes('insufficient_quota');
}

export function isRateLimit(body: ErrorBody): boolean {
  return body.status === 429 || body.codes.some((code) => /rate_?limit|too_many_requests/.test(code));
}

const LONGEST_EXCERPT = 300;

/** One line of at most 300 characters; of an HTML page its title. */
export function readableText(text: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1];
  const isPage = /^\s*(<!doctype|<html)/i.test(text);
  const plain = isPage ? `an HTML page${title === undefined ? '' : ` titled "${title.trim()}"`}` : text;
  const line = plain
    // Control, bidirectional and tag characters could make the message read as something else.
    .replace(/[\p{Cc}\p{Cf}\u{E0000}-\u{E007F}\s]+/gu, ' ')
    .trim();
  return line.length <= LONGEST_EXCERPT ? line : `${line.slice(0, LONGEST_EXCERPT - 1).toWellFormed()}…`;
}

function codesInText(text: string): readonly string[] {
  return [...text.matchAll(/"(?:code|type)"\s*:\s*"([\w.-]{1,60})"/g)].map((match) => (match[1] ?? '').toLowerCase());
}
