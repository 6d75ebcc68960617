import { priceOf, type BackendDescription } from '../core/backend.ts';

/** `free`, or dollars per million tokens; undefined where no price is known, and for one that is told by its hint. */
export function priceText(one: BackendDescription): string | undefined {
  const price = one.price ?? (one.costHint === undefined ? priceOf(one) : undefined);
  if (price === undefined) return undefined;
  if (price.inputUsdPerMTok === 0 && price.outputUsdPerMTok === 0) return 'free';
  return `$${price.inputUsdPerMTok} in / $${price.outputUsdPerMTok} out per million tokens`;
}
