/** An HTTP server that answers as one function says, for what no model server would do. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface RawServer {
  readonly origin: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** Resolves when so many requests have been read. */
  readonly arrived: (count: number) => Promise<void>;
  /** Sockets that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Resolves when no socket is open. */
  readonly quiet: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startRawServer(
  answer: (response: ServerResponse, request: SeenRequest) => void,
): Promise<RawServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  const changed = (): void => watchers.forEach((check) => check());
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!holds()) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
    });
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body,
      };
      seen.push(one);
      changed();
      answer(response, one);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      changed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    seen,
    sockets,
    arrived: (count) => until(() => seen.length >= count),
    quiet: () => until(() => sockets.size === 0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** Accepts connections and is silent: with https no handshake, with http no answer. */
export async function startSilentServer(): Promise<{
  readonly port: number;
  readonly accepted: () => Promise<void>;
  readonly close: () => Promise<void>;
}> {
  const sockets = new Set<Socket>();
  const first = Promise.withResolvers<void>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => first.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => first.promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = await startSilentServer();
  await server.close();
  return server.port;
}
