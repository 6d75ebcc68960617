import type { IncomingMessage } from 'node:http';
import { MOST_BYTES } from './json-rpc.ts';

/** Undefined when it is too long, or the client hung up; no more than the limit is held. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return undefined;
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of request) {
      const buffer = piece as Buffer;
      bytes += buffer.length;
      if (bytes > MOST_BYTES) return undefined;
      pieces.push(buffer);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces).toString('utf8');
}
