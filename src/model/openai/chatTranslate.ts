/**
 * Chunks of Chat Completions to `effect/ai`'s stream parts. The protocol numbers nothing and ends in several ways, and each
 * server reads it its own way: calls in pieces or whole, with an index or without, all under index 0, ids missing, names late,
 * thinking in a field or in tags of the text.
 * Invariants: an answer without a finish reason did not end; what a server leaves unsaid (usage) is not made up.
 */
import type OpenAI from "openai"
import type { FinishReason, Usage } from "../../domain/modelRequest.ts"
import type { StreamPart, Translator } from "../wire/eventStream.ts"
import {
  callIds,
  countedPart,
  fieldsOf,
  finishPart,
  metadataPart,
  natural,
  paramsOf,
  textOf,
} from "../wire/parts.ts"
import { cutOff, notThisProtocol } from "../wire/protocolBreak.ts"
import { ThinkTags, type Told } from "./thinkTags.ts"

type Fields = Readonly<Record<string, unknown>>

interface Call {
  /** As the server gave it; "": not at all. */
  readonly given: string
  readonly id: string
  /** "" until it is told. */
  name: string
  readonly index: number | null
  readonly pieces: Array<string>
}

const finishes: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
}

const usageOf = (told: Fields): Usage | null => {
  const input = natural(told["prompt_tokens"])
  const output = natural(told["completion_tokens"])
  if (input === null || output === null) return null
  const cached = natural(fieldsOf(told["prompt_tokens_details"])["cached_tokens"]) ?? 0
  const cacheRead = Math.min(input, cached)
  const thought = natural(fieldsOf(told["completion_tokens_details"])["reasoning_tokens"])
  return {
    input: input - cacheRead,
    output,
    cacheRead,
    cacheWrite: 0,
    ...(thought === null ? {} : { reasoning: thought }),
  }
}

const argumentsIn = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : textOf(value)

export const chatTranslator = (requestId: string | null): Translator<OpenAI.Chat.ChatCompletionChunk> => {
  const idFor = callIds()
  const calls: Array<Call> = []
  let answer = ""
  let begun = false
  let stopped: string | null = null
  let usage: Usage | null = null
  /** What is being written: runs of text and of reasoning are parts of their own. */
  let open: { readonly type: "text" | "reasoning"; readonly id: string } | null = null
  let runs = 0

  const close = (): ReadonlyArray<StreamPart> => {
    if (open === null) return []
    const { id, type } = open
    open = null
    return [{ type: `${type}-end`, id }]
  }

  const write = (type: "text" | "reasoning", delta: string): ReadonlyArray<StreamPart> => {
    if (delta === "") return []
    if (open?.type === type) return [{ type: `${type}-delta`, id: open.id, delta }]
    const before = close()
    open = { type, id: String(runs++) }
    return [...before, { type: `${type}-start`, id: open.id }, { type: `${type}-delta`, id: open.id, delta }]
  }

  const tags = new ThinkTags()
  const worded = (all: ReadonlyArray<Told>): ReadonlyArray<StreamPart> =>
    all.flatMap(({ text, type }) => write(type, text))

  const callFor = (piece: Fields, begin: Array<StreamPart>): Call => {
    const fn = fieldsOf(piece["function"])
    const given = textOf(piece["id"])
    const index = natural(piece["index"])
    const name = textOf(fn["name"])
    const found =
      index === null
        ? calls.findLast((call) => given === "" || call.given === given)
        : calls.findLast((call) => call.index === index)
    // Another id with a name is another call, whatever its index says.
    const another = found !== undefined && given !== "" && given !== found.given && name !== ""
    if (found !== undefined && !another) {
      if (found.name === "") found.name = name
      return found
    }
    const id = idFor(given, `${answer || "call"}_${calls.length}`)
    const call = { given, id, name, index, pieces: [] }
    calls.push(call)
    begin.push(...worded(tags.end()), ...close(), { type: "tool-params-start", id, name })
    return call
  }

  const called = (pieces: unknown): ReadonlyArray<StreamPart> => {
    if (!Array.isArray(pieces)) return []
    const parts: Array<StreamPart> = []
    for (const one of pieces) {
      const piece = fieldsOf(one)
      const call = callFor(piece, parts)
      const delta = argumentsIn(fieldsOf(piece["function"])["arguments"])
      if (delta === "") continue
      call.pieces.push(delta)
      parts.push({ type: "tool-params-delta", id: call.id, delta })
    }
    return parts
  }

  return {
    take: (chunk) => {
      const fields = chunk as unknown as Fields
      const parts: Array<StreamPart> = []
      const choices = fields["choices"]
      if (!begun && (Array.isArray(choices) || fields["object"] === "chat.completion.chunk")) {
        begun = true
        answer = textOf(fields["id"]).slice(0, 64)
        parts.push(metadataPart(fields["id"], fields["model"], requestId))
      }
      const told = fields["usage"]
      const counts = told !== null && told !== undefined
      if (counts) usage = usageOf(fieldsOf(told)) ?? usage
      const choice = fieldsOf(
        Array.isArray(choices) ? choices.find((one) => !fieldsOf(one)["index"]) : undefined,
      )
      const delta = fieldsOf(choice["delta"])
      parts.push(
        ...write("reasoning", textOf(delta["reasoning_content"]) || textOf(delta["reasoning"])),
        ...worded(tags.push(textOf(delta["content"]) || textOf(delta["refusal"]))),
        ...called(delta["tool_calls"]),
      )
      const why = choice["finish_reason"]
      if (typeof why === "string" && why !== "") stopped = why.slice(0, 100)
      if (counts) parts.push(...countedPart(usage, stopped !== null))
      return parts
    },
    end: () => {
      if (stopped === null) throw begun ? cutOff() : notThisProtocol()
      const known = Object.hasOwn(finishes, stopped) ? finishes[stopped]! : "other"
      // Several servers say "stop" after a call.
      const reason = known === "stop" && calls.length > 0 ? "tool-calls" : known
      return [
        ...worded(tags.end()),
        ...close(),
        ...calls.flatMap(({ id, name, pieces }): ReadonlyArray<StreamPart> => [
          { type: "tool-params-end", id },
          { type: "tool-call", id, name, params: paramsOf(pieces.join("")) },
        ]),
        finishPart(reason, usage, stopped),
      ]
    },
  }
}
