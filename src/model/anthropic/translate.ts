/**
 * Anthropic's stream events to `effect/ai`'s stream parts.
 * Invariants: a block is begun once, filled while it is open and ended once, or the answer is malformed, so nothing that came
 * twice or out of order is ever read as an answer; an event, delta or stop reason nobody knows is passed over; a block
 * nobody knows is carried whole, if it came whole.
 */
import type Anthropic from "@anthropic-ai/sdk"
import type { Schema } from "effect"
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
  sealOf,
  textOf,
} from "../wire/parts.ts"
import { cutOff, malformed, notThisProtocol } from "../wire/protocolBreak.ts"

interface Open {
  readonly kind: "text" | "thinking" | "tool" | "other"
  readonly id: string
  readonly name: string
  readonly start: Readonly<Record<string, unknown>>
  json: string
  signature: string
  /** Of thinking, as it came. */
  text: string
  /** Something of it was not understood. */
  partial: boolean
}

const finishes: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  pause_turn: "pause",
  refusal: "content-filter",
}

type Told = Readonly<Record<string, unknown>>

const usageOf = (told: Told): Usage | null => {
  const output = natural(told["output_tokens"])
  const input = natural(told["input_tokens"])
  if (output === null || input === null) return null
  const hour = natural(fieldsOf(told["cache_creation"])["ephemeral_1h_input_tokens"]) ?? 0
  const thought = natural(fieldsOf(told["output_tokens_details"])["thinking_tokens"])
  return {
    input,
    output,
    cacheRead: natural(told["cache_read_input_tokens"]) ?? 0,
    cacheWrite: natural(told["cache_creation_input_tokens"]) ?? 0,
    ...(hour === 0 ? {} : { cacheWriteHour: hour }),
    ...(thought === null ? {} : { reasoning: thought }),
  }
}

const said = (told: Told): Told =>
  Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null && value !== undefined))

export const anthropicTranslator =
  (provider: string) =>
  (requestId: string | null): Translator<Anthropic.RawMessageStreamEvent> => {
    const open = new Map<number, Open>()
    const idFor = callIds()
    let begun = false
    let ended = false
    let told: Told = {}
    let stopped: string | null = null
    let next = 0

    const start = (index: number, block: Told): ReadonlyArray<StreamPart> => {
      if (!begun || ended || index !== next) throw malformed("a block began twice, or out of its order")
      next++
      const id = String(index)
      const entry = { id, name: "", start: block, json: "", signature: "", text: "", partial: false }
      switch (block["type"]) {
        case "text": {
          open.set(index, { ...entry, kind: "text" })
          const text = textOf(block["text"])
          const begin: StreamPart = { type: "text-start", id }
          return text === "" ? [begin] : [begin, { type: "text-delta", id, delta: text }]
        }
        case "thinking": {
          const text = textOf(block["thinking"])
          open.set(index, { ...entry, kind: "thinking", signature: textOf(block["signature"]), text })
          const begin: StreamPart = { type: "reasoning-start", id }
          return text === "" ? [begin] : [begin, { type: "reasoning-delta", id, delta: text }]
        }
        case "redacted_thinking":
          open.set(index, { ...entry, kind: "other" })
          return []
        case "tool_use": {
          const name = textOf(block["name"])
          const call = idFor(textOf(block["id"]), `call_${index}`)
          open.set(index, { ...entry, kind: "tool", id: call, name })
          return [{ type: "tool-params-start", id: call, name }]
        }
        default:
          open.set(index, { ...entry, kind: "other" })
          return []
      }
    }

    const delta = (index: number, change: Told): ReadonlyArray<StreamPart> => {
      const block = open.get(index)
      if (block === undefined) throw malformed("a piece came for a block that is not open")
      switch (change["type"]) {
        case "text_delta":
          if (block.kind === "text")
            return [{ type: "text-delta", id: block.id, delta: textOf(change["text"]) }]
          break
        case "thinking_delta":
          if (block.kind === "thinking") {
            const piece = textOf(change["thinking"])
            block.text += piece
            return [{ type: "reasoning-delta", id: block.id, delta: piece }]
          }
          break
        case "signature_delta":
          if (block.kind !== "thinking") break
          block.signature += textOf(change["signature"])
          return []
        case "input_json_delta": {
          const piece = textOf(change["partial_json"])
          block.json += piece
          if (block.kind === "tool") return [{ type: "tool-params-delta", id: block.id, delta: piece }]
          if (block.kind === "other") return []
          break
        }
        case "citations_delta":
          if (block.kind === "text") return []
          break
        default:
          block.partial = true
          return []
      }
      throw malformed("a piece came for a block of another kind")
    }

    const whole = (block: Open): ReadonlyArray<StreamPart> => {
      const { id, start: first } = block
      const options =
        first["type"] === "redacted_thinking"
          ? { redacted: textOf(first["data"]) }
          : block.partial
            ? null
            : { block: { ...first, ...(block.json === "" ? {} : { input: paramsOf(block.json) }) } }
      if (options === null) return []
      const metadata = { [provider]: options as Readonly<Record<string, Schema.Json>> }
      return [
        { type: "reasoning-start", id },
        { type: "reasoning-end", id, metadata },
      ]
    }

    const stop = (index: number): ReadonlyArray<StreamPart> => {
      const block = open.get(index)
      if (block === undefined) throw malformed("a block ended that is not open")
      open.delete(index)
      const { id, json, kind, name, signature, start: first, text } = block
      switch (kind) {
        case "text":
          return [{ type: "text-end", id }]
        case "thinking":
          return [
            {
              type: "reasoning-end",
              id,
              ...(signature === "" ? {} : { metadata: { [provider]: { signature, of: sealOf(text) } } }),
            },
          ]
        case "tool": {
          const params = json === "" ? fieldsOf(first["input"]) : paramsOf(json)
          return [
            { type: "tool-params-end", id },
            { type: "tool-call", id, name, params },
          ]
        }
        case "other":
          return whole(block)
      }
    }

    return {
      take: (event) => {
        switch (event.type) {
          case "message_start": {
            if (begun) throw malformed("the answer began twice")
            begun = true
            const message = fieldsOf(event.message)
            told = said(fieldsOf(message["usage"]))
            return [
              metadataPart(message["id"], message["model"], requestId),
              ...countedPart(usageOf(told), false),
            ]
          }
          case "content_block_start":
            return start(event.index, fieldsOf(event.content_block))
          case "content_block_delta":
            return delta(event.index, fieldsOf(event.delta))
          case "content_block_stop":
            return stop(event.index)
          case "message_delta": {
            if (!begun || open.size > 0) throw malformed("the answer ended before its blocks")
            told = { ...told, ...said(fieldsOf(event.usage)) }
            const word = fieldsOf(event.delta)["stop_reason"]
            if (typeof word !== "string") return []
            stopped = word.slice(0, 100)
            return countedPart(usageOf(told), true)
          }
          case "message_stop":
            if (!begun || ended || open.size > 0) throw malformed("the answer ended before its blocks")
            ended = true
            return [
              finishPart(
                stopped === null
                  ? "unknown"
                  : Object.hasOwn(finishes, stopped)
                    ? finishes[stopped]!
                    : "other",
                usageOf(told),
                stopped,
              ),
            ]
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
