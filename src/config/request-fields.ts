import { hidden, looksLikeKey, show } from './problem.ts';
import type { PlacedFault } from './shape-faults.ts';

/** Headers that carry credentials; those go through `apiKey`, which binds them to their address. */
const CREDENTIAL_HEADER =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-amz-security-token)$|api[-_]?key|auth[-_]?(?:token|key)|access[-_]?token|secret|password|subscription-key/i;

/** Headers that belong to the connection itself. */
const CONNECTION_HEADER =
  /^(?:host|connection|content-length|content-type|content-encoding|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|origin|referer|proxy-.*|sec-.*|x-forwarded-.*|forwarded)$/i;

/** What a header's text may hold: visible Latin-1 and spaces. */
const HEADER_TEXT = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

export function headerFaults(headers: Readonly<Record<string, string>>): readonly PlacedFault[] {
  return Object.entries(headers).flatMap(([name, text]) => {
    const fault = headerFault(name, text);
    return fault === undefined ? [] : [{ path: ['headers', name], ...fault }];
  });
}

function headerFault(name: string, text: string): Omit<PlacedFault, 'path'> | undefined {
  if (CREDENTIAL_HEADER.test(name) || looksLikeKey(text)) {
    return {
      expected: 'a header without credentials',
      got: hidden(text),
      whatToDo:
        'Take the header out and name the key in "apiKey" as "secret:NAME" or "env:NAME"; it is then sent to this address only.',
    };
  }
  if (CONNECTION_HEADER.test(name))
    return {
      expected: 'a header that a person may set',
      got: show(name),
      whatToDo: 'Take the header out; the connection sets it.',
    };
  if (!HEADER_TEXT.test(text))
    return {
      expected: 'one line of Latin letters',
      got: show(text),
      whatToDo: 'Take line breaks and other characters out of the text.',
    };
  return undefined;
}

/** Fields of a request body that the engine sets; changing them would break streaming, tools or the budget. */
const ENGINE_FIELDS: ReadonlySet<string> = new Set([
  ...[
    'model',
    'messages',
    'prompt',
    'input',
    'stream',
    'stream_options',
    'tools',
    'tool_choice',
    'functions',
    'function_call',
    'parallel_tool_calls',
  ],
  ...['response_format', 'format', 'max_tokens', 'max_completion_tokens', 'max_output_tokens', 'n', 'best_of'],
]);
const CREDENTIAL_FIELD = /^(?:api[-_]?key|key|token|access[-_]?token|auth[-_]?token|authorization|password|secret)$/i;

export function extraBodyFaults(extraBody: Readonly<Record<string, unknown>>): readonly PlacedFault[] {
  const faults = Object.entries(extraBody).flatMap(([name, value]) => faultOfBodyField(name, value));
  const options = extraBody['options'];
  const limitsOutput = typeof options === 'object' && options !== null && Object.hasOwn(options, 'num_predict');
  return limitsOutput ? [...faults, { path: ['extraBody', 'options', 'num_predict'], ...ENGINE_FAULT }] : faults;
}

const ENGINE_FAULT = {
  expected: 'a field that the engine does not set itself',
  got: 'one that it sets',
  whatToDo: 'Take it out; "model", "maxOutputTokens" and the budget decide it.',
} as const;

function faultOfBodyField(name: string, value: unknown): readonly PlacedFault[] {
  const path = ['extraBody', name];
  if (ENGINE_FIELDS.has(name)) return [{ path, ...ENGINE_FAULT }];
  if (!CREDENTIAL_FIELD.test(name) && !(typeof value === 'string' && looksLikeKey(value))) return [];
  return [
    {
      path,
      expected: 'a field without credentials',
      got: typeof value === 'string' ? hidden(value) : show(value),
      whatToDo: 'Take it out and name the key in "apiKey" as "secret:NAME" or "env:NAME".',
    },
  ];
}
