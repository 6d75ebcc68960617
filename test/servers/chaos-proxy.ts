/**
 * A TCP proxy on 127.0.0.1 that breaks connections in chosen ways, in front of a server that is well.
 *
 * Owns: both sockets of every connection, and the faults on the way to the client. Does not own: what the bytes mean.
 * Invariants: 1. a connection keeps the fault that was set when it was accepted, until `breakAll`; 2. one side's end
 * ends the other; 3. after `close()` no socket and no timer is left.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** `afterBytes` counts bytes on their way to the client. */
export type ChaosFault =
  | { readonly kind: 'none' }
  /** Every piece is late, in either direction. */
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'reset'; readonly afterBytes: number }
  | { readonly kind: 'fin'; readonly afterBytes: number }
  /** Takes in everything and passes nothing more on. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'fragment'; readonly bytes: number }
  /** Inverts one byte. */
  | { readonly kind: 'flip'; readonly atByte: number }
  /** Accepts, and is silent: the server is never asked. */
  | { readonly kind: 'blackhole' };

export interface ChaosProxy {
  readonly url: string;
  readonly port: number;
  /** For connections from now on. */
  readonly setFault: (fault: ChaosFault) => void;
  readonly connections: () => number;
  /** Connections accepted so far. */
  readonly accepted: () => number;
  /** Ends the connections that are open now. */
  readonly breakAll: (how: 'reset' | 'fin') => void;
  readonly close: () => Promise<void>;
}

export async function startChaosProxy(target: string | URL, fault: ChaosFault = { kind: 'none' }): Promise<ChaosProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const links = new Set<Link>();
  let current = fault;
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    accepted += 1;
    const upstream =
      current.kind === 'blackhole'
        ? undefined
        : connect({ host: hostname, port: Number(targetPort), noDelay: true, allowHalfOpen: true });
    const link = new Link(client, upstream, current);
    links.add(link);
    client.once('close', () => links.delete(link));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    setFault: (next) => {
      current = next;
    },
    connections: () => links.size,
    accepted: () => accepted,
    breakAll: (how) => links.forEach((link) => link.end(how)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        links.forEach((link) => link.end('reset'));
      }),
  };
}

/** One connection through the proxy. */
class Link {
  readonly #client: Socket;
  readonly #upstream: Socket | undefined;
  readonly #fault: ChaosFault;
  readonly #timers = new Set<NodeJS.Timeout>();
  #passed = 0;
  #isSilent = false;
  #isFragmenting = false;
  #hasEnded = false;

  constructor(client: Socket, upstream: Socket | undefined, fault: ChaosFault) {
    this.#client = client;
    this.#upstream = upstream;
    this.#fault = fault;
    client.on('data', (bytes) => this.#late(() => upstream?.write(bytes)));
    client.on('end', () => this.#late(() => (upstream === undefined ? client.end() : upstream.end())));
    client.on('error', () => undefined);
    client.once('close', () => this.#close());
    upstream?.on('data', (bytes) => this.#late(() => this.#toClient(bytes)));
    upstream?.on('end', () => this.#late(() => this.#upstreamEnded()));
    upstream?.on('error', () => this.end('reset'));
  }

  end(how: 'reset' | 'fin'): void {
    if (how === 'reset') this.#client.resetAndDestroy();
    else this.#client.destroySoon();
    this.#close();
  }

  #close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#upstream?.destroy();
  }

  /** Fragments on their way still go first: an end comes through to a paused socket. */
  #upstreamEnded(): void {
    this.#hasEnded = true;
    if (!this.#isSilent && !this.#isFragmenting) this.#client.end();
  }

  #late(act: () => void): void {
    if (this.#fault.kind !== 'latency') {
      act();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, this.#fault.ms);
    this.#timers.add(timer);
  }

  #toClient(bytes: Buffer): void {
    const fault = this.#fault;
    const from = this.#passed;
    this.#passed += bytes.length;
    switch (fault.kind) {
      case 'none':
      case 'latency':
      case 'blackhole':
        this.#client.write(bytes);
        return;
      case 'fragment':
        this.#fragment(bytes, fault.bytes);
        return;
      case 'flip':
        if (fault.atByte >= from && fault.atByte < this.#passed)
          bytes[fault.atByte - from] = ~(bytes[fault.atByte - from] ?? 0) & 0xff;
        this.#client.write(bytes);
        return;
      case 'reset':
      case 'fin':
      case 'stall':
        this.#stopAfter(bytes.subarray(0, Math.max(0, fault.afterBytes - from)), fault);
        return;
    }
  }

  #stopAfter(bytes: Buffer, { kind, afterBytes }: Extract<ChaosFault, { readonly afterBytes: number }>): void {
    if (this.#isSilent) return;
    const isOver = this.#passed >= afterBytes;
    if (kind === 'stall' || !isOver) this.#client.write(bytes);
    else this.#client.write(bytes, () => setImmediate(() => this.end(kind)));
    this.#isSilent = isOver;
  }

  /** One write a turn of the event loop; the upstream waits meanwhile, so nothing overtakes. */
  #fragment(bytes: Buffer, size: number): void {
    this.#upstream?.pause();
    this.#isFragmenting = true;
    const next = (start: number): void => {
      if (this.#client.destroyed) return;
      if (start >= bytes.length) {
        this.#isFragmenting = false;
        if (this.#hasEnded) this.#client.end();
        this.#upstream?.resume();
        return;
      }
      this.#client.write(bytes.subarray(start, start + size), () => setImmediate(next, start + size));
    };
    next(0);
  }
}
