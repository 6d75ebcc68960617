/** One backend that was looked at, and what became of it. */
export interface Candidate {
  readonly backend: string;
  readonly verdict: 'chosen' | 'fits' | 'refused';
  /** Higher is better; 0 for a refused one. */
  readonly score: number;
  /** For a person: why it was refused, or what the score is made of. */
  readonly why: string;
}

export type RouteDecision =
  | { readonly kind: 'chosen'; readonly backend: string; readonly why: string; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'no_fit'; readonly why: string; readonly knownCapabilities: readonly string[]; readonly candidates: readonly Candidate[] };

