/** Where an MCP server is: a program that is started, or an address. */
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { OpenedTransport } from './mcp-link.ts';
import { shortLine } from './short-reason.ts';

/** Bytes of one message. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Bytes of one response. */
const MOST_RESPONSE_BYTES = MOST_BYTES;
const SAID_CHARACTERS = 300;

/** Gets the plain variables of the environment (PATH, HOME and the like) and those that are named; no shell is involved. */
export function programTransport(program: {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of `env`, what was taken from the user's own environment. */
  readonly secrets: readonly string[];
}): OpenedTransport {
  const { command, args, cwd, env } = program;
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    cwd,
    env: { ...env },
    stderr: 'pipe',
    maxBufferSize: MOST_BYTES,
  });
  let said = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-SAID_CHARACTERS);
  });
  // The transport forgets its process before that has ended.
  let pid: number | null = null;
  const start = transport.start.bind(transport);
  transport.start = async () => {
    await start();
    pid = transport.pid;
  };
  const kill = (): void => {
    try {
      if (pid !== null) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  return { transport, said: () => shortLine(said), secrets: program.secrets, hasBegun: () => pid !== null, kill };
}

/** Everything goes to the origin of `url`, and what goes to it follows no redirect. */
export function addressTransport(address: {
  readonly url: string;
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}): OpenedTransport {
  const { url, token, headers } = address;
  const { origin } = new URL(url);
  const guarded: FetchLike = async (target, init) => {
    if (new URL(target).origin !== origin) throw new Error(`it asked for another host than ${origin}`);
    const sent = new Headers(init?.headers);
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
    return bounded(await fetch(target, { ...init, headers: sent, redirect: 'error' }));
  };
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: guarded,
    // A server that ends the stream of its notices again and again is not asked for it again and again.
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1_000,
      maxReconnectionDelay: 1_000,
      reconnectionDelayGrowFactor: 1,
    },
  });
  return {
    transport,
    said: () => '',
    secrets: token === undefined ? [] : [token],
    hasBegun: () => true,
    kill: () => undefined,
  };
}

function bounded(response: Response): Response {
  if (response.body === null) return response;
  let bytes = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.byteLength;
        if (bytes > MOST_RESPONSE_BYTES) controller.error(new Error('its response is too long'));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(counted, { status, statusText, headers });
}
