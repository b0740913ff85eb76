/**
 * How near two words are as typing goes, and the best of many candidates. Slips of the fingers (swapped, doubled,
 * neighbouring keys) cost less than other letters; a word begun or ended by the other is near as well.
 */
import { distance } from "../../domain/nearest.ts"

const rows: ReadonlyArray<string> = ["1234567890-", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./"]
const placeOf = new Map(
  rows.flatMap((row, y) => [...row].map((key, x) => [key, [x + y * 0.35, y] as const] as const)),
)

const adjacent = (a: string, b: string): boolean => {
  const p = placeOf.get(a)
  const q = placeOf.get(b)
  return p !== undefined && q !== undefined && Math.abs(p[0] - q[0]) <= 1.1 && Math.abs(p[1] - q[1]) <= 1
}

/** How well the distance is explained by a slip of the fingers, swapped letters best: breaks ties of equal distance. */
const slips = (typed: string, meant: string): number => {
  if (typed.length === meant.length) {
    const wrong = [...typed].flatMap((c, i) => (c === meant[i] ? [] : [i]))
    const [i, j] = wrong
    if (wrong.length === 2 && j === i! + 1 && typed[i!] === meant[j] && typed[j] === meant[i!]) return 1.6
    return wrong.length === 1 && adjacent(typed[i!]!, meant[i!]!) ? 0.8 : 0
  }
  return [...typed]
    .toSorted()
    .join("")
    .replace(/(.)\1+/g, "$1") ===
    [...meant]
      .toSorted()
      .join("")
      .replace(/(.)\1+/g, "$1")
    ? 0.9
    : 0
}

/** 0 (nothing in common) to 1 (the same): distance over length, helped by slips and a common beginning. */
export const likeness = (typed: string, meant: string): number => {
  const a = typed.toLowerCase()
  const b = meant.toLowerCase()
  if (a === b) return typed === meant ? 1 : 0.99
  const longest = Math.max(a.length, b.length)
  const base = 1 - distance(a, b) / longest
  let common = 0
  while (common < Math.min(a.length, b.length) && a[common] === b[common]) common += 1
  const begun = (common / longest) * 0.1
  return Math.min(0.98, base + slips(a, b) * 0.1 + begun)
}

/** The same over the parts of joined words: in any order, or one part for the whole. */
const partLikeness = (typed: string, meant: string): number => {
  const [a, b] = [typed.split(/[-_.:]/), meant.split(/[-_.:]/)]
  if (b.length < 2) return 0
  const sorted = a.length > 1 ? likeness(a.toSorted().join("-"), b.toSorted().join("-")) * 0.95 : 0
  const one = typed.length < 4 ? 0 : Math.max(...b.map((part) => likeness(typed, part))) * 0.75
  return Math.max(sorted, one)
}

export interface Ranking {
  /** Below this likeness a candidate is none. */
  readonly cutoff?: number
  readonly limit?: number
  /** Words joined by dashes count in any order, and one of them alone as well. */
  readonly parts?: boolean
  /** Added to the likeness of a candidate: how often it was used, how well it fits. */
  readonly bonus?: (candidate: string) => number
}

/** Best first; equal ones keep the order they came in. */
export const closest = (
  typed: string,
  candidates: Iterable<string>,
  { cutoff = 0.6, limit = 3, parts = false, bonus = () => 0 }: Ranking = {},
): ReadonlyArray<string> =>
  [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      like: Math.max(likeness(typed, candidate), parts ? partLikeness(typed, candidate) : 0),
    }))
    .filter(({ candidate, like }) => like >= cutoff && candidate !== typed)
    .map(({ candidate, like }) => ({ candidate, score: like + bonus(candidate) }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ candidate }) => candidate)
