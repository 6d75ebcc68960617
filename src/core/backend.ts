import type { Result } from '../base/result.ts';
import type { Failure } from './failure.ts';
import type { InputText, MenuEntry, PathInfo, TaskResult } from './subject.ts';
import type { Price, Usage } from './spend.ts';

export const PROVIDERS = ['openai', 'ollama', 'vscode', 'embedded'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Where data goes and who pays: this machine, a subscription, or a metered API. */
export const TIERS = ['local', 'subscription', 'api'] as const;
export type Tier = (typeof TIERS)[number];

export const COST_HINTS = ['free', 'low', 'medium', 'high'] as const;
export type CostHint = (typeof COST_HINTS)[number];

/** What a backend can do; the contract suite has one section for each. */
export const FEATURES = [
  'generation', // writes new text; without it a backend only extracts
  'streaming', // text arrives in pieces
  'tools', // can ask for tool calls
  'structuredOutput', // keeps to a JSON schema that is given with the call
  'reportedUsage', // the server says how many tokens were used
  'embeddings',
  'outputLimit', // stops at maxOutputTokens
] as const;
export type Feature = (typeof FEATURES)[number];

/** What the engine knows of a backend. Holds no secret and no URL path. */
export interface BackendDescription {
  readonly id: string;
  readonly provider: Provider;
  readonly model: string;
  readonly tier: Tier;
  /** Capabilities, lower case. */
  readonly goodAt: readonly string[];
  /** Undefined when not known; a local backend without a price costs 0. */
  readonly price?: Price;
  readonly costHint?: CostHint;
  /** Tokens of input plus output that fit in one call; undefined when not known. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  readonly maxConcurrency: number;
  /** Total time for one call, in milliseconds. */
  readonly timeoutMs: number;
  readonly canOrchestrate: boolean;
  readonly canDelegate: boolean;
  readonly enabled: boolean;
  readonly features: readonly Feature[];
  /**
   * The host that data goes to (`api.example.com`, `vscode.lm:copilot`); undefined when it stays on this machine.
   * Consent is asked once for each.
   */
  readonly host?: string;
}

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON schema of the arguments object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** Parsed JSON, or the text as it came when it is none; whoever runs the tool checks it. */
  readonly arguments: unknown;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** On an assistant message. */
  readonly toolCalls?: readonly ToolCall[];
  /** On a tool message: which call it answers. */
  readonly toolCallId?: string;
}

/** Names one model call for ever: a call with a result in the journal is never made again. */
export interface CallKey {
  readonly run: string;
  /** A task id, or `@plan` / `@answer` for the orchestrator's own turns. */
  readonly task: string;
  readonly turn: number;
  readonly attempt: number;
}

/**
 * The structured matter that `messages` were rendered from. A language model gets the messages; the embedded backend,
 * which is none, works on this.
 */
export type Subject =
  | {
      readonly kind: 'decompose';
      readonly request: string;
      readonly menu: readonly MenuEntry[];
      readonly files: readonly PathInfo[];
      readonly attached: readonly InputText[];
      readonly maxTasks: number;
      /** `plan`: a direct answer will not do. */
      readonly want: 'plan' | 'decide';
    }
  | {
      readonly kind: 'task';
      readonly title: string;
      readonly objective: string;
      readonly capability?: string;
      readonly inputs: readonly InputText[];
      readonly results: readonly TaskResult[];
    }
  /** Claims with quotations are wanted, as JSON (core/read/claims.ts). */
  | {
      readonly kind: 'read';
      readonly title: string;
      readonly objective: string;
      readonly inputs: readonly InputText[];
      readonly results: readonly TaskResult[];
      /** Absent when the inputs are all there is. */
      readonly part?: { readonly number: number; readonly of: number };
    }
  /** Quotations that were not found are sent back, as JSON. */
  | { readonly kind: 'correct-quotes' }
  /** Claims of many parts become one list, as JSON. */
  | { readonly kind: 'reduce'; readonly claims: readonly { readonly id: string; readonly text: string }[] }
  | {
      readonly kind: 'synthesize';
      readonly request: string;
      readonly results: readonly TaskResult[];
      readonly missing: readonly MissingResult[];
    }
  | { readonly kind: 'conversation' };

export interface MissingResult {
  readonly task: string;
  readonly title: string;
  readonly why: string;
}

export interface ChatRequest {
  readonly key: CallKey;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolSpec[];
  readonly schema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  /** Tokens. The engine has reserved this much; the backend sees to it that no more is taken in. */
  readonly maxOutputTokens: number;
  /** Tokens, as the engine estimated the messages. */
  readonly inputTokensEstimate: number;
  readonly subject: Subject;
}

export interface ChatOptions {
  readonly signal: AbortSignal;
  readonly onText: (delta: string) => void;
}

/** How a call ended. `usage` is what to charge: reported where the server said it, else estimated and marked. */
export type ChatOutcome =
  | {
      readonly kind: 'finished';
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      readonly finish: 'stop' | 'length' | 'tools';
      readonly usage: Usage;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly partialText: string; readonly usage: Usage };

export interface CheckReport {
  /** Models the server offers, where it lists them. */
  readonly models: readonly string[];
  readonly ms: number;
}

/** One model that can be called. Every method ends at once when its signal aborts and leaves no socket open. */
export interface Backend {
  readonly description: BackendDescription;
  /** Never rejects for anything a server or network does. */
  chat(request: ChatRequest, options: ChatOptions): Promise<ChatOutcome>;
  /** One vector per text. Only with the feature `embeddings`. */
  embed?(texts: readonly string[], signal: AbortSignal): Promise<Result<readonly (readonly number[])[], Failure>>;
  /** Is it there? Makes the cheapest request that proves it; spends no tokens. */
  check(signal: AbortSignal): Promise<Result<CheckReport, Failure>>;
}

export function hasFeature(description: BackendDescription, feature: Feature): boolean {
  return description.features.includes(feature);
}

/** A local backend without a price costs nothing; others without one have an unknown price. */
export function priceOf(description: BackendDescription): Price | undefined {
  if (description.price !== undefined) return description.price;
  return description.tier === 'local' ? { inputUsdPerMTok: 0, outputUsdPerMTok: 0 } : undefined;
}
