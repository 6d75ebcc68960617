/**
 * Where in a piece that was drawn anew the control is that had the focus: the one with the same words, of several the same one
 * in their order. Undefined: it is gone, and no other one may take its place, for the next key would press it.
 */
export function sameControl(
  before: { readonly names: readonly string[]; readonly at: number },
  names: readonly string[],
): number | undefined {
  const name = before.names[before.at];
  const earlier = before.names.slice(0, before.at).filter((one) => one === name).length;
  return names.flatMap((one, index) => (one === name ? [index] : []))[earlier];
}
