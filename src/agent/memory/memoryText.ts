/**
 * A memory's words as they may be kept, and as a model is told them. Pure.
 * Invariants: no secret is kept; what is kept shows every mark it has; the same memories give the same text, in the order
 * they came, so that a use of one changes no prompt.
 */
import type { Trust } from "../../domain/action.ts"
import type { Memory } from "../../domain/memories.ts"
import { neutralise, neutraliseLines } from "../../domain/neutralise.ts"
import { findSecrets } from "../../domain/secrets/findSecrets.ts"
import type { SectionText } from "../Preparation.ts"

const longestMemory = 2_000
const longestTopic = 120

export interface Kept {
  readonly text: string
  readonly topic: string
}

/** Or why it is not kept, in one line. */
export const keptText = (text: string, topic = ""): Kept | string => {
  const clean = neutraliseLines(text.replaceAll("\r\n", "\n")).trim()
  if (clean === "") return "there is nothing to remember"
  if (clean.length > longestMemory)
    return `a memory has at most ${longestMemory} characters, and this has ${clean.length}: put it into a file, such as CLAW.md`
  if (findSecrets(`${clean}\n${topic}`).length > 0)
    return "it holds what looks like a key or a password, and memory never keeps one: say it without"
  const name = neutralise(topic.replaceAll(/\s+/g, " ").trim())
  const first = clean.split("\n")[0]!.split(" ").slice(0, 6).join(" ")
  return { text: clean, topic: (name === "" ? first : name).slice(0, longestTopic) }
}

const line = ({ text }: Memory): string => `- ${text.replaceAll("\n", "\n  ")}`

const groups: ReadonlyArray<{
  readonly layer: Memory["layer"]
  readonly trust: Trust
  readonly source: string
  readonly heading: string
}> = [
  {
    layer: "rule",
    trust: "trusted",
    source: "rules",
    heading: "How the developer wants work done, as remembered from before:",
  },
  {
    layer: "fact",
    trust: "trusted",
    source: "facts",
    heading: "Known from before; look again where it matters, it may have changed:",
  },
  {
    layer: "rule",
    trust: "untrusted",
    source: "rules of others",
    heading: "Remembered, and not the developer's own words:",
  },
  {
    layer: "fact",
    trust: "untrusted",
    source: "facts of others",
    heading: "Remembered, and not the developer's own words:",
  },
]

/** Sections of what is told; `more`: how many there was no room for. */
export const memorySections = (told: ReadonlyArray<Memory>, more: number): ReadonlyArray<SectionText> =>
  groups.flatMap(({ heading, layer, source, trust }) => {
    const own = told.filter((memory) => memory.layer === layer && memory.trust === trust)
    if (own.length === 0) return []
    const ordered = own.toSorted((a, b) =>
      a.proposedAt === b.proposedAt ? (a.id < b.id ? -1 : 1) : a.proposedAt < b.proposedAt ? -1 : 1,
    )
    return [
      {
        kind: "memory",
        source,
        trust,
        text: [heading, ...ordered.map(line)].join("\n"),
        cut:
          layer === "fact" && more > 0
            ? "more is remembered than has room here (memory_search finds it)"
            : null,
        pinned: layer === "rule",
      },
    ]
  })
