/**
 * `call_output`: the parts of what a call printed that its result left out, from the log.
 * Invariants: only calls of this conversation are told; what is told is what was recorded, and is outside text like the
 * result itself.
 */
import { Effect, Schema } from "effect"
import { jsonSchemaOf } from "../../act/defineTool.ts"
import type { AgentLog } from "../AgentLog.ts"
import type { InnerTool } from "../InnerTools.ts"
import type { Transcript } from "../session/transcript.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"

const mostCharacters = 30_000

const Input = Schema.Struct({
  id: Schema.String.annotate({ description: "Id of the call, as its result names it: s_...#0" }),
  offset: Schema.optionalKey(Schema.Natural).annotate({ description: "Character to begin at; 0 if absent" }),
  limit: Schema.optionalKey(Schema.Natural).annotate({
    description: `Characters wanted, at most ${mostCharacters}`,
  }),
})
const decode = Schema.decodeUnknownEffect(Input, { onExcessProperty: "error" })
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

const isOwn = (transcript: Transcript, suggestion: string): boolean =>
  transcript.entries.some(
    (entry) => entry._tag === "results" && entry.results.some((result) => result.suggestion === suggestion),
  )

const failed = (text: string) => ({ ok: false, text, trust: "trusted" as const })

export const callOutput = (log: AgentLog["Service"]): InnerTool => {
  const definition: ModelTool = {
    name: "call_output",
    description:
      "Shows a part of what an earlier call of this conversation printed, where its result was cut. Takes the id that the cut result names and an offset in characters.",
    inputSchema: jsonSchemaOf(Input) as ModelTool["inputSchema"],
  }
  const run: InnerTool["run"] = Effect.fnUntraced(function* (input, { transcript }) {
    const asked = yield* Effect.orElseSucceed(decode(input), () => null)
    if (asked === null) return failed('call_output takes {"id": "s_...#0", "offset": 0, "limit": 30000}')
    const { id, limit = mostCharacters, offset = 0 } = asked
    const suggestion = id.split("#")[0]!
    if (!isOwn(transcript, suggestion))
      return failed(`no call of this conversation has the id ${id.slice(0, 40)}`)
    const events = yield* log.read(suggestion)
    const outputs = events.flatMap((event) =>
      (event.type === "tool.finished" || event.type === "tool.failed") &&
      (event.payload as unknown) !== null &&
      event.payload.call === id &&
      event.payload.output !== undefined
        ? [event.payload.output]
        : [],
    )
    const output = outputs.at(0)
    if (output === undefined) return failed("it printed nothing that was kept")
    const bytes = output.blob === null ? null : yield* log.blob(output.blob)
    const text = bytes === null ? `${output.head}${output.tail}` : decoder.decode(bytes)
    const part = text.slice(offset, offset + Math.min(limit, mostCharacters))
    if (part === "") return failed(`there are ${text.length} characters in all`)
    const end = offset + part.length
    const more = end < text.length ? `\n(${text.length - end} more: offset ${end})` : "\n(this is the end)"
    return { ok: true, text: `${part}${more}`, trust: "untrusted" }
  })
  return { definition, readOnly: true, run }
}
