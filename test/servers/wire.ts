import type { Brain, BrainMessage, BrainTool, FinishedReply, Protocol } from './brain.ts';
import type { JsonObject } from './json.ts';
import type { Operation } from './records.ts';
import type { Frame } from './script.ts';

/** What a server knows of one of its models. */
export interface ModelSpec {
  /** Input plus output. Undefined: no limit is kept. */
  readonly contextTokens?: number;
  /** Ollama's words: `completion`, `tools`, `thinking`, `vision`, `embedding`. Default: completion and tools. */
  readonly capabilities?: readonly string[];
  /** Length of embedding vectors; default 64. */
  readonly dimensions?: number;
  /** OpenAI: parameters that this model refuses with 400, as reasoning models do with `max_tokens` and `temperature`. */
  readonly unsupportedParameters?: readonly string[];
  readonly brain?: Brain;
}

export type ReplyFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | { readonly kind: 'schema'; readonly schema: JsonObject };

/** A chat request, whichever protocol it came in. */
export interface ChatCall {
  readonly model: string;
  readonly messages: readonly BrainMessage[];
  readonly tools: readonly BrainTool[];
  readonly format: ReplyFormat;
  readonly stream: boolean;
  /** OpenAI: `stream_options.include_usage`. Ollama always reports. */
  readonly includeUsage: boolean;
  readonly maxTokens: number | undefined;
  readonly body: JsonObject;
}

/** An error answer before it has its protocol's shape. */
export interface WireError {
  readonly status: number;
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
  readonly param?: string;
  /** Further members of the error object, as llama-server has `n_ctx`. */
  readonly extra?: JsonObject;
}

export interface ReplyContext {
  /** The request's index; ids on the wire are made of it. */
  readonly index: number;
  readonly call: ChatCall;
  readonly reply: FinishedReply;
  /** Replaces every number of the usage; `'missing'` leaves the usage out. Undefined: the truth. */
  readonly usageLie?: { readonly value: unknown } | 'missing';
}

/** How long a prompt may be and what becomes of a longer one. */
export type PromptFit =
  | { readonly kind: 'fits' }
  | { readonly kind: 'shortened'; readonly messages: readonly BrainMessage[] }
  | { readonly kind: 'refused'; readonly error: WireError };

export interface EmbedCall {
  readonly model: string;
  readonly inputs: readonly string[];
  readonly dimensions: number | undefined;
  readonly body: JsonObject;
}

export interface PlainRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly models: Readonly<Record<string, ModelSpec>>;
}

export interface PlainAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One protocol: reads requests and writes replies. Knows nothing of sockets, faults or time. */
export interface Wire {
  readonly protocol: Protocol;
  readonly streamHeaders: Readonly<Record<string, string>>;
  readonly operationOf: (method: string, path: string) => Operation;
  /** Everything but chat and embeddings: model lists, versions, and paths that are not there. */
  readonly answerPlain: (request: PlainRequest) => PlainAnswer;
  readonly unauthorized: (given: string) => WireError;
  readonly unknownModel: (model: string) => WireError;
  readonly canonicalModel: (model: string, known: readonly string[]) => string | undefined;
  readonly readChat: (body: unknown, spec: (model: string) => ModelSpec | undefined) => ChatCall | WireError;
  readonly readEmbed: (body: unknown) => EmbedCall | WireError;
  readonly fitPrompt: (call: ChatCall, spec: ModelSpec) => PromptFit;
  /** The reply as a stream, from its opening to its last frame. */
  readonly streamFrames: (context: ReplyContext) => readonly Frame[];
  /** The reply as one JSON body. */
  readonly wholeFrame: (context: ReplyContext) => Frame;
  readonly embedFrame: (call: EmbedCall, vectors: readonly (readonly number[])[], inputTokens: number) => Frame;
  /** One stream frame with a piece of text. */
  readonly contentFrame: (call: ChatCall, index: number, text: string) => Frame;
  /** An error inside a 200 stream. `event` names it as an SSE event too (OpenAI only). */
  readonly errorFrame: (form: 'data' | 'event', error: WireError) => Frame;
  readonly errorBody: (error: WireError) => string;
  /** What keeps a line open without saying anything. */
  readonly ping: string;
  /** A frame that looks right and is no JSON. */
  readonly brokenFrame: string;
}

export function isWireError(value: object): value is WireError {
  return 'status' in value;
}
