/** Backends over simulated servers, on a manual clock. */
import type { Clock } from '../../src/base/clock.ts';
import { ok } from '../../src/base/result.ts';
import type { BackendDescription, Backend, ChatOutcome, ChatRequest } from '../../src/core/backend.ts';
import { estimateTokens } from '../../src/core/tokens.ts';
import { createBackend, featuresOf } from '../../src/backends/create-backend.ts';
import type { HttpBackendOptions } from '../../src/backends/transport.ts';
import { describeFailure } from '../../src/core/failure.ts';

export type HttpProvider = 'openai' | 'ollama';

export function describeBackend(
  provider: HttpProvider | 'embedded',
  more: Partial<BackendDescription> = {},
): BackendDescription {
  return {
    id: `my-${provider}`,
    provider,
    model: 'm',
    tier: 'local',
    goodAt: [],
    maxConcurrency: 4,
    timeoutMs: 100_000,
    canOrchestrate: true,
    canDelegate: true,
    enabled: true,
    features: featuresOf(provider),
    ...more,
  };
}

export interface BackendSetup extends Partial<Omit<HttpBackendOptions, 'description' | 'clock'>> {
  readonly clock: Clock;
  readonly description?: Partial<BackendDescription>;
  readonly key?: string;
}

export function makeBackend(provider: HttpProvider, { description, key, ...more }: BackendSetup): Backend {
  return createBackend({
    description: describeBackend(provider, description),
    secret: () => Promise.resolve(ok(key === undefined ? undefined : { value: key })),
    headers: {},
    extraBody: {},
    allowPlainHttp: false,
    logger: SILENT,
    ...more,
  });
}

export const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function chatRequest(content: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    key: { run: 'r', task: 't', turn: 0, attempt: 0 },
    messages: [{ role: 'user', content }],
    maxOutputTokens: 200,
    inputTokensEstimate: estimateTokens(content),
    subject: { kind: 'conversation' },
    ...more,
  };
}

export interface Talk {
  readonly outcome: Promise<ChatOutcome>;
  readonly deltas: readonly string[];
  readonly abort: () => void;
}

export function startChat(backend: Backend, request: ChatRequest): Talk {
  const deltas: string[] = [];
  const stopper = new AbortController();
  const outcome = backend.chat(request, { signal: stopper.signal, onText: (delta) => deltas.push(delta) });
  return { outcome, deltas, abort: () => stopper.abort() };
}

export function chat(backend: Backend, request: ChatRequest | string): Promise<ChatOutcome> {
  return startChat(backend, typeof request === 'string' ? chatRequest(request) : request).outcome;
}

/** An outcome in one line, with the port taken out. */
export function outcomeLine(outcome: ChatOutcome): string {
  const { inputTokens, outputTokens, known } = outcome.usage;
  const usage = `${known ? '' : '~'}${inputTokens}+${outputTokens}`;
  if (outcome.kind === 'finished') {
    const calls = outcome.toolCalls.map((call) => ` ${call.name}(${JSON.stringify(call.arguments)})`).join('');
    return `finished ${outcome.finish} | ${usage} | ${excerpt(outcome.text)}${calls}`;
  }
  const { failure } = outcome;
  const after = failure.retryAfterMs === undefined ? '' : ` after ${failure.retryAfterMs} ms`;
  return `${failure.reason}${failure.retryable ? ' (retryable' + after + ')' : ''} | ${usage} | partial ${excerpt(outcome.partialText)}\n    ${withoutPort(describeFailure(failure))}`;
}

export function withoutPort(text: string): string {
  return text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
}

function excerpt(text: string): string {
  return text.length <= 40 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 30))}… (${text.length})`;
}
