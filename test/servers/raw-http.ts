import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What came over one TCP connection, and how it ended. */
export interface RawAnswer {
  /** Undefined when not even a status line came. */
  readonly status: number | undefined;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without the HTTP chunk framing. */
  readonly body: Buffer;
  /** The data of each HTTP chunk. */
  readonly chunks: readonly Buffer[];
  /** The HTTP body ended as HTTP says. */
  readonly isComplete: boolean;
  /** `left`: this side closed, because `until` held. */
  readonly end: 'fin' | 'reset' | 'left';
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Asked at every piece, with all that has come so far; when it holds, the connection is closed. */
  readonly until?: (received: string) => boolean;
  /** Closes the connection when it aborts. */
  readonly signal?: AbortSignal;
}

/** One HTTP request over a socket of its own, with nothing between the test and the wire. */
export function requestRaw(url: string, request: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const { method = 'POST', path, headers = {}, body } = request;
  const payload = body === undefined ? '' : JSON.stringify(body);
  const lines = Object.entries({
    host: `${hostname}:${port}`,
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(payload)),
    ...headers,
  });
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(
    `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${payload}`,
  );
  return receive(socket, request);
}

function receive(socket: Socket, { until, signal }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const finish = (end: RawAnswer['end']): void => {
      signal?.removeEventListener('abort', leave);
      socket.destroy();
      resolve({ ...parse(Buffer.concat(pieces)), end });
    };
    const leave = (): void => finish('left');
    signal?.addEventListener('abort', leave, { once: true });
    socket.on('data', (piece: Buffer) => {
      pieces.push(piece);
      if (until?.(Buffer.concat(pieces).toString('latin1')) === true) leave();
    });
    socket.once('end', () => finish('fin'));
    socket.once('error', () => finish('reset'));
  });
}

function parse(received: Buffer): Omit<RawAnswer, 'end'> {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return { status: undefined, headers: {}, body: Buffer.alloc(0), chunks: [], isComplete: false };
  const [statusLine = '', ...lines] = received.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const rest = received.subarray(headEnd + 4);
  const length = headers['content-length'];
  const { chunks, isComplete } =
    length === undefined ? unchunk(rest) : { chunks: [rest], isComplete: rest.length === Number(length) };
  return { status: Number(statusLine.split(' ')[1]), headers, body: Buffer.concat(chunks), chunks, isComplete };
}

function unchunk(bytes: Buffer): { readonly chunks: readonly Buffer[]; readonly isComplete: boolean } {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return { chunks, isComplete: false };
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (size === 0) return { chunks, isComplete: true };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length) return { chunks, isComplete: false };
  }
}
