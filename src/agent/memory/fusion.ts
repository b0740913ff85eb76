/**
 * Two rankings made one. Pure.
 * Reciprocal rank fusion: G. V. Cormack, C. L. A. Clarke, S. Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
 * individual Rank Learning Methods", SIGIR 2009; `k` = 60 is theirs. It looks at places alone, because the scores of words
 * and of meanings have no common measure.
 */

const k = 60

/** The best first; what stands in one ranking only counts by that one. */
export const fused = <A>(rankings: ReadonlyArray<ReadonlyArray<A>>): ReadonlyArray<A> => {
  const scores = new Map<A, number>()
  for (const ranking of rankings)
    for (const [at, one] of ranking.entries()) scores.set(one, (scores.get(one) ?? 0) + 1 / (k + at + 1))
  return [...scores].sort(([, one], [, other]) => other - one).map(([one]) => one)
}
