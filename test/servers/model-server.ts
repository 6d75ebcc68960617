/**
 * A simulated model server: the OpenAI or the Ollama protocol over real HTTP on 127.0.0.1. A model's reply is what the
 * brain computes from the prompt; how it goes out, behaviours decide.
 *
 * Owns: the listener, its sockets, the records, the choice of behaviours. Does not own: the protocols (wires), faults
 * (instead, delivery), the bytes of one reply (script).
 * Invariants:
 * 1. Every request has one record, made when its head was read, and settled exactly once.
 * 2. A queued behaviour is used by one model call (chat or embedding), in the order of arrival, and never by another request.
 * 3. After `close()` no socket, timer or promise of the server is left.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { answerSteps } from './answer.ts';
import type { Servant } from './answer.ts';
import { find, listOf } from './behaviours.ts';
import type { Behaviour, BehaviourChooser, Behaviours } from './behaviours.ts';
import type { Brain, Protocol } from './brain.ts';
import { parseJson } from './json.ts';
import { ollamaWire } from './ollama-wire.ts';
import { openAiWire } from './openai-wire.ts';
import { describeRecords, newRecord } from './records.ts';
import type { MutableRecord, RequestRecord } from './records.ts';
import { perform } from './script.ts';
import type { ModelSpec } from './wire.ts';

export interface ModelServerOptions {
  readonly protocol: Protocol;
  /** For records and messages; default: the protocol. */
  readonly name?: string;
  readonly models: Readonly<Record<string, ModelSpec>>;
  /** Default: says the last user message back. A model may have its own. */
  readonly brain?: Brain;
  /** With a key every request must bear it. */
  readonly apiKey?: string;
  readonly behaviour?: Behaviours | BehaviourChooser;
}

export interface ModelServer {
  readonly name: string;
  readonly protocol: Protocol;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** What a client is configured with: with `/v1` for OpenAI. */
  readonly baseUrl: string;
  /** In the order of arrival; live. */
  readonly requests: () => readonly RequestRecord[];
  readonly openSockets: () => number;
  /** For every model call that finds the queue empty; a function is asked at every request, also for model lists. */
  readonly setBehaviour: (behaviour: Behaviours | BehaviourChooser | undefined) => void;
  /** One for each of the next model calls; `ok` stands for an ordinary answer. */
  readonly queueBehaviour: (...behaviours: readonly Behaviours[]) => void;
  /** Resolves as soon as it holds; rejects with the list of requests after `timeoutMs` (default 5,000). */
  readonly waitFor: (holds: (server: ModelServer) => boolean, timeoutMs?: number) => Promise<void>;
  /** Closes the port and all sockets: connections are refused until `comeUp`, which takes the same port. */
  readonly goDown: () => Promise<void>;
  readonly comeUp: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Watcher {
  readonly check: () => void;
  readonly give: (error: Error) => void;
}

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const server = new SimulatedServer(options);
  await server.comeUp();
  return server;
}

class SimulatedServer implements ModelServer {
  readonly name: string;
  readonly protocol: Protocol;
  readonly #servant: Servant;
  readonly #http = createServer((request, response) => void this.#handle(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #records: MutableRecord[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #queue: Behaviours[] = [];
  #behaviour: Behaviours | BehaviourChooser | undefined;
  #port = 0;

  constructor(options: ModelServerOptions) {
    const { protocol, name = protocol, models, brain = (call) => call.user, apiKey } = options;
    this.name = name;
    this.protocol = protocol;
    this.#behaviour = options.behaviour;
    this.#servant = { name, wire: protocol === 'openai' ? openAiWire : ollamaWire, models, brain, apiKey };
    this.#http.keepAliveTimeout = 60_000;
    this.#http.requestTimeout = 0;
    this.#http.on('connection', (socket) => this.#connected(socket));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get baseUrl(): string {
    return this.protocol === 'openai' ? `${this.url}/v1` : this.url;
  }

  readonly requests = (): readonly RequestRecord[] => [...this.#records];

  readonly openSockets = (): number => this.#sockets.size;

  readonly setBehaviour = (behaviour: Behaviours | BehaviourChooser | undefined): void => {
    this.#behaviour = behaviour;
  };

  readonly queueBehaviour = (...behaviours: readonly Behaviours[]): void => {
    this.#queue.push(...behaviours);
  };

  readonly waitFor = (holds: (server: ModelServer) => boolean, timeoutMs = 5000): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
      };
      const watcher: Watcher = {
        check: () => {
          if (!holds(this)) return;
          leave();
          resolve();
        },
        give: (error) => {
          leave();
          reject(error);
        },
      };
      const timer = setTimeout(() => watcher.give(this.#unmet(`within ${timeoutMs} ms`)), timeoutMs);
      this.#watchers.add(watcher);
      watcher.check();
    });

  readonly comeUp = async (): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(this.#port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#http.address() as AddressInfo).port;
  };

  readonly goDown = async (): Promise<void> => {
    if (!this.#http.listening) return;
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
      for (const socket of this.#sockets) socket.destroy();
    });
  };

  readonly close = async (): Promise<void> => {
    await this.goDown();
    for (const watcher of [...this.#watchers]) watcher.give(this.#unmet('before the server was closed'));
  };

  #unmet(when: string): Error {
    return new Error(
      `What ${this.name} was to see did not come ${when}. Open sockets: ${this.#sockets.size}. Requests:\n${describeRecords(this.#records) || '(none)'}`,
    );
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#changed();
    });
    socket.on('error', () => undefined);
    const next = this.#queue[0] ?? (typeof this.#behaviour === 'function' ? undefined : this.#behaviour);
    if (find(listOf(next), 'resetOnAccept') === undefined) return;
    this.#queue.shift();
    const record = this.#newRecord(socket, ['resetOnAccept']);
    socket.resetAndDestroy();
    this.#settle(record, 'faulted', performance.now());
  }

  #newRecord(socket: Socket, behaviours: readonly string[] = []): MutableRecord {
    const record = newRecord(this.name, this.#records.length);
    record.clientPort = socket.remotePort ?? 0;
    record.behaviours = behaviours;
    this.#records.push(record);
    return record;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = this.#newRecord(request.socket);
    const aborted = new AbortController();
    response.on('close', () => {
      this.#settle(record, 'aborted by client', performance.now());
      aborted.abort();
    });
    response.on('error', () => undefined);
    await this.#read(request, record);
    if (aborted.signal.aborted) return;
    try {
      await this.#answer(response, record, aborted.signal);
    } catch (error) {
      record.error = error;
      this.#settle(record, 'faulted', performance.now());
      response.destroy();
    }
  }

  async #answer(response: ServerResponse, record: MutableRecord, signal: AbortSignal): Promise<void> {
    const behaviours = this.#choose(record);
    record.behaviours = behaviours.map(({ kind }) => kind);
    this.#changed();
    const steps = await answerSteps(this.#servant, { record, behaviours, signal });
    await perform(steps, { response, record, signal, settle: (outcome, atMs) => this.#settle(record, outcome, atMs) });
  }

  async #read(request: IncomingMessage, record: MutableRecord): Promise<void> {
    record.method = request.method ?? '';
    record.path = request.url ?? '';
    record.headers = request.headers;
    record.rawHeaders = request.rawHeaders;
    record.operation = this.#servant.wire.operationOf(record.method, record.path);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The client hung up while it was sending; the response's close settles the record.
    }
    record.bodyText = Buffer.concat(chunks).toString();
    record.body = parseJson(record.bodyText);
  }

  #choose(record: RequestRecord): readonly Behaviour[] {
    const isModelCall = record.operation === 'chat' || record.operation === 'embed';
    if (isModelCall && this.#queue.length > 0) return listOf(this.#queue.shift());
    if (typeof this.#behaviour === 'function') return listOf(this.#behaviour(record));
    return isModelCall ? listOf(this.#behaviour) : [];
  }

  #settle(record: MutableRecord, outcome: RequestRecord['outcome'], atMs: number): void {
    if (record.outcome !== 'running') return;
    record.outcome = outcome;
    record.endedAtMs = atMs;
    this.#changed();
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher.check();
  }
}
