/**
 * One request through the guarded fetch.
 *
 * Owns: the request's socket (through an AbortController), its deadlines, its byte counts and its record.
 * Does not own: retrying, what the body means, the client library that calls `fetch`.
 *
 * 1. Nothing is sent but to the one origin, with rebuilt headers; a redirect is never followed.
 * 2. `record.trouble` is set at most once, by what went wrong first.
 * 3. When the signal aborts or a deadline passes, whoever reads is told at once and the socket is closed.
 * 4. After the body's end, `close` or any trouble no timer and no listener is left.
 */
import { raceAbort } from '../base/abort.ts';
import { invariant } from '../base/assert.ts';
import { CallDeadlines } from './call-deadlines.ts';
import { watchConnect } from './connect-watch.ts';
import { checkEndpoint } from './endpoint.ts';
import type { FetchTrouble } from './fetch-trouble.ts';
import { FetchStopped } from './fetch-trouble.ts';
import type { CallPlan, GuardedFetchOptions } from './guarded-options.ts';
import { buildHeaders } from './guarded-headers.ts';
import { LineWatch } from './line-watch.ts';
import { readBodyText } from './read-body-text.ts';
import { readRetryAfter } from './retry-after.ts';
import { troubleOfNetworkError } from './network-error.ts';

/** How much of an error body is kept, and how much is read to find it. */
const ERROR_BODY_CHARACTERS = 2048;
const ERROR_BODY_BYTES = 64 * 1024;
const ERROR_BODY_MS = 2_000;

/** What is known of a call; live until the body has ended. */
export interface CallRecord {
  /** The client asked for something; not so when the call ended before that. */
  readonly isStarted: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Body bytes that arrived, after decompression. */
  readonly bytes: number;
  readonly contentLines: number;
  readonly strangeLines: number;
  /** The body ended without finishing its last line. */
  readonly endedInsideLine: boolean;
  readonly isComplete: boolean;
  readonly trouble: FetchTrouble | undefined;
}

/** What of a body may be handed on, and what is wrong with the rest. */
interface Inspected {
  readonly bytes: Uint8Array;
  readonly trouble?: FetchTrouble;
}

export class GuardedCall {
  /** For one request of one client. Rejects with `FetchStopped`, and so does reading the body. */
  readonly fetch: typeof fetch = (input, init) => this.#start(input, init);
  readonly #options: GuardedFetchOptions;
  readonly #plan: CallPlan;
  readonly #stopper = new AbortController();
  readonly #deadlines: CallDeadlines;
  readonly #lines: LineWatch;
  readonly #onAbort = (): void => this.#stop({ kind: 'aborted' });
  #stopConnectWatch = (): void => undefined;
  #isStarted = false;
  #isComplete = false;
  #status: number | undefined;
  #retryAfterMs: number | undefined;
  #bytes = 0;
  #trouble: FetchTrouble | undefined;
  #lineTrouble: FetchTrouble | undefined;

  constructor(options: GuardedFetchOptions, plan: CallPlan) {
    this.#options = options;
    this.#plan = plan;
    this.#deadlines = new CallDeadlines(options.clock, options.deadlines.idleMs, (which, afterMs) =>
      this.#stop({ kind: 'deadline', which, afterMs }),
    );
    this.#lines = new LineWatch(plan.expect, options.caps, (line) => this.#mayPass(line));
    plan.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#deadlines.arm('total', plan.totalMs ?? options.deadlines.totalMs);
    if (plan.signal.aborted) this.#onAbort();
  }

  get record(): CallRecord {
    return {
      isStarted: this.#isStarted,
      status: this.#status,
      retryAfterMs: this.#retryAfterMs,
      bytes: this.#bytes,
      contentLines: this.#lines.contentLines,
      strangeLines: this.#lines.strangeLines,
      endedInsideLine: this.#isComplete && this.#lines.unfinishedBytes > 0,
      isComplete: this.#isComplete,
      trouble: this.#trouble,
    };
  }

  /** The reply is whole; only its end mark is still to come. The idle deadline becomes `withinMs` from now. */
  expectEnd(withinMs: number): void {
    this.#deadlines.shortenIdle(withinMs);
  }

  /** Gives up what is still under way; to be called when the client is done with the reply. */
  close(): void {
    this.#release();
    if (!this.#isComplete) this.#stopper.abort(new FetchStopped({ kind: 'aborted' }));
  }

  async #start(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    invariant(!this.#isStarted, 'a guarded call makes one request');
    this.#throwIfStopped();
    this.#isStarted = true;
    const url = this.#checkUrl(input instanceof Request ? input.url : String(input));
    const built = buildHeaders({
      client: new Headers(init?.headers),
      user: this.#options.headers,
      ...this.#secretPart(),
    });
    if ('badHeader' in built) return this.#fail({ kind: 'bad-header', name: built.badHeader });
    this.#deadlines.arm('first byte', this.#options.deadlines.firstByteMs);
    const response = await this.#send(
      url,
      { method: init?.method ?? 'GET', body: init?.body ?? null, headers: built.headers },
      init?.signal,
    );
    this.#status = response.status;
    this.#retryAfterMs = readRetryAfter(response.headers, this.#options.clock.wallMs());
    return this.#receive(response);
  }

  #secretPart(): { readonly secret?: NonNullable<GuardedFetchOptions['secret']> } {
    return this.#options.secret === undefined ? {} : { secret: this.#options.secret };
  }

  #checkUrl(text: string): URL {
    const checked = checkEndpoint(text, this.#options);
    if (!checked.ok) return this.#fail({ kind: 'refused-url', why: checked.error.why });
    if (checked.value.origin !== this.#options.origin)
      return this.#fail({ kind: 'other-origin', host: checked.value.host });
    return checked.value;
  }

  async #send(url: URL, request: RequestInit, clientSignal: AbortSignal | null | undefined): Promise<Response> {
    const signal = clientSignal == null ? this.#stopper.signal : AbortSignal.any([this.#stopper.signal, clientSignal]);
    const { result, stop } = watchConnect(
      {
        onWaiting: () => this.#deadlines.arm('connect', this.#options.deadlines.connectMs),
        onConnected: () => this.#deadlines.disarm('connect'),
      },
      // `manual` gives the 3xx itself, so that the failure can say where it pointed; it is never followed.
      () => fetch(url, { ...request, redirect: 'manual', signal }),
    );
    this.#stopConnectWatch = stop;
    try {
      return await raceAbort(result, this.#stopper.signal);
    } catch (error) {
      return this.#fail(troubleOfNetworkError(error, 'before-response'));
    } finally {
      stop();
      this.#deadlines.disarm('connect');
    }
  }

  async #receive(response: Response): Promise<Response> {
    const isRedirect =
      response.type === 'opaqueredirect' || response.redirected || (response.status >= 300 && response.status < 400);
    if (isRedirect) {
      const to = response.headers.get('location');
      const target =
        to !== null && URL.canParse(to, this.#options.origin)
          ? this.#clean(new URL(to, this.#options.origin).host)
          : undefined;
      return this.#fail({ kind: 'redirect', status: response.status, to: target });
    }
    if (!response.ok)
      return this.#fail({ kind: 'status', status: response.status, body: await this.#errorText(response) });
    const contentType = this.#clean((response.headers.get('content-type') ?? '').split(';')[0] ?? '')
      .trim()
      .toLowerCase();
    if (response.body === null || response.status === 204 || this.#isOtherKind(contentType)) {
      return this.#fail({
        kind: 'bad-body',
        expected: this.#plan.expect,
        contentType,
        body: await this.#errorText(response),
      });
    }
    const body = this.#guardBody(response.body);
    if (this.#plan.expect === 'json') return this.#wholeJson(body, contentType);
    return new Response(body, { status: response.status, headers: { 'content-type': contentType } });
  }

  /** An HTML page, or one JSON object where a stream of events was asked for. */
  #isOtherKind(contentType: string): boolean {
    return contentType === 'text/html' || (this.#plan.expect === 'sse' && contentType === 'application/json');
  }

  async #errorText(response: Response): Promise<string> {
    this.#deadlines.disarm('first byte');
    const text = await readBodyText(response, {
      bytes: ERROR_BODY_BYTES,
      ms: ERROR_BODY_MS,
      clock: this.#options.clock,
      signal: this.#stopper.signal,
    });
    this.#bytes += text.length;
    return this.#clean(text);
  }

  /** Redacted before it is cut, so that no half of a key stays. */
  #clean(text: string): string {
    return this.#options.redactor.redact(text.toWellFormed()).slice(0, ERROR_BODY_CHARACTERS).toWellFormed();
  }

  /** The client library would hand over text that is no JSON as if it were a reply. */
  async #wholeJson(body: ReadableStream<Uint8Array>, contentType: string): Promise<Response> {
    const text = await new Response(body).text();
    try {
      JSON.parse(text);
    } catch {
      return this.#fail({ kind: 'bad-body', expected: this.#plan.expect, contentType, body: this.#clean(text) });
    }
    return new Response(text, { headers: { 'content-type': 'application/json' } });
  }

  #guardBody(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    let later: FetchTrouble | undefined;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (sink) => {
          if (later !== undefined) return this.#fail(later);
          const { done, value } = await this.#read(reader);
          const { bytes, trouble } = done ? this.#end() : this.#inspect(value);
          // What came before the bad part is delivered first: erroring a stream drops what waits in it.
          if (trouble !== undefined && bytes.length > 0) later = trouble;
          else if (trouble !== undefined) this.#fail(trouble);
          if (!done || bytes.length > 0) sink.enqueue(bytes);
          if (done) sink.close();
        },
        cancel: async (reason) => {
          this.#release();
          await reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  async #read(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']> {
    try {
      return await raceAbort(reader.read(), this.#stopper.signal);
    } catch (error) {
      return this.#fail(troubleOfNetworkError(error, 'in-response'));
    }
  }

  #inspect(chunk: Uint8Array): Inspected {
    const { responseBytes, lineBytes } = this.#options.caps;
    const room = responseBytes - this.#bytes;
    this.#bytes += Math.min(chunk.length, room);
    const before = this.#lines.contentLines;
    const { bytes, stop } = this.#lines.push(chunk.subarray(0, room));
    if (this.#lines.contentLines > before) this.#deadlines.noteContent();
    if (stop === 'line-too-large')
      return { bytes, trouble: { kind: 'too-large', what: 'line', limitBytes: lineBytes } };
    if (stop !== undefined) return { bytes, trouble: this.#lineTrouble ?? { kind: 'bad-line', excerpt: '' } };
    return chunk.length <= room
      ? { bytes }
      : { bytes, trouble: { kind: 'too-large', what: 'response', limitBytes: responseBytes } };
  }

  /** The `ollama` client skips a line that is no JSON with a word on the console, and loses what an error says. */
  #mayPass(line: string): boolean {
    try {
      const value: unknown = JSON.parse(line);
      const isError = typeof value === 'object' && value !== null && 'error' in value;
      if (!isError && typeof value === 'object' && value !== null) return true;
      this.#lineTrouble = isError
        ? { kind: 'stream-error', body: this.#clean(line) }
        : { kind: 'bad-line', excerpt: this.#clean(line) };
    } catch {
      this.#lineTrouble = { kind: 'bad-line', excerpt: this.#clean(line) };
    }
    return false;
  }

  #end(): Inspected {
    const { bytes, stop } = this.#lines.finish();
    if (stop === undefined) {
      this.#isComplete = true;
      this.#release();
      return { bytes };
    }
    const trouble = this.#lineTrouble ?? { kind: 'cut' };
    // Half an object at the end is a reply that was cut; anything else is no reply at all.
    return {
      bytes,
      trouble: trouble.kind === 'bad-line' && trouble.excerpt.trimStart().startsWith('{') ? { kind: 'cut' } : trouble,
    };
  }

  #release(): void {
    this.#deadlines.end();
    this.#stopConnectWatch();
    this.#plan.signal.removeEventListener('abort', this.#onAbort);
  }

  #stop(trouble: FetchTrouble): void {
    if (this.#isComplete) return;
    this.#trouble ??= trouble;
    this.#release();
    this.#stopper.abort(new FetchStopped(this.#trouble));
  }

  #throwIfStopped(): void {
    if (this.#trouble !== undefined) throw new FetchStopped(this.#trouble);
  }

  #fail(trouble: FetchTrouble): never {
    this.#trouble ??= trouble;
    this.#stop(trouble);
    throw new FetchStopped(this.#trouble);
  }
}
