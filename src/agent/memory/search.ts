/**
 * Finds memories by words: BM25 (the library's) over topic and text, weighed by what each is still worth. The index is a
 * cache of the fold and follows it.
 * Invariant: what does not count (proposed, rejected, forgotten, of another workspace) is never found.
 */
import MiniSearch from "minisearch"
import { knownIn, memoryOf, type MemoriesState, type Memory } from "../../domain/memories.ts"
import { worth } from "./forgetting.ts"

export interface MemorySearch {
  /** Brings the index up to this state; only what changed costs anything. */
  readonly follow: (state: MemoriesState) => void
  /** The best first; a score is only good for comparing. */
  readonly find: (
    query: string,
    workspace: string | null,
    limit: number,
    nowMs: number,
  ) => ReadonlyArray<{ readonly memory: Memory; readonly score: number }>
}

/** Identifiers are found by their parts too: `parseStatus`, `parse_status`, `src/git/status.ts`. */
const words = (text: string): ReadonlyArray<string> =>
  (text.match(/[\p{L}\p{N}_$]+/gu) ?? []).flatMap((word) => {
    const parts = word.split(/_|(?<=\p{Ll})(?=\p{Lu})/u).filter((part) => part !== "")
    return parts.length > 1 ? [word, ...parts] : [word]
  })

/** Words that say nothing of what is looked for, and stand in nearly every memory: to weigh them all is most of the work. */
const empty: ReadonlySet<string> = new Set(
  "a an and are as at be by do does for from has have how i in is it its of on or our that the this to was we what when where which who why with you".split(
    " ",
  ),
)

const termOf = (word: string): string | null => {
  const term = word.toLowerCase()
  return empty.has(term) ? null : term
}

/** How the library takes words apart and finds them. */
export const wordSearch = {
  tokenize: (text: string): Array<string> => [...words(text)],
  processTerm: termOf,
  searchOptions: {
    prefix: (term: string): boolean => term.length > 3,
    fuzzy: (term: string): number | false => (term.length > 5 ? 0.15 : false),
  },
}

export const memorySearch = (): MemorySearch => {
  const index = new MiniSearch<{ readonly id: string; readonly topic: string; readonly text: string }>({
    fields: ["topic", "text"],
    ...wordSearch,
    searchOptions: { ...wordSearch.searchOptions, boost: { topic: 2 } },
  })
  let state: MemoriesState = { shelves: {}, count: 0 }

  const followed = (before: Memory | null, memory: Memory | null): void => {
    if (before === memory) return
    const stood = before?.state === "known"
    const stands = memory?.state === "known"
    const same = stood && stands && before.text === memory.text
    if (stood && !same) index.discard(before.id)
    if (stands && !same) index.add({ id: memory.id, topic: memory.topic, text: memory.text })
  }

  const follow: MemorySearch["follow"] = (next) => {
    for (const at of new Set([...Object.keys(state.shelves), ...Object.keys(next.shelves)])) {
      const [old = {}, now = {}] = [state.shelves[at], next.shelves[at]]
      if (old === now) continue
      for (const id of Object.keys(old)) followed(old[id]!, Object.hasOwn(now, id) ? now[id]! : null)
      for (const id of Object.keys(now)) if (!Object.hasOwn(old, id)) followed(null, now[id]!)
    }
    state = next
  }

  const find: MemorySearch["find"] = (query, workspace, limit, nowMs) => {
    const here = ({ id }: { readonly id: unknown }): boolean => {
      const memory = memoryOf(state, id as string)
      return memory !== null && (memory.scope === "user" || memory.workspace === workspace)
    }
    const exact = index.search(query, { filter: here, fuzzy: false })
    // slips of the finger are looked for where the words alone find too little: that costs most
    const found = exact.length >= limit ? exact : index.search(query, { filter: here })
    return found
      .slice(0, limit * 4)
      .map(({ id, score }) => {
        const memory = memoryOf(state, id as string)!
        return { memory, score: score * (0.5 + worth(memory, nowMs)) }
      })
      .sort((one, other) => other.score - one.score)
      .slice(0, limit)
  }

  return { follow, find }
}

/** What is told before a conversation: every rule that holds here, and the facts that are worth most, in this much room. */
export const toldIn = (
  state: MemoriesState,
  workspace: string | null,
  room: number,
  nowMs: number,
): { readonly memories: ReadonlyArray<Memory>; readonly left: number } => {
  const known = knownIn(state, workspace)
  // where there is no room for all, the newest speak
  const rules = known.filter(({ layer }) => layer === "rule").sort((one, other) => other.since - one.since)
  const facts = known
    .filter(({ layer }) => layer === "fact")
    .sort((one, other) => worth(other, nowMs) - worth(one, nowMs) || (one.id < other.id ? -1 : 1))
  const told: Array<Memory> = []
  let left = room
  for (const memory of [...rules, ...facts]) {
    if (memory.text.length + 16 > left) continue
    left -= memory.text.length + 16
    told.push(memory)
  }
  return { memories: told, left: known.length - told.length }
}
