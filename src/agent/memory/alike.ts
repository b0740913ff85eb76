/**
 * Whether two memories say the same, or nearly. Pure.
 * Invariants: the same words in another order of spaces, case or punctuation are the same; near is symmetric, holds only
 * between memories that hold in the same place and are of the same layer, and never says which of them is right.
 */
import { allMemories, type MemoriesState, type Memory } from "../../domain/memories.ts"

/** Share of words in common (Jaccard's) from which two are near. */
const nearFrom = 0.5

/** What stands in nearly every sentence and tells none from another. */
const common: ReadonlySet<string> = new Set(
  "a an the and or of to in on at for from by with is are was be it its this that as use uses used using".split(
    " ",
  ),
)

const wordsOf = (text: string): ReadonlyArray<string> =>
  text.toLowerCase().match(/[\p{L}\p{N}_$./-]*[\p{L}\p{N}_$]/gu) ?? []

const plainWords = (text: string): string => wordsOf(text).join(" ")

/** Memories never change, so their words are taken apart once. */
const known = new WeakMap<Memory, { readonly plain: string; readonly telling: ReadonlySet<string> }>()

const telling = (text: string): ReadonlySet<string> => {
  const words = wordsOf(text)
  const left = words.filter((word) => !common.has(word))
  return new Set(left.length === 0 ? words : left)
}

const partsOf = (memory: Memory) => {
  const held = known.get(memory)
  if (held !== undefined) return held
  const parts = { plain: plainWords(memory.text), telling: telling(memory.text) }
  known.set(memory, parts)
  return parts
}

const share = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  if (a.size === 0 || b.size === 0) return 0
  let both = 0
  for (const word of a) if (b.has(word)) both += 1
  return both / (a.size + b.size - both)
}

type Said = Pick<Memory, "layer" | "scope" | "workspace" | "text">

const samePlace = (one: Said, other: Said): boolean =>
  one.layer === other.layer &&
  one.scope === other.scope &&
  (one.scope === "user" || one.workspace === other.workspace)

export interface Alike {
  /** Says the same already: known, waiting, or turned down. */
  readonly same: Memory | null
  /** Known ones that are about the same: what is new may take their place. */
  readonly near: ReadonlyArray<Memory>
}

export const alikeIn = (state: MemoriesState, said: Said): Alike => {
  const words = plainWords(said.text)
  const own = telling(said.text)
  const here = allMemories(state).filter((memory) => samePlace(memory, said))
  const counts = ({ reason, state: now }: Memory): boolean => now !== "forgotten" || reason === "asked"
  const saying = here.filter((memory) => counts(memory) && partsOf(memory).plain === words)
  return {
    same: saying.find((memory) => memory.state === "known") ?? saying[0] ?? null,
    near: here.filter(
      (memory) => memory.state === "known" && share(partsOf(memory).telling, own) >= nearFrom,
    ),
  }
}
