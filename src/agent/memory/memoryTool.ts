/**
 * `memory_search`: what is remembered, and what was said in earlier conversations of this workspace.
 * Invariants: it only looks; nothing of another workspace, and nothing that does not count, is told; what others could have
 * written stays theirs.
 */
import { Effect, Schema } from "effect"
import { jsonSchemaOf } from "../../act/defineTool.ts"
import type { Trust } from "../../domain/action.ts"
import { draft } from "../../domain/event.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"
import { neutralise, neutraliseLines } from "../../domain/neutralise.ts"
import type { AgentLog } from "../AgentLog.ts"
import { header } from "../engine/drafts.ts"
import type { InnerTool } from "../InnerTools.ts"
import type { Memories } from "./Memories.ts"
import { findSaid, saidTypes } from "./saidSearch.ts"

/** Of what was said, the newest so many are looked through. */
const lookedThrough = 2_000
const usualResults = 5

const Input = Schema.Struct({
  query: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(500)).annotate({
    description: "Words of what is looked for",
  }),
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 }))).annotate({
    description: `How many of each kind at most; ${usualResults} if absent`,
  }),
})
const decode = Schema.decodeUnknownOption(Input, { onExcessProperty: "error" })

const kinds: ReadonlySet<string> = new Set(["chat", "ask", "print"])

const list = (heading: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [heading, ...lines.map((line) => `- ${line.replaceAll("\n", "\n  ")}`)]

export const memoryTool = (services: {
  readonly log: AgentLog["Service"]
  readonly memories: Memories["Service"]
}): InnerTool => {
  const { log, memories } = services
  const definition: ModelTool = {
    name: "memory_search",
    description:
      "Searches what is remembered here (rules and facts, the user's too) and what was said in earlier conversations of this workspace, by words; the best first.",
    inputSchema: jsonSchemaOf(Input) as ModelTool["inputSchema"],
  }
  const run: InnerTool["run"] = Effect.fnUntraced(function* (input, { causationId, seq, transcript }) {
    const asked = decode(input)
    if (asked._tag === "None")
      return { ok: false, text: 'memory_search takes {"query": "words", "limit": 5}', trust: "trusted" }
    const { limit = usualResults, query } = asked.value
    const { session, workspace } = transcript
    const about = { cause: { seq, id: causationId }, session, workspace }
    const { memories: known, without } = yield* memories.search(query, about, limit)
    const rows = yield* log.sessions
    const titleOf = (id: string | null): string | null =>
      id !== null && id !== session && Object.hasOwn(rows, id) && kinds.has(rows[id]!.kind)
        ? rows[id]!.title
        : null
    const events = yield* log.recent({ workspace, types: saidTypes, limit: lookedThrough })
    const said = findSaid(
      events.filter(({ correlationId }) => titleOf(correlationId) !== null),
      query,
      limit,
    )
    const lines = [
      ...list(
        "Remembered:",
        known.map(
          ({ id, layer, text, trust }) =>
            `${layer} ${id}${trust === "trusted" ? "" : " (not the user's own words)"}: ${text}`,
        ),
      ),
      ...list(
        "Said in earlier conversations:",
        said.map(
          ({ event: { at, correlationId }, text, who }) =>
            `${at.slice(0, 16)} ${correlationId} "${titleOf(correlationId)}", ${who}: ${neutraliseLines(text)}`,
        ),
      ),
    ]
    // a server may have put why in its own words
    const isOwn =
      without === null &&
      [...known, ...said.map(({ event }) => event)].every(({ trust }) => trust === "trusted")
    const trust: Trust = isOwn ? "trusted" : "untrusted"
    const used = draft(
      "memory.used",
      { memories: known.map(({ id }) => id), session },
      header(transcript, { causationId }),
    )
    return {
      ok: true,
      text: [
        ...(lines.length === 0 ? ["nothing of that kind is remembered or was said"] : lines),
        ...(without === null
          ? []
          : [`(Memories were searched by their words alone: ${neutralise(without)})`]),
      ].join("\n"),
      trust,
      drafts: known.length === 0 ? [] : [used],
    }
  })
  return { definition, readOnly: true, deferred: true, run }
}
