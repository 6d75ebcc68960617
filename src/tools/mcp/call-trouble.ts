/** Why a call brought nothing, in words for a model. What matters to it: was the call carried out? */
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { shortReason } from './short-reason.ts';

export interface CallTrouble {
  readonly text: string;
  /** Nothing came: is the server there at all? */
  readonly isSilent: boolean;
}

export const UNREADABLE =
  'It was called, and what came back could not be read: whether it was carried out is not known.';

const TIMED_OUT: number = ErrorCode.RequestTimeout;
/** Answers of a server that did not take the request. */
const NOT_TAKEN: ReadonlySet<number> = new Set([400, 401, 403, 404, 405]);
/** Nobody was there to take it. */
const NOBODY: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

export function callTrouble(
  error: unknown,
  how: { readonly timeoutMs: number; readonly isClosed: boolean; readonly isOurs: boolean },
): CallTrouble {
  if (how.isOurs)
    return said(
      'It was called off while it was at work, because its settings were changed: whether it was carried out is not known.',
    );
  if (isTimeout(error))
    return {
      text: `It did not answer ${limitText(error, how.timeoutMs)}, so whether it was carried out is not known.`,
      isSilent: true,
    };
  if (how.isClosed)
    return said(
      'The server ended while it was at work, so whether it was carried out is not known. The next call starts the server again.',
    );
  if (error instanceof McpError) return said(`It refused: ${shortReason(error)}`);
  if (isNotTaken(error)) return said(`It was not called: ${shortReason(error)}`);
  return said(`${UNREADABLE} (${shortReason(error)})`);
}

/** The server knows this connection or its token no more; a new one may do. */
export function isForgotten(error: unknown): boolean {
  const status = statusOf(error);
  return isUnauthorized(error) || (status !== undefined && NOT_TAKEN.has(status) && status !== 405);
}

function said(text: string): CallTrouble {
  return { text, isSilent: false };
}

/** Ours, and not one that the server answered with. */
function isTimeout(error: unknown): error is McpError {
  if (!(error instanceof McpError) || error.code !== TIMED_OUT) return false;
  const { data } = error;
  return typeof data === 'object' && data !== null && ('timeout' in data || 'maxTotalTimeout' in data);
}

function limitText({ data }: McpError, timeoutMs: number): string {
  const isTotal = typeof data === 'object' && data !== null && 'maxTotalTimeout' in data;
  return isTotal ? 'to the end within half an hour' : `within ${timeoutMs / 1_000} s`;
}

function isNotTaken(error: unknown): boolean {
  const status = statusOf(error);
  return isUnauthorized(error) || (status !== undefined && NOT_TAKEN.has(status)) || NOBODY.has(codeOf(error));
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && error.name === 'UnauthorizedError';
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && !(error instanceof McpError) && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
