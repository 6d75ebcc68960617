/**
 * The door for several clients of this machine: MCP's Streamable HTTP on the loopback address.
 *
 * Owns: the listener, the token, the sessions. Does not own: what a session does.
 *
 * 1. Only 127.0.0.1 is listened on. A request with a foreign Host or Origin (a page in a browser, a rebound name) gets 403,
 *    one without the token 401, before anything of it is read. No answer allows another origin.
 * 2. Each session has a server and a transport of its own; its id is random, and nothing is served without it.
 * 3. Bodies, sessions and calls are bounded; at the limit the session that was idle longest makes room.
 * 4. After `close` no socket, session or call is left.
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { err, ok, type Result } from '../base/result.ts';
import { errorText, INVALID_REQUEST, readMessage, type NoMessage } from './json-rpc.ts';
import { McpSession, type SessionDeps } from './mcp-server.ts';
import { readBody } from './read-body.ts';

const HOST = '127.0.0.1';
const PATH = '/mcp';
const MOST_SESSIONS = 32;
/** Each session may have a few streams open. */
const MOST_SOCKETS = 256;

export interface HttpDoorOptions {
  /** 0: any that is free. */
  readonly port: number;
}

export interface HttpDoor {
  /** `http://127.0.0.1:<port>/mcp` */
  readonly url: string;
  /** To be sent with each request: `Authorization: Bearer <token>`. */
  readonly token: string;
  close(): Promise<void>;
}

export async function openHttpDoor(deps: SessionDeps, { port }: HttpDoorOptions): Promise<Result<HttpDoor, string>> {
  const door = new Door(deps);
  const failed = await door.listen(port);
  return failed === undefined ? ok(door) : err(failed);
}

interface OpenSession {
  readonly session: McpSession;
  readonly transport: StreamableHTTPServerTransport;
  /** Requests that are being answered, streams among them. */
  requests: number;
  /** Goes up with each use: the smallest was idle longest. */
  used: number;
}

class Door implements HttpDoor {
  readonly token = randomBytes(32).toString('base64url');
  readonly #deps: SessionDeps;
  readonly #http: Server;
  readonly #sessions = new Map<string, OpenSession>();
  #port = 0;
  #uses = 0;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#http = createServer((request, response) => void this.#handle(request, response));
    this.#http.maxConnections = MOST_SOCKETS;
  }

  get url(): string {
    return `http://${HOST}:${this.#port}${PATH}`;
  }

  /** Why it cannot listen; undefined when it does. */
  listen(port: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) =>
        resolve(
          error.code === 'EADDRINUSE'
            ? 'is taken by another program'
            : `cannot be used (${error.code ?? error.message})`,
        ),
      );
      this.#http.listen({ host: HOST, port, exclusive: true }, () => {
        this.#port = (this.#http.address() as AddressInfo).port;
        resolve(undefined);
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(open.map(({ session }) => session.close()));
    this.#http.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      const refusal = this.#refusal(request);
      if (refusal === undefined) await this.#serve(request, response);
      else answer(response, refusal);
    } catch (error) {
      this.#deps.logger.error('An MCP request met a bug', error);
      if (response.headersSent) response.destroy();
      else answer(response, { status: 500, message: 'Something in Orchestrator itself broke; see its log.' });
    }
  }

  /** What is known before anything but the head was read. */
  #refusal({ headers, url = '' }: IncomingMessage): Refusal | undefined {
    const hosts = [`${HOST}:${this.#port}`, `localhost:${this.#port}`];
    if (!hosts.includes(headers.host?.toLowerCase() ?? ''))
      return { status: 403, message: 'This host name is not served.' };
    const { origin } = headers;
    if (origin !== undefined && !hosts.some((host) => origin.toLowerCase() === `http://${host}`))
      return { status: 403, message: 'Requests of this origin are not served.' };
    if (!this.#isToken(headers.authorization))
      return {
        status: 401,
        message:
          'The token is missing or wrong: send "Authorization: Bearer <token>" as it was told when the server was started.',
      };
    if (new URL(url, 'http://localhost').pathname !== PATH)
      return { status: 404, message: `There is nothing here; the server is at ${PATH}.` };
    return undefined;
  }

  #isToken(authorization: string | undefined): boolean {
    const given = Buffer.from(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
    const own = Buffer.from(this.token);
    return given.length === own.length && timingSafeEqual(given, own);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return this.#serveSession(request, response, undefined);
    const body = await readBody(request);
    if (body === undefined) return answer(response, { status: 413, message: 'The message is too long.', closes: true });
    const message = readMessage(body);
    if (!message.ok) return answer(response, { status: 400, ...message.error });
    if (request.headers['mcp-session-id'] !== undefined || !isInitializeRequest(message.value))
      return this.#serveSession(request, response, message.value);
    const opened = await this.#open();
    return opened === undefined
      ? answer(response, {
          status: 503,
          message: `${MOST_SESSIONS} sessions are at work; try again when one has ended.`,
        })
      : this.#begin(opened, () => opened.transport.handleRequest(request, response, message.value), response);
  }

  /** A session that was refused by the protocol leaves nothing. */
  async #begin(opened: OpenSession, work: () => Promise<void>, response: ServerResponse): Promise<void> {
    await use(opened, work);
    if (response.statusCode >= 400) await opened.session.close();
  }

  async #serveSession(request: IncomingMessage, response: ServerResponse, message: unknown): Promise<void> {
    const id = request.headers['mcp-session-id'];
    if (typeof id !== 'string')
      return answer(response, { status: 400, message: 'The session id is missing; a session begins with initialize.' });
    const open = this.#sessions.get(id);
    if (open === undefined)
      return answer(response, { status: 404, message: 'There is no such session; begin one with initialize.' });
    open.used = ++this.#uses;
    await use(open, () => open.transport.handleRequest(request, response, message));
  }

  /** Undefined when there is no room. */
  async #open(): Promise<OpenSession | undefined> {
    if (this.#sessions.size >= MOST_SESSIONS && !(await this.#makeRoom())) return undefined;
    const id = randomUUID();
    const session = new McpSession(this.#deps);
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => id });
    await session.connect(transport);
    const open: OpenSession = { session, transport, requests: 0, used: ++this.#uses };
    this.#sessions.set(id, open);
    void session.closed.then(() => {
      this.#sessions.delete(id);
      return session.close();
    });
    return open;
  }

  async #makeRoom(): Promise<boolean> {
    const idle = [...this.#sessions].filter(
      ([, { requests, session }]) => requests === 0 && session.callsInFlight === 0,
    );
    const [oldest] = idle.sort(([, a], [, b]) => a.used - b.used);
    if (oldest === undefined) return false;
    const [id, { session }] = oldest;
    this.#sessions.delete(id);
    await session.close();
    return true;
  }
}

async function use(open: OpenSession, work: () => Promise<void>): Promise<void> {
  open.requests += 1;
  try {
    await work();
  } finally {
    open.requests -= 1;
  }
}

interface Refusal extends Partial<NoMessage> {
  readonly status: number;
  readonly message: string;
  /** What is left of the request is not read. */
  readonly closes?: boolean;
}

function answer(response: ServerResponse, { status, closes = false, ...error }: Refusal): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(closes ? { connection: 'close' } : {}),
  });
  response.end(errorText({ id: null, code: INVALID_REQUEST, ...error }));
}
