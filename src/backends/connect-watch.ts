import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CREATED = 'undici:request:create';
const SENT = 'undici:client:sendHeaders';

export interface ConnectListener {
  /** The request waits for a connection from now on. */
  readonly onWaiting: () => void;
  /** There is a connection (with https also the handshake is done) and the request goes out on it. */
  readonly onConnected: () => void;
}

/**
 * Runs `start` and reports what Node's own fetch says on its diagnostics channels about the one request made in it.
 * A host that replaces fetch may say nothing there; then neither function is called, and whoever listens must not count
 * on them. `stop` ends the listening.
 */
export function watchConnect<T>(
  listener: ConnectListener,
  start: () => T,
): { readonly result: T; readonly stop: () => void } {
  const scope = new AsyncLocalStorage<true>();
  let own: unknown;
  const created = (message: unknown): void => {
    if (scope.getStore() !== true || own !== undefined) return;
    own = requestOf(message);
    listener.onWaiting();
  };
  const sent = (message: unknown): void => {
    if (own !== undefined && requestOf(message) === own) listener.onConnected();
  };
  subscribe(CREATED, created);
  subscribe(SENT, sent);
  const stop = (): void => {
    unsubscribe(CREATED, created);
    unsubscribe(SENT, sent);
  };
  try {
    return { result: scope.run(true, start), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function requestOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'request' in message ? message.request : undefined;
}
