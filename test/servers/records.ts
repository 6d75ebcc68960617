/** Tokens of one call, as the engine names them. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens`. */
  readonly cachedInputTokens: number;
}

export type Operation = 'chat' | 'embed' | 'models' | 'show' | 'version' | 'other' | 'connection';

/**
 * - `running`: not over yet.
 * - `completed`: the whole answer went out, with its finish and a 2xx status.
 * - `aborted by client`: the client closed first.
 * - `faulted`: the server ended it otherwise: an error status, a reset, a cut, a broken body.
 */
export type Outcome = 'running' | 'completed' | 'aborted by client' | 'faulted';

/** One request as the server saw it. Live: the fields change until `outcome` leaves `running`. */
export interface RequestRecord {
  readonly server: string;
  /** 0, 1, 2, … over all requests of this server. */
  readonly index: number;
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Name, value, name, value, … as they came. */
  readonly rawHeaders: readonly string[];
  readonly bodyText: string;
  /** Parsed JSON; undefined where the body is none. */
  readonly body: unknown;
  /** The client's port: the same for requests over one kept connection. */
  readonly clientPort: number;
  readonly model: string | undefined;
  /** `performance.now()` when the request head had been read: comparable between servers of one process. */
  readonly startedAtMs: number;
  /**
   * `performance.now()` just before the last bytes went out, so before any client can know of the end; for a client
   * that hung up, when the server noticed.
   */
  readonly endedAtMs: number | undefined;
  readonly status: number | undefined;
  /** Body bytes written. */
  readonly bytes: number;
  readonly outcome: Outcome;
  /** Kinds of the behaviours that applied. */
  readonly behaviours: readonly string[];
  /** All that the brain answered. */
  readonly replyText: string;
  /** What of it was written, at most 256 KiB. */
  readonly sentText: string;
  /** What the server itself counted for this call, also when it never said so. */
  readonly counted: TokenUsage | undefined;
  /** What it told the client, if the bytes went out and were numbers. */
  readonly reported: TokenUsage | undefined;
  /** The same as it stood on the wire. */
  readonly reportedOnWire: unknown;
  /** Ollama: the prompt did not fit and was shortened without a word. */
  readonly promptShortened: boolean;
  /** An exception of the brain, or a reply that breaks the format that was asked for: a mistake in the test. */
  readonly error: unknown;
}

/** The server's own view of a record. */
export type MutableRecord = { -readonly [K in keyof RequestRecord]: RequestRecord[K] };

export function newRecord(server: string, index: number): MutableRecord {
  return {
    server,
    index,
    operation: 'connection',
    method: '',
    path: '',
    headers: {},
    rawHeaders: [],
    bodyText: '',
    body: undefined,
    clientPort: 0,
    model: undefined,
    startedAtMs: performance.now(),
    endedAtMs: undefined,
    status: undefined,
    bytes: 0,
    outcome: 'running',
    behaviours: [],
    replyText: '',
    sentText: '',
    counted: undefined,
    reported: undefined,
    reportedOnWire: undefined,
    promptShortened: false,
    error: undefined,
  };
}

/** Everything the client sent, as text, to search for what must not be there. */
export function requestText(record: RequestRecord): string {
  return [`${record.method} ${record.path}`, ...record.rawHeaders, record.bodyText].join('\n');
}

/** Chat and embedding requests, and connections that were reset before they could ask. */
export function modelCalls(records: readonly RequestRecord[]): readonly RequestRecord[] {
  return records.filter(({ operation }) => operation === 'chat' || operation === 'embed' || operation === 'connection');
}

/** Whether both were being served at one moment. One that has not ended lasts for ever. */
export function overlaps(a: RequestRecord, b: RequestRecord): boolean {
  return a.startedAtMs < (b.endedAtMs ?? Infinity) && b.startedAtMs < (a.endedAtMs ?? Infinity);
}

/** The largest number of requests that were being served at one moment. */
export function peakConcurrency(records: readonly RequestRecord[]): number {
  const edges = records.flatMap((record) => [
    { atMs: record.startedAtMs, change: 1 },
    { atMs: record.endedAtMs ?? Infinity, change: -1 },
  ]);
  edges.sort((a, b) => a.atMs - b.atMs || a.change - b.change);
  let now = 0;
  let peak = 0;
  for (const { change } of edges) {
    now += change;
    peak = Math.max(peak, now);
  }
  return peak;
}

const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };

/** The sum of what the servers told their clients. */
export function reportedUsage(records: readonly RequestRecord[]): TokenUsage {
  return sumUsage(records.map((record) => record.reported));
}

/** The sum of what the servers counted, told or not. */
export function countedUsage(records: readonly RequestRecord[]): TokenUsage {
  return sumUsage(records.map((record) => record.counted));
}

function sumUsage(usages: readonly (TokenUsage | undefined)[]): TokenUsage {
  return usages.reduce<TokenUsage>(
    (sum, usage = NO_USAGE) => ({
      inputTokens: sum.inputTokens + usage.inputTokens,
      outputTokens: sum.outputTokens + usage.outputTokens,
      cachedInputTokens: sum.cachedInputTokens + usage.cachedInputTokens,
    }),
    NO_USAGE,
  );
}

/** US dollars per million tokens. Cached input costs as much as other input unless told. */
export interface ServerPrice {
  readonly inputUsdPerMTok: number;
  readonly outputUsdPerMTok: number;
  readonly cachedInputUsdPerMTok?: number;
}

/** US dollars for what the servers reported. */
export function costOf(records: readonly RequestRecord[], price: ServerPrice): number {
  const { inputTokens, outputTokens, cachedInputTokens } = reportedUsage(records);
  const cachedPrice = price.cachedInputUsdPerMTok ?? price.inputUsdPerMTok;
  const fresh = (inputTokens - cachedInputTokens) * price.inputUsdPerMTok;
  return (fresh + cachedInputTokens * cachedPrice + outputTokens * price.outputUsdPerMTok) / 1e6;
}

/** One line per record, for messages and text comparisons. */
export function describeRecords(records: readonly RequestRecord[]): string {
  return records
    .map(
      (record) =>
        `#${record.index} ${record.server} ${record.method} ${record.path} ${record.model ?? '-'} ${record.status ?? '-'} ${record.outcome}`,
    )
    .join('\n');
}

/** Reads a usage of three numbers; undefined where one is no number. */
export function usageFrom(input: unknown, output: unknown, cached: unknown): TokenUsage | undefined {
  if (typeof input !== 'number' || typeof output !== 'number') return undefined;
  return { inputTokens: input, outputTokens: output, cachedInputTokens: typeof cached === 'number' ? cached : 0 };
}
