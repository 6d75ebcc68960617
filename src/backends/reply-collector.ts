import type { Redactor } from '../base/redact.ts';
import type { CollectedReply, RawToolCall } from './settle-stream.ts';
import type { ReportedUsage } from './settle-usage.ts';
import { TextSink } from './text-sink.ts';
import { OutputMeter } from './token-estimate.ts';

export interface CollectorOptions {
  readonly redactor: Redactor;
  readonly maxOutputTokens: number;
  readonly onText: (delta: string) => void;
}

interface ToolCallDraft {
  readonly id: string;
  readonly name: string;
  readonly parts: string[];
}

/** Gathers one reply from its pieces, whichever protocol they came by. */
export class ReplyCollector {
  readonly #redactor: Redactor;
  readonly #sink: TextSink;
  readonly #meter: OutputMeter;
  readonly #toolCalls = new Map<string, ToolCallDraft>();
  #hasReasoning = false;
  #refusal = '';
  #finish: string | undefined;
  #reported: ReportedUsage | undefined;
  #isOverLimit = false;

  constructor(options: CollectorOptions) {
    this.#redactor = options.redactor;
    this.#sink = new TextSink(options.redactor, options.onText);
    this.#meter = new OutputMeter(options.maxOutputTokens);
  }

  get isOverLimit(): boolean {
    return this.#isOverLimit;
  }

  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  addText(delta: string): void {
    if (delta === '') return;
    this.#measure(delta);
    this.#sink.add(delta);
  }

  addReasoning(delta: string): void {
    if (delta === '') return;
    this.#hasReasoning = true;
    this.#measure(delta);
  }

  addRefusal(delta: string): void {
    this.#refusal += delta;
    this.#measure(delta);
  }

  /** Pieces with the same `slot` belong to one call; the first id and name that come count. */
  addToolCall(
    slot: string,
    piece: { readonly id: string; readonly name: string; readonly argumentsText: string },
  ): void {
    const before = this.#toolCalls.get(slot) ?? { id: '', name: '', parts: [] };
    before.parts.push(piece.argumentsText);
    this.#toolCalls.set(slot, { id: before.id || piece.id, name: before.name || piece.name, parts: before.parts });
    this.#measure(piece.name + piece.argumentsText);
  }

  get toolCallCount(): number {
    return this.#toolCalls.size;
  }

  finish(mark: string): void {
    this.#finish = mark;
  }

  report(usage: ReportedUsage): void {
    this.#reported = usage;
  }

  /** Also hands out the text that was still held back. */
  collect(): CollectedReply {
    return {
      text: this.#sink.finish(),
      hasReasoning: this.#hasReasoning,
      refusal: this.#redactor.redact(this.#refusal.toWellFormed()),
      toolCalls: [...this.#toolCalls.values()].map((draft, position) => this.#toolCall(draft, position)),
      finish: this.#finish,
      reported: this.#reported,
      outputTokens: this.#meter.tokens,
    };
  }

  #toolCall(draft: ToolCallDraft, position: number): RawToolCall {
    const clean = (text: string): string => this.#redactor.redact(text.toWellFormed());
    return {
      id: clean(draft.id) || `call_${position + 1}`,
      name: clean(draft.name),
      argumentsText: clean(draft.parts.join('')),
    };
  }

  #measure(text: string): void {
    if (this.#meter.add(text)) this.#isOverLimit = true;
  }
}
