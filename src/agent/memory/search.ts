/**
 * Finds memories by words: BM25 (the library's) over topic and text, weighed by what each is still worth. The index is a
 * cache of the fold and follows it.
 * Invariant: what does not count (proposed, rejected, forgotten, of another workspace) is never found.
 */
import MiniSearch from "minisearch"
import { knownIn, type MemoriesState, type Memory } from "../../domain/memories.ts"
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

export const memorySearch = (): MemorySearch => {
  const index = new MiniSearch<{ readonly id: string; readonly topic: string; readonly text: string }>({
    fields: ["topic", "text"],
    tokenize: (text) => [...words(text)],
    searchOptions: {
      boost: { topic: 2 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
    },
  })
  let state: MemoriesState = {}

  const follow: MemorySearch["follow"] = (next) => {
    if (next === state) return
    for (const [id, memory] of Object.entries(next)) {
      const before = Object.hasOwn(state, id) ? state[id]! : null
      if (before === memory) continue
      const stood = before?.state === "known"
      const stands = memory.state === "known"
      if (stood && (!stands || before.text !== memory.text)) index.discard(id)
      if (stands && (!stood || before.text !== memory.text))
        index.add({ id, topic: memory.topic, text: memory.text })
    }
    for (const [id, memory] of Object.entries(state)) {
      if (memory.state === "known" && !Object.hasOwn(next, id)) index.discard(id)
    }
    state = next
  }

  const find: MemorySearch["find"] = (query, workspace, limit, nowMs) => {
    const here = (memory: Memory): boolean => memory.scope === "user" || memory.workspace === workspace
    return index
      .search(query, { filter: ({ id }) => Object.hasOwn(state, id as string) && here(state[id as string]!) })
      .slice(0, limit * 4)
      .map(({ id, score }) => {
        const memory = state[id as string]!
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
): ReadonlyArray<Memory> => {
  const known = knownIn(state, workspace)
  const rules = known.filter(({ layer }) => layer === "rule")
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
  return told
}
