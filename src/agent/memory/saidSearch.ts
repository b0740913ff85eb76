/**
 * Finds what was said in conversations by words: BM25 (the library's) over events that are given. Pure.
 * Invariant: what was erased is never found.
 */
import MiniSearch from "minisearch"
import type { Event } from "../../domain/event.ts"
import { wordSearch } from "./search.ts"

export interface Said {
  readonly event: Event
  readonly who: "the user" | "the agent"
  readonly text: string
}

export const saidTypes = ["session.said", "model.answered"] as const

const around = 240

/** The words of an event of a conversation; null: it has none. */
const saidIn = (event: Event): Said | null => {
  if ((event.payload as unknown) === null) return null
  if (event.type === "session.said") return { event, who: "the user", text: event.payload.text }
  if (event.type !== "model.answered") return null
  const text = event.payload.content.flatMap((part) => ("text" in part ? [part.text] : [])).join("\n")
  return { event, who: "the agent", text }
}

/** Around the first of the words that were found. */
const excerptOf = (text: string, terms: ReadonlyArray<string>): string => {
  const lower = text.toLowerCase()
  const places = terms.map((term) => lower.indexOf(term)).filter((at) => at >= 0)
  const from = Math.max(0, Math.min(...places, lower.length) - around)
  const start = places.length === 0 ? 0 : from
  const part = text.slice(start, start + 2 * around)
  return `${start > 0 ? "…" : ""}${part}${start + part.length < text.length ? "…" : ""}`
}

/** The best first, each with the part that fits. */
export const findSaid = (events: ReadonlyArray<Event>, query: string, limit: number): ReadonlyArray<Said> => {
  const all = new Map(
    events.flatMap((event) => {
      const said = saidIn(event)
      return said === null || said.text.trim() === "" ? [] : [[event.seq, said] as const]
    }),
  )
  const index = new MiniSearch<{ readonly id: number; readonly text: string }>({
    fields: ["text"],
    ...wordSearch,
  })
  index.addAll([...all].map(([id, { text }]) => ({ id, text })))
  return index
    .search(query)
    .slice(0, limit)
    .map(({ id, terms }) => {
      const said = all.get(id as number)!
      return { ...said, text: excerptOf(said.text, terms) }
    })
}
