/**
 * A reply as a list of steps, and the one performer that carries it out on a socket.
 *
 * Owns: the bytes of one response, its timing, and what the record says of them. Does not own: what the steps are
 * (wires and behaviours make them) or the socket's life afterwards (the server).
 * Invariants:
 * 1. Every wait ends when the client hangs up.
 * 2. `endedAtMs` is taken before the last bytes are written, so no client can act on the end before it.
 * 3. The closing frames (finish, usage, done) and the end go out without giving way, so a client that leaves at the
 *    last one still counts as served.
 * 4. Usage counts as reported only when the frame that carries it was written.
 */
import type { ServerResponse } from 'node:http';
import type { Gate } from './gate.ts';
import type { MutableRecord, TokenUsage } from './records.ts';

/**
 * `open`, `content`, `finish`, `usage` and `done` are the parts of an ordinary reply; `noise` must be passed over by a
 * reader; `fault` is broken.
 */
export type FrameRole = 'open' | 'content' | 'finish' | 'usage' | 'done' | 'noise' | 'fault';

export interface Frame {
  readonly kind: 'frame';
  readonly role: FrameRole;
  readonly bytes: Uint8Array;
  /** The part of the reply's text that these bytes carry. */
  readonly text?: string;
  readonly usage?: ReportedUsage;
  /** Written as fast as the client reads, without giving way in between. */
  readonly flood?: boolean;
}

export interface ReportedUsage {
  readonly onWire: unknown;
  readonly tokens: TokenUsage | undefined;
}

export type Step =
  | { readonly kind: 'head'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | Frame
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'gate'; readonly gate: Gate }
  /** Silence until the client closes. */
  | { readonly kind: 'hang' }
  /** TCP RST. */
  | { readonly kind: 'reset' }
  /** TCP FIN in the middle of the HTTP body. */
  | { readonly kind: 'cut' }
  /** The regular end of the HTTP body. */
  | { readonly kind: 'end' };

export interface Stage {
  readonly response: ServerResponse;
  readonly record: MutableRecord;
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignal;
  /** Called once, when the server is through with the reply by its own doing. */
  readonly settle: (outcome: 'completed' | 'faulted', atMs: number) => void;
}

const CLOSING: ReadonlySet<FrameRole> = new Set<FrameRole>(['finish', 'usage', 'done']);
const MAX_SENT_TEXT = 256 * 1024;

export function frame(role: FrameRole, text: string | Uint8Array): Frame {
  return { kind: 'frame', role, bytes: typeof text === 'string' ? Buffer.from(text) : text };
}

/** Resolves after `ms`, or at once on abort. Never rejects. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

export async function perform(steps: Iterable<Step>, stage: Stage): Promise<void> {
  const performer = new Performer(stage);
  for (const step of steps) {
    if (stage.signal.aborted) return;
    await performer.take(step);
  }
}

class Performer {
  readonly #stage: Stage;
  #sawFinish = false;
  #sawFault = false;
  #markMs = performance.now();
  #inClosing = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async take(step: Step): Promise<void> {
    const { signal, response } = this.#stage;
    if (step.kind !== 'frame' && step.kind !== 'end') this.#inClosing = false;
    switch (step.kind) {
      case 'head':
        return this.#writeHead(step.status, step.headers);
      case 'frame':
        return this.#writeFrame(step);
      case 'wait':
        return pause(step.ms, signal);
      case 'gate':
        return step.gate.pass(signal);
      case 'hang':
        return pause(2 ** 31 - 1, signal);
      case 'reset':
        await this.#drainToClient();
        this.#settle('faulted');
        response.socket?.resetAndDestroy();
        return;
      case 'cut':
        await this.#drainToClient();
        this.#settle('faulted');
        response.socket?.destroySoon();
        return;
      case 'end':
        return this.#end();
    }
  }

  #writeHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.#stage.record.status = status;
    this.#stage.response.writeHead(status, headers);
    this.#stage.response.flushHeaders();
  }

  async #writeFrame(step: Frame): Promise<void> {
    const isClosing = CLOSING.has(step.role);
    if (!this.#inClosing) this.#markMs = performance.now();
    this.#inClosing = isClosing;
    this.#note(step);
    const hasRoom = this.#stage.response.write(step.bytes);
    if (!hasRoom) await this.#roomToWrite();
    else if (!isClosing && step.flood !== true) await yieldToClients();
  }

  #note({ role, bytes, text, usage }: Frame): void {
    const { record } = this.#stage;
    record.bytes += bytes.length;
    if (role === 'finish') this.#sawFinish = true;
    if (role === 'fault') this.#sawFault = true;
    if (text !== undefined && record.sentText.length < MAX_SENT_TEXT) record.sentText += text;
    if (usage === undefined) return;
    record.reported = usage.tokens;
    record.reportedOnWire = usage.onWire;
  }

  #roomToWrite(): Promise<void> {
    const { response, signal } = this.#stage;
    return new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      response.once('drain', done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** What was written is on its way before the connection breaks. */
  async #drainToClient(): Promise<void> {
    const { response, signal } = this.#stage;
    while (!signal.aborted && (response.socket?.writableLength ?? 0) > 0) await yieldToClients();
    await yieldToClients();
  }

  #end(): void {
    const { response } = this.#stage;
    const isOk = response.statusCode < 300 && this.#sawFinish && !this.#sawFault;
    if (!this.#inClosing) this.#markMs = performance.now();
    this.#settle(isOk ? 'completed' : 'faulted');
    response.end();
  }

  #settle(outcome: 'completed' | 'faulted'): void {
    this.#stage.settle(outcome, this.#inClosing ? this.#markMs : performance.now());
  }
}

/** Lets clients of this process read before the next bytes, so that each write is a TCP segment of its own. */
function yieldToClients(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
