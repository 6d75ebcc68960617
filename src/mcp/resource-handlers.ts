/**
 * The resources of a session, as the SDK's server answers for them.
 *
 * Owns: what the client watches, one timer for each. Does not own: the resources.
 *
 * 1. Of a watched resource the client is told at most once a second, and always of the last change.
 * 2. Whoever asks for it while the first asks waits for the same answer.
 * 3. After `close` nothing is watched and no timer runs.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Clock } from '../base/clock.ts';
import type { Subscription } from '../base/emitter.ts';
import type { SessionResources } from './session-resources.ts';

/** MCP's code for a resource that is not there. */
const NOT_FOUND = -32_002;
const TELL_EVERY_MS = 1_000;
const MOST_WATCHED = 64;

export interface ResourceHandlersDeps {
  readonly resources: SessionResources;
  readonly clock: Clock;
  /** Throws before the session has begun. */
  readonly assertInitialized: () => void;
}

export class ResourceHandlers {
  readonly #server: Server;
  readonly #deps: ResourceHandlersDeps;
  readonly #watched = new Map<string, Watched>();
  #isClosed = false;

  constructor(server: Server, deps: ResourceHandlersDeps) {
    this.#server = server;
    this.#deps = deps;
    this.#answer();
  }

  close(): void {
    this.#isClosed = true;
    for (const watched of this.#watched.values()) watched.dispose();
    this.#watched.clear();
  }

  #answer(): void {
    const { resources, assertInitialized } = this.#deps;
    this.#server.setRequestHandler(ListResourcesRequestSchema, async ({ params }) => {
      assertInitialized();
      const page = await resources.list(params?.cursor);
      if (!page.ok) throw new McpError(ErrorCode.InvalidParams, page.error);
      const { nextCursor } = page.value;
      return { resources: [...page.value.resources], ...(nextCursor === undefined ? {} : { nextCursor }) };
    });
    this.#server.setRequestHandler(ListResourceTemplatesRequestSchema, () => {
      assertInitialized();
      return { resourceTemplates: [...resources.templates] };
    });
    this.#server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
      assertInitialized();
      const read = await resources.read(uri);
      if (!read.ok) throw notFound(read.error, uri);
      return { contents: read.value.map((text) => ({ uri, ...text })) };
    });
    this.#server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
      assertInitialized();
      await this.#watch(uri);
      return {};
    });
    this.#server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
      assertInitialized();
      this.#watched.get(uri)?.dispose();
      this.#watched.delete(uri);
      return {};
    });
  }

  async #watch(uri: string): Promise<void> {
    const known = this.#watched.get(uri);
    if (known !== undefined) return known.begun;
    if (this.#watched.size >= MOST_WATCHED)
      throw new McpError(ErrorCode.InvalidParams, `${MOST_WATCHED} resources are watched; unsubscribe one first`);
    const watched = new Watched(this.#deps.clock, () => {
      // Whoever has left hears nothing.
      this.#server.sendResourceUpdated({ uri }).catch(() => undefined);
    });
    watched.begun = this.#begin(uri, watched);
    this.#watched.set(uri, watched);
    return watched.begun;
  }

  async #begin(uri: string, watched: Watched): Promise<void> {
    const begun = await this.#deps.resources.watch(uri, () => watched.changed());
    if (!begun.ok) {
      if (this.#watched.get(uri) === watched) this.#watched.delete(uri);
      throw notFound(begun.error, uri);
    }
    watched.takes(begun.value);
    if (this.#isClosed) watched.dispose();
  }
}

class Watched {
  /** Rejects where there is no such resource. */
  begun: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  readonly #tell: () => void;
  #subscription: Subscription | undefined;
  #cancelTimer: (() => void) | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #isDisposed = false;

  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  takes(subscription: Subscription): void {
    if (this.#isDisposed) subscription.dispose();
    else this.#subscription = subscription;
  }

  changed(): void {
    if (this.#isDisposed || this.#cancelTimer !== undefined) return;
    const waitMs = this.#lastMs + TELL_EVERY_MS - this.#clock.monotonicMs();
    this.#cancelTimer = this.#clock.schedule(waitMs, () => {
      this.#cancelTimer = undefined;
      this.#lastMs = this.#clock.monotonicMs();
      this.#tell();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#subscription?.dispose();
    this.#cancelTimer?.();
  }
}

function notFound(message: string, uri: string): McpError {
  return new McpError(NOT_FOUND, message, { uri });
}
