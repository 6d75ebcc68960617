/** `$0.0123`, `~$0.0123` when a part is estimated or unpriced, `price unknown` when all of it is. */
export function formatUsd(amount: { readonly usd: number; readonly usdKnown: boolean }): string {
  if (amount.usd === 0) return amount.usdKnown ? '$0' : 'price unknown';
  return `${amount.usdKnown ? '' : '~'}${dollars(amount.usd)}`;
}

function dollars(usd: number): string {
  if (usd < 0.000_05) return '<$0.0001';
  return `$${usd.toFixed(usd < 10 ? 4 : 2)}`;
}
