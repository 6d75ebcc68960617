/**
 * What work cost. `tokensKnown` / `usdKnown` are false as soon as any part was estimated rather than reported; such
 * figures are shown with `~`. `ms` is elapsed wall time, also of a subtree, so it does not add up over children.
 */
export interface Spend {
  /** Model calls. */
  readonly iterations: number;
  readonly tokens: { readonly input: number; readonly output: number; readonly cachedInput: number };
  readonly usd: number;
  readonly ms: number;
  readonly tokensKnown: boolean;
  readonly usdKnown: boolean;
}

export const NO_SPEND: Spend = {
  iterations: 0,
  tokens: { input: 0, output: 0, cachedInput: 0 },
  usd: 0,
  ms: 0,
  tokensKnown: true,
  usdKnown: true,
};

/** Adds everything but `ms`, where the longer one stays (callers that know the span set it). */
export function addSpend(a: Spend, b: Spend): Spend {
  return {
    iterations: a.iterations + b.iterations,
    tokens: {
      input: a.tokens.input + b.tokens.input,
      output: a.tokens.output + b.tokens.output,
      cachedInput: a.tokens.cachedInput + b.tokens.cachedInput,
    },
    usd: a.usd + b.usd,
    ms: Math.max(a.ms, b.ms),
    tokensKnown: a.tokensKnown && b.tokensKnown,
    usdKnown: a.usdKnown && b.usdKnown,
  };
}

/** Tokens that one model call used. `known` is false for an estimate. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens` that came from the server's cache. */
  readonly cachedInputTokens: number;
  readonly known: boolean;
}

/** US dollars per million tokens. */
export interface Price {
  readonly inputUsdPerMTok: number;
  readonly outputUsdPerMTok: number;
}

/** The spend of one call. A missing price makes `usdKnown` false, unless the backend is local (its price is 0). */
export function spendOfCall(usage: Usage, price: Price | undefined, ms: number): Spend {
  const usd =
    price === undefined
      ? 0
      : (usage.inputTokens * price.inputUsdPerMTok + usage.outputTokens * price.outputUsdPerMTok) / 1e6;
  return {
    iterations: 1,
    tokens: { input: usage.inputTokens, output: usage.outputTokens, cachedInput: usage.cachedInputTokens },
    usd,
    ms,
    tokensKnown: usage.known,
    usdKnown: price !== undefined && (usage.known || usd === 0),
  };
}
