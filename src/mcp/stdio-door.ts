/** The door for the one client that started this process: messages over stdin and stdout. */
import { LineTransport, type LineStreams } from './line-transport.ts';
import { McpSession, type SessionDeps } from './mcp-server.ts';

/** Settles when the client has left or the signal aborts, and every call of it has ended. */
export async function serveStdio(deps: SessionDeps, streams: LineStreams, signal: AbortSignal): Promise<void> {
  const session = new McpSession(deps);
  const stopped = Promise.withResolvers<void>();
  const stop = (): void => stopped.resolve();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await session.connect(new LineTransport(streams));
    await Promise.race([session.closed, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    await session.close();
  }
}
