/** What the two HTTP providers share: from a roster entry to a guarded call. */
import { raceAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { BackendDescription } from '../core/backend.ts';
import type { Failure } from '../core/failure.ts';
import type { Logger } from '../core/ports.ts';
import { cancelled, classifyTrouble } from './classify-error.ts';
import type { CallSite } from './classify-error.ts';
import { checkEndpoint, hostOf } from './endpoint.ts';
import type { GuardedCall } from './guarded-call.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { DEFAULT_CAPS, DEFAULT_DEADLINES } from './guarded-options.ts';
import type { ByteCaps, Deadlines } from './guarded-options.ts';
import type { BodyKind } from './line-watch.ts';
import { createRedactor } from '../base/redact.ts';
import type { Redactor } from '../base/redact.ts';

export interface HttpBackendOptions {
  readonly description: BackendDescription;
  /** Undefined: the provider's own address. */
  readonly baseUrl?: string;
  /** The key that is stored for this backend's origin; asked for before each call. Undefined: none is needed. */
  readonly secret: () => Promise<Result<{ readonly value: string } | undefined, Failure>>;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Merged into each chat request; it cannot replace what the engine decides (messages, model, limits). */
  readonly extraBody: Readonly<Record<string, unknown>>;
  /** Plain http to another machine; only where the user's own settings say so. */
  readonly allowPlainHttp: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlines?: Partial<Omit<Deadlines, 'totalMs'>>;
  readonly caps?: Partial<ByteCaps>;
}

export interface OpenedCall {
  readonly call: GuardedCall;
  readonly redactor: Redactor;
  /** For the client library: checked, without a slash at its end. */
  readonly baseUrl: string;
}

export interface OpenPlan {
  readonly signal: AbortSignal;
  readonly expect: BodyKind;
  readonly totalMs: number;
}

export class Transport {
  readonly site: CallSite;
  readonly #options: HttpBackendOptions;
  readonly #baseUrl: string;

  constructor(provider: 'openai' | 'ollama', defaultBaseUrl: string, options: HttpBackendOptions) {
    this.#options = options;
    this.#baseUrl = options.baseUrl ?? defaultBaseUrl;
    this.site = {
      backend: options.description.id,
      provider,
      model: options.description.model,
      host: hostOf(this.#baseUrl),
    };
  }

  /** The URL is judged before the key is read. Whoever gets the call closes it. */
  async open(plan: OpenPlan): Promise<Result<OpenedCall, Failure>> {
    const endpoint = checkEndpoint(this.#baseUrl, this.#options);
    if (!endpoint.ok) return err(classifyTrouble({ kind: 'refused-url', why: endpoint.error.why }, this.site));
    const secret = await this.#readSecret(plan.signal);
    if (!secret.ok) return secret;
    const redactor = createRedactor(secret.value === undefined ? [] : [secret.value.value]);
    const guarded = createGuardedFetch({
      origin: endpoint.value.origin,
      allowPlainHttp: this.#options.allowPlainHttp,
      ...(secret.value === undefined ? {} : { secret: { value: secret.value.value, scheme: 'bearer' } }),
      headers: this.#options.headers,
      deadlines: { ...DEFAULT_DEADLINES, ...this.#options.deadlines, totalMs: plan.totalMs },
      caps: { ...DEFAULT_CAPS, ...this.#options.caps },
      clock: this.#options.clock,
      redactor,
    });
    return ok({
      call: guarded.begin({ signal: plan.signal, expect: plan.expect }),
      redactor,
      baseUrl: endpoint.value.href.replace(/\/+$/, ''),
    });
  }

  async #readSecret(signal: AbortSignal): Promise<Result<{ readonly value: string } | undefined, Failure>> {
    try {
      return await raceAbort(this.#options.secret(), signal);
    } catch (error) {
      if (signal.aborted) return err(cancelled(this.site));
      throw error;
    }
  }
}
