/** JSON-RPC messages as they come from outside: nothing is taken for one before it was looked at. */
import { JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { err, ok, type Result } from '../base/result.ts';
import { gateJson } from '../core/json-gate.ts';

/** Bytes of one message. */
export const MOST_BYTES = 16 * 1024 * 1024;
const MOST_DEPTH = 64;

export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;

/** Why a text is no message: what goes back. */
export interface NoMessage {
  /** Of the message, where it has one. */
  readonly id: string | number | null;
  readonly code: typeof PARSE_ERROR | typeof INVALID_REQUEST;
  readonly message: string;
}

/** In linear time and never deeper than the limit, whatever the text; never throws. */
export function readMessage(text: string): Result<JSONRPCMessage, NoMessage> {
  const gate = gateJson(text, { maxChars: MOST_BYTES, maxDepth: MOST_DEPTH });
  if (gate !== undefined) return err({ id: null, code: PARSE_ERROR, message: `The message was not read: ${gate}.` });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ id: null, code: PARSE_ERROR, message: 'The message is not valid JSON.' });
  }
  if (Array.isArray(value))
    return err({ id: null, code: INVALID_REQUEST, message: 'Batches are not taken; send one message at a time.' });
  const message = JSONRPCMessageSchema.safeParse(value);
  return message.success
    ? ok(message.data)
    : err({ id: idOf(value), code: INVALID_REQUEST, message: 'This is no JSON-RPC 2.0 message.' });
}

function idOf(value: unknown): string | number | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return typeof value.id === 'string' || typeof value.id === 'number' ? value.id : null;
}

export function errorText({ id, code, message }: NoMessage): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}
