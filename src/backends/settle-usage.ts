import type { Usage } from '../core/spend.ts';

/** What a server claims, as it stood on the wire. */
export interface ReportedUsage {
  readonly input: unknown;
  readonly output: unknown;
  readonly cachedInput: unknown;
}

export interface UsageEstimate {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Hidden reasoning counts as output too, so up to this much is believed and more. */
  readonly maxOutputTokens: number;
}

export const NOTHING_USED: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, known: true };

export function estimatedUsage(estimate: Pick<UsageEstimate, 'inputTokens' | 'outputTokens'>): Usage {
  return { inputTokens: estimate.inputTokens, outputTokens: estimate.outputTokens, cachedInputTokens: 0, known: false };
}

/**
 * The server's figures where they can be true, else the estimate, marked as one. A figure is not believed when it is no
 * finite number, negative, absurdly high, or lower than the text that went over the wire allows: a server that claims 0
 * for a long reply does not make it free.
 */
export function settleUsage(reported: ReportedUsage | undefined, estimate: UsageEstimate): Usage {
  if (reported === undefined) return estimatedUsage(estimate);
  const input = plausible(reported.input, estimate.inputTokens, 10 * estimate.inputTokens + 10_000);
  const output = plausible(
    reported.output,
    estimate.outputTokens,
    10 * Math.max(estimate.outputTokens, estimate.maxOutputTokens) + 1_000,
  );
  if (input === undefined || output === undefined) {
    return {
      inputTokens: input ?? estimate.inputTokens,
      outputTokens: output ?? estimate.outputTokens,
      cachedInputTokens: 0,
      known: false,
    };
  }
  return {
    inputTokens: input,
    outputTokens: output,
    cachedInputTokens: Math.min(plausible(reported.cachedInput, 0, input) ?? 0, input),
    known: true,
  };
}

/** The estimate gives 3 bytes to a token. No tokenizer puts more than 18 into one over a whole text; of a short one only 0 is not believed. */
function plausible(value: unknown, estimate: number, most: number): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value > most) return undefined;
  const least = estimate === 0 ? 0 : Math.max(1, estimate / 6 - 16);
  return value < least ? undefined : Math.ceil(value);
}
