/** "Did you mean": the candidate nearest to a word by Damerau-Levenshtein distance (adjacent swaps count one). Pure. */

/** Optimal string alignment distance; stops early once it must exceed `limit`. */
export const distance = (a: string, b: string, limit = Number.POSITIVE_INFINITY): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: Array<number> = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let best = i
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let d = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        d = Math.min(d, before[j - 2]! + 1)
      row.push(d)
      if (d < best) best = d
    }
    if (best > limit) return limit + 1
    before = previous
    previous = row
  }
  return previous[b.length]!
}

/** The nearest candidate within a third of the word's length (at least 1), or null. */
export const nearest = (word: string, candidates: Iterable<string>): string | null => {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let found: string | null = null
  let least = limit + 1
  for (const candidate of candidates) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase(), limit)
    if (d < least) {
      least = d
      found = candidate
    }
  }
  return found
}
