/**
 * The last of what was said and done in one conversation, folded from its stream. Pure.
 * Invariants: so many entries of so many characters and no more, whatever comes; what was rewound is gone; text that comes
 * in is shown until the answer itself is there.
 */
import { nearCeiling } from "../src/domain/costs.ts"
import type { OpenRequest, SessionItem, SessionPart } from "../src/rpc/sessions.ts"

export interface Entry {
  readonly seq: number
  readonly who: "user" | "claw" | "call" | "note" | "bad"
  readonly text: string
}

export interface Words {
  readonly session: string
  readonly entries: ReadonlyArray<Entry>
  /** Of the answer that comes in. */
  readonly coming: string
  readonly requests: ReadonlyArray<OpenRequest>
  /** Everything there was has come. */
  readonly live: boolean
  /** Why nothing more comes. */
  readonly reason: string | null
}

const mostEntries = 60
/** Of a conversation's items so many are asked for at first: not each gives an entry. */
export const wantedItems = 2 * mostEntries
const mostText = 4_000
const mostResult = 200

export const noWords = (session: string): Words => ({
  session,
  entries: [],
  coming: "",
  requests: [],
  live: false,
  reason: null,
})

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}\u2026` : text

const entriesOf = (item: SessionItem): ReadonlyArray<Entry> => {
  const entry = (who: Entry["who"], text: string): Entry => ({
    seq: item.seq,
    who,
    text: cut(text, mostText),
  })
  switch (item._tag) {
    case "said": {
      const files = item.files.map(({ path }) => ` [${path}]`).join("")
      return [entry("user", `${item.text}${files}`)]
    }
    case "answered":
      return item.parts.flatMap((part) =>
        part.type === "text" && part.text.trim() !== ""
          ? [entry("claw", part.text.trim())]
          : part.type === "tool-call"
            ? [entry("call", `calls ${part.name}`)]
            : [],
      )
    case "results":
      return item.results.map(({ ok, text, tool }) =>
        entry(
          ok ? "call" : "bad",
          `${ok ? "✓" : "✗"} ${tool}: ${cut(text.trim().split("\n")[0]!, mostResult)}`,
        ),
      )
    case "noted":
      return [entry("note", item.text)]
    case "stopped":
      return [entry("note", "stopped by a person")]
    case "rested":
      return item.reason === "completed" ? [] : [entry("note", `${item.reason}: ${item.message}`)]
    case "failed":
      return [entry("bad", `${item.message}${item.cure === "" ? "" : `; ${item.cure}`}`)]
    case "warned":
      return [entry("note", nearCeiling(item))]
    case "compacted":
      return [entry("note", "what came before was summed up")]
    case "rewound":
      return [entry("note", "taken back to here")]
    case "changed":
    case "prepared":
      return []
  }
}

export const wordsCame = (words: Words, part: SessionPart): Words => {
  switch (part._tag) {
    case "item": {
      const { item } = part
      const before =
        item._tag === "rewound" ? words.entries.filter(({ seq }) => seq < item.to) : words.entries
      const coming = item._tag === "answered" || item._tag === "rested" ? "" : words.coming
      return { ...words, coming, entries: [...before, ...entriesOf(item)].slice(-mostEntries) }
    }
    case "text":
      return { ...words, coming: `${words.coming}${part.text}`.slice(-mostText) }
    case "again":
      return { ...words, coming: "" }
    case "open":
      return { ...words, requests: part.requests }
    case "live":
      return { ...words, live: true }
    case "reasoning":
    case "tool":
    case "paused":
    case "spent":
      return words
  }
}
