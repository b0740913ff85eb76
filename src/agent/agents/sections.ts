/**
 * What a child is told of itself, and what others are told of kinds of agents beyond Claw's own.
 * Invariants: a child keeps what its kind said when it was wanted; a kind that came with a workspace and was not trusted is
 * data wherever it stands.
 */
import { Effect } from "effect"
import type { AgentRow } from "../../domain/agents.ts"
import { AgentLog } from "../AgentLog.ts"
import type { Prepared, SectionText } from "../Preparation.ts"
import { agentTool } from "./agentStarts.ts"
import { AgentTypes } from "./AgentTypes.ts"
import type { AgentType } from "./types.ts"

const section = (source: string, trust: "trusted" | "untrusted", text: string): SectionText => ({
  kind: "agent",
  source,
  trust,
  text,
  cut: null,
  pinned: true,
})

const situation = (row: AgentRow): string =>
  [
    `You are an agent of the kind ${row.type}.`,
    ...(row.readsOnly === null
      ? []
      : [`You can only read here, because ${row.readsOnly}. Say so in your answer where it matters.`]),
    ...(row.writes
      ? [
          "Your folder is a worktree of your own. What you change there is shown to the developer as one patch when you end: do not commit.",
        ]
      : []),
    "Other agents of the same work may share a board with you (board_read, board_write).",
  ].join(" ")

const decoder = new TextDecoder()

const listed = (types: ReadonlyArray<AgentType>): string =>
  [
    "Further kinds of agents there are here, by the name to give as subagent_type:",
    ...types.map(({ description, name }) => `- ${name}${description === "" ? "" : `: ${description}`}`),
  ].join("\n")

export const agentSections = Effect.gen(function* () {
  const log = yield* AgentLog
  const types = yield* AgentTypes

  const ofChild = Effect.fnUntraced(function* (row: AgentRow) {
    const body = yield* log.blob(row.definition.hash)
    const { source, trust } = row.definition
    return [
      section("claw", "trusted", situation(row)),
      ...(body === null || body.length === 0
        ? []
        : [section(source === "claw" ? `claw:${row.type}` : source, trust, decoder.decode(body))]),
    ]
  })
  const kinds = Effect.fnUntraced(function* (about: Prepared) {
    if (about.tools !== null && !about.tools.includes(agentTool)) return []
    const found = (yield* types.all(about.workspace)).types.filter(({ source }) => source !== "claw")
    return (["trusted", "untrusted"] as const).flatMap((trust) => {
      const own = found.filter((type) => type.trust === trust)
      return own.length === 0 ? [] : [section(`kinds:${trust}`, trust, listed(own))]
    })
  })
  return Effect.fnUntraced(function* (about: Prepared) {
    const row = (yield* log.agents)[about.session]
    const own = row === undefined ? [] : yield* ofChild(row)
    return [...own, ...(yield* kinds(about))]
  })
})
