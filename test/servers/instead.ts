import type { InsteadOfReply } from './behaviours.ts';
import { llamaServerOverflow, openAiOverflow } from './overflow.ts';
import type { RequestRecord } from './records.ts';
import { frame } from './script.ts';
import type { Step } from './script.ts';
import type { Wire, WireError } from './wire.ts';

/** The steps of a behaviour that takes the place of a reply. */
export function stepsInstead(behaviour: InsteadOfReply, wire: Wire, record: RequestRecord): readonly Step[] {
  switch (behaviour.kind) {
    case 'resetOnAccept':
    case 'reset':
      return [{ kind: 'reset' }];
    case 'hangBeforeHeaders':
      return [{ kind: 'hang' }];
    case 'hangAfterHeaders':
      return [{ kind: 'head', status: 200, headers: wire.streamHeaders }, { kind: 'hang' }];
    case 'status':
      return errorSteps(
        wire,
        { message: messageFor(behaviour.status), ...errorTypeFor(behaviour.status), ...behaviour },
        headersOf(behaviour),
      );
    case 'echoKey':
      return echoKey(behaviour.status, wire, record);
    case 'body':
      return bodySteps({
        status: behaviour.status ?? 200,
        contentType: behaviour.contentType ?? wire.streamHeaders['content-type'] ?? 'text/plain',
        text: behaviour.body,
      });
    case 'contextOverflow': {
      const limit = behaviour.contextTokens ?? 4096;
      const isLlamaServer = behaviour.shape === 'llama-server' || wire.protocol === 'ollama';
      return errorSteps(
        wire,
        isLlamaServer
          ? llamaServerOverflow(limit, limit + 1000)
          : openAiOverflow({ limit, prompt: limit + 1000, completion: 0 }),
      );
    }
    case 'redirect':
      return bodySteps({
        status: behaviour.status,
        contentType: 'text/plain',
        text: '',
        headers: { location: behaviour.toOrigin + record.path },
      });
  }
}

/** An error answer in the protocol's shape. */
export function errorSteps(
  wire: Wire,
  error: WireError,
  headers: Readonly<Record<string, string>> = {},
): readonly Step[] {
  const contentType = wire.protocol === 'openai' ? 'application/json' : 'application/json; charset=utf-8';
  return bodySteps({ status: error.status, contentType, text: wire.errorBody(error), headers });
}

interface Body {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function bodySteps({ status, contentType, text, headers }: Body): readonly Step[] {
  const bytes = Buffer.from(text);
  const head = { 'content-type': contentType, 'content-length': String(bytes.length), ...headers };
  const body = bytes.length === 0 ? [] : [frame('noise', bytes)];
  return [{ kind: 'head', status, headers: head }, ...body, { kind: 'end' }];
}

function headersOf({
  retryAfter,
  retryAfterMs,
  headers,
}: Extract<InsteadOfReply, { readonly kind: 'status' }>): Readonly<Record<string, string>> {
  return {
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(retryAfterMs === undefined ? {} : { 'retry-after-ms': retryAfterMs }),
    ...headers,
  };
}

function echoKey(status: 401 | 503, wire: Wire, { headers }: RequestRecord): readonly Step[] {
  const given = String(headers['authorization'] ?? '');
  if (status === 401)
    return errorSteps(wire, {
      status,
      message: `Incorrect API key provided: ${given.replace(/^Bearer /, '')}.`,
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    });
  const page = `<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503</h1><pre>Authorization: ${given}</pre></body></html>`;
  return bodySteps({ status, contentType: 'text/html', text: page });
}

function messageFor(status: number): string {
  const messages: Readonly<Record<number, string>> = {
    400: 'Bad request.',
    403: 'Country, region, or territory not supported.',
    404: 'Not found.',
    408: 'Request timeout.',
    413: 'Request too large.',
    429: 'Rate limit reached for requests. Please try again later.',
    500: 'The server had an error while processing your request. Sorry about that!',
    503: 'The engine is currently overloaded, please try again later.',
  };
  return messages[status] ?? `Error ${status}.`;
}

function errorTypeFor(status: number): Pick<WireError, 'type' | 'code'> {
  if (status === 429) return { type: 'requests', code: 'rate_limit_exceeded' };
  return { type: status >= 500 ? 'server_error' : 'invalid_request_error' };
}
