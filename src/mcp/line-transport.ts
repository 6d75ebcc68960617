/**
 * MCP messages as lines of two streams.
 *
 * Owns: framing, and the listeners on both streams while it is open. Does not own: the streams, what messages mean.
 *
 * The SDK's own transport gives no answer to what is no message, and ends for good when a line is too long.
 *
 * 1. Of a line that is too long nothing is kept: it is answered once and read away up to its end.
 * 2. What is no message is answered with an error; what comes after it is read as if nothing had been.
 * 3. Nothing but messages is written. While the reader does not keep up, nothing is read and reports of progress are left out.
 * 4. The end of the input closes it, once.
 */
import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { errorText, MOST_BYTES, PARSE_ERROR, readMessage, type NoMessage } from './json-rpc.ts';

const NEW_LINE = 10;

export interface LineStreams {
  readonly input: Readable;
  readonly output: Writable;
}

export class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #streams: LineStreams;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #isTooLong = false;
  #isClosed = false;

  constructor(streams: LineStreams) {
    this.#streams = streams;
  }

  start(): Promise<void> {
    const { input, output } = this.#streams;
    input.on('data', this.#onData);
    input.on('end', this.#onEnd);
    input.on('close', this.#onEnd);
    input.on('error', this.#onError);
    output.on('error', this.#onError);
    output.on('drain', this.#onDrain);
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    const isReport = 'method' in message && message.method === 'notifications/progress';
    if (!(isReport && this.#streams.output.writableNeedDrain)) this.#write(JSON.stringify(message));
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    const { input, output } = this.#streams;
    input.off('data', this.#onData);
    input.off('end', this.#onEnd);
    input.off('close', this.#onEnd);
    output.off('drain', this.#onDrain);
    input.pause();
    this.#pieces = [];
    this.onclose?.();
    return Promise.resolve();
  }

  readonly #onData = (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(NEW_LINE); end >= 0 && !this.#isClosed; end = chunk.indexOf(NEW_LINE, from)) {
      this.#take(chunk.subarray(from, end));
      this.#endLine();
      from = end + 1;
    }
    if (!this.#isClosed) this.#take(chunk.subarray(from));
  };

  #take(piece: Buffer): void {
    if (this.#isTooLong || piece.length === 0) return;
    this.#bytes += piece.length;
    if (this.#bytes <= MOST_BYTES) {
      this.#pieces.push(piece);
      return;
    }
    this.#pieces = [];
    this.#isTooLong = true;
    this.#refuse({ id: null, code: PARSE_ERROR, message: `The message is longer than ${MOST_BYTES} bytes.` });
  }

  #endLine(): void {
    const text = this.#isTooLong ? '' : Buffer.concat(this.#pieces).toString('utf8').trim();
    this.#pieces = [];
    this.#bytes = 0;
    this.#isTooLong = false;
    if (text === '') return;
    const message = readMessage(text);
    if (message.ok) this.onmessage?.(message.value);
    else this.#refuse(message.error);
  }

  #refuse(why: NoMessage): void {
    this.onerror?.(new Error(why.message));
    this.#write(errorText(why));
  }

  #write(line: string): void {
    const { input, output } = this.#streams;
    if (this.#isClosed || output.destroyed || output.writableEnded) return;
    if (!output.write(`${line}\n`)) input.pause();
  }

  readonly #onDrain = (): void => {
    if (!this.#isClosed) this.#streams.input.resume();
  };

  readonly #onEnd = (): void => {
    if (this.#bytes > 0 && !this.#isTooLong)
      this.#refuse({ id: null, code: PARSE_ERROR, message: 'The input ended in the middle of a message.' });
    void this.close();
  };

  /** The listener stays: an error that nobody hears ends the process. */
  readonly #onError = (error: Error): void => {
    this.onerror?.(error);
    void this.close();
  };
}
