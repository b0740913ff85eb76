/**
 * Events of OpenAI's Responses to `effect/ai`'s stream parts.
 * Invariants: an item is what its pieces add up to and what its end says it is, or the answer is malformed; an event that
 * comes twice counts once; events and items nobody knows are passed over; reasoning is carried so that it
 * can go back as the item it came as.
 */
import type OpenAI from "openai"
import type { FinishReason, Usage } from "../../domain/modelRequest.ts"
import type { StreamPart, Translator } from "../wire/eventStream.ts"
import {
  callIds,
  fieldsOf,
  finishPart,
  metadataPart,
  natural,
  paramsOf,
  resumedPart,
  sealOf,
  textOf,
} from "../wire/parts.ts"
import { cutOff, malformed, notThisProtocol } from "../wire/protocolBreak.ts"

type Fields = Readonly<Record<string, unknown>>

interface Open {
  readonly kind: "message" | "reasoning" | "call" | "other"
  readonly id: string
  readonly name: string
  text: string
  /** Number of the summary's part that is being written. */
  summary: number
}

const usageOf = (told: Fields): Usage | null => {
  const input = natural(told["input_tokens"])
  const output = natural(told["output_tokens"])
  if (input === null || output === null) return null
  const details = fieldsOf(told["input_tokens_details"])
  const cacheRead = Math.min(input, natural(details["cached_tokens"]) ?? 0)
  const cacheWrite = Math.min(input - cacheRead, natural(details["cache_write_tokens"]) ?? 0)
  const thought = natural(fieldsOf(told["output_tokens_details"])["reasoning_tokens"])
  return {
    input: input - cacheRead - cacheWrite,
    output,
    cacheRead,
    cacheWrite,
    ...(thought === null ? {} : { reasoning: thought }),
  }
}

const incomplete: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: "length",
  content_filter: "content-filter",
}

const kinds: Readonly<Record<string, Open["kind"]>> = {
  message: "message",
  reasoning: "reasoning",
  function_call: "call",
}

const contentOf = (item: Fields): string =>
  (Array.isArray(item["content"]) ? item["content"] : [])
    .map((part) => textOf(fieldsOf(part)["text"]) || textOf(fieldsOf(part)["refusal"]))
    .join("")

const summaryOf = (item: Fields): ReadonlyArray<string> =>
  (Array.isArray(item["summary"]) ? item["summary"] : []).map((part) => textOf(fieldsOf(part)["text"]))

export const responsesTranslator =
  (provider: string, resumed: () => number = () => 0) =>
  (requestId: string | null): Translator<OpenAI.Responses.ResponseStreamEvent> => {
    const open = new Map<number, Open>()
    const done = new Set<number>()
    const idFor = callIds()
    let response = "call"
    let begun = false
    let ended = false
    let called = false
    let refused = false
    let newest = 0

    const add = (index: number, item: Fields): ReadonlyArray<StreamPart> => {
      if (open.has(index) || done.has(index)) throw malformed("an item began twice")
      const kind = kinds[textOf(item["type"])] ?? "other"
      const id = kind === "call" ? idFor(textOf(item["call_id"]), `${response}_${index}`) : String(index)
      const name = textOf(item["name"])
      open.set(index, { kind, id, name, text: "", summary: 0 })
      if (kind === "message") return [{ type: "text-start", id }]
      if (kind === "reasoning") return [{ type: "reasoning-start", id }]
      return kind === "call" ? [{ type: "tool-params-start", id, name }] : []
    }

    const piece = (event: Fields, kind: Open["kind"]): ReadonlyArray<StreamPart> => {
      const item = open.get(Number(event["output_index"]))
      if (item === undefined) throw malformed("a piece came for an item that is not open")
      if (item.kind !== kind) throw malformed("a piece came for an item of another kind")
      const delta = textOf(event["delta"])
      item.text += delta
      const { id } = item
      if (kind === "message") return [{ type: "text-delta", id, delta }]
      return kind === "call"
        ? [{ type: "tool-params-delta", id, delta }]
        : [{ type: "reasoning-delta", id, delta }]
    }

    /** Parts of a summary are paragraphs. */
    const paragraph = (event: Fields): ReadonlyArray<StreamPart> => {
      const item = open.get(Number(event["output_index"]))
      const at = natural(event["summary_index"]) ?? 0
      if (item?.kind !== "reasoning" || at <= item.summary) return []
      item.summary = at
      item.text += "\n\n"
      return [{ type: "reasoning-delta", id: item.id, delta: "\n\n" }]
    }

    const finished = (index: number, item: Fields): ReadonlyArray<StreamPart> => {
      // Some servers send items whole, without their beginning.
      const begin = open.has(index) ? [] : add(index, item)
      const { id, kind, name, text } = open.get(index)!
      open.delete(index)
      done.add(index)
      const whole = kind === "call" ? textOf(item["arguments"]) : contentOf(item)
      if ((kind === "call" || kind === "message") && text !== "" && whole !== "" && text !== whole)
        throw malformed("an item is not what its pieces add up to")
      switch (kind) {
        case "message": {
          const phase = item["phase"]
          const options = typeof phase === "string" ? { metadata: { [provider]: { phase } } } : {}
          const late: ReadonlyArray<StreamPart> =
            text === "" && whole !== "" ? [{ type: "text-delta", id, delta: whole }] : []
          return [...begin, ...late, { type: "text-end", id, ...options }]
        }
        case "reasoning": {
          const { encrypted_content: sealed, id: itemId } = item
          const summary = summaryOf(item)
          const told = summary.join("\n\n")
          const late: ReadonlyArray<StreamPart> =
            text === "" && told !== "" ? [{ type: "reasoning-delta", id, delta: told }] : []
          // Without its seal it cannot go back. Its summary goes back from the text, which is not written twice.
          const own = {
            id: textOf(itemId),
            sealed: textOf(sealed),
            lengths: text === "" || text === told ? summary.map(({ length }) => length) : [],
            of: sealOf(text === "" ? told : text),
          }
          const metadata = own.sealed === "" ? {} : { metadata: { [provider]: own } }
          return [...begin, ...late, { type: "reasoning-end", id, ...metadata }]
        }
        case "call":
          called = true
          return [
            ...begin,
            { type: "tool-params-end", id },
            {
              type: "tool-call",
              id,
              name: name === "" ? textOf(item["name"]) : name,
              params: paramsOf(text === "" ? whole : text),
            },
          ]
        case "other":
          return begin
      }
    }

    const finish = (answer: Fields): ReadonlyArray<StreamPart> => {
      if (open.size > 0) throw malformed("the answer ended before its items")
      ended = true
      const why = textOf(fieldsOf(answer["incomplete_details"])["reason"]).slice(0, 100)
      const complete: FinishReason = refused ? "content-filter" : called ? "tool-calls" : "stop"
      const reason = why === "" ? complete : Object.hasOwn(incomplete, why) ? incomplete[why]! : "other"
      return [
        ...resumedPart(resumed()),
        finishPart(reason, usageOf(fieldsOf(answer["usage"])), why === "" ? textOf(answer["status"]) : why),
      ]
    }

    return {
      take: (event) => {
        const fields = event as unknown as Fields
        const number = natural(fields["sequence_number"]) ?? 0
        if (number > 0 && number === newest) return []
        if (number > 0 && number < newest) throw malformed("events came out of their order")
        newest = number
        switch (event.type) {
          case "response.created": {
            if (begun) return []
            begun = true
            const answer = fieldsOf(event.response)
            response = textOf(answer["id"]) || response
            return [metadataPart(answer["id"], answer["model"], requestId)]
          }
          case "response.output_item.added":
            return add(event.output_index, fieldsOf(event.item))
          case "response.output_text.delta":
            return piece(fields, "message")
          case "response.refusal.delta":
            refused = true
            return piece(fields, "message")
          case "response.reasoning_summary_part.added":
            return paragraph(fields)
          case "response.reasoning_summary_text.delta":
          case "response.reasoning_text.delta":
            return piece(fields, "reasoning")
          case "response.function_call_arguments.delta":
            return piece(fields, "call")
          case "response.output_item.done":
            return done.has(event.output_index) ? [] : finished(event.output_index, fieldsOf(event.item))
          case "response.completed":
          case "response.incomplete":
            return ended ? [] : finish(fieldsOf(event.response))
          case "response.failed":
            throw { error: fieldsOf(fieldsOf(event.response)["error"]) }
          case "error":
            throw { error: fields }
          default:
            return []
        }
      },
      end: () => {
        if (ended) return []
        throw begun ? cutOff() : notThisProtocol()
      },
    }
  }
