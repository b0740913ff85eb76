/**
 * From the parts of a stream to the whole answer, as the log keeps it, and back. Plain functions, for the recorder, for
 * replay and for tests.
 * Invariants: content is in the order it was begun; a part that was begun and not ended is in it with what had come, because
 * that is what was paid for; an empty text is not.
 */
import type { Response } from "effect/ai"
import { Option, Schema } from "effect"
import {
  type AnswerPart,
  type FinishReason,
  ProviderOptions,
  Usage,
  type Vectors,
} from "../domain/modelRequest.ts"
import { vectorsIn, vectorsPart } from "./vectors.ts"
import { type Counted, fieldsOf, finishPart, metadataPart, natural, resumedPart } from "./wire/parts.ts"

export interface Answer {
  readonly content: ReadonlyArray<AnswerPart>
  /** Null: it did not end. */
  readonly finish: FinishReason | null
  /** Null: the server did not say. */
  readonly usage: Usage | null
  /** As the server names it. */
  readonly served: string | null
  readonly requestId: string | null
  /** The server's own word for why it ended. */
  readonly stopped: string | null
  /** How often its connection broke and it was taken up where it was. */
  readonly resumed: number
  /** Absent: they were not asked for. */
  readonly vectors?: Vectors
}

interface Growing {
  readonly type: "text" | "reasoning"
  readonly pieces: Array<string>
  options: AnswerPart["options"]
}

export interface AnswerFold {
  readonly take: (part: Response.StreamPartEncoded) => void
  readonly answer: () => Answer
  /** Also of an answer that did not end; null: the server did not say. */
  readonly counted: () => Counted | null
}

const decodeUsage = Schema.decodeUnknownOption(Usage)
const decodeOptions = Schema.decodeUnknownOption(ProviderOptions)
const decodeJson = Schema.decodeUnknownOption(Schema.Json)

const optionsOf = (metadata: unknown): AnswerPart["options"] => {
  const found = Option.getOrUndefined(decodeOptions(metadata))
  return found === undefined || Object.keys(found).length === 0 ? undefined : found
}

const withOptions = <A extends AnswerPart>(part: A, options: AnswerPart["options"]): A =>
  options === undefined ? part : { ...part, options }

export const answerFold = (): AnswerFold => {
  const order: Array<Growing | AnswerPart> = []
  const open = new Map<string, Growing>()
  const told: { -readonly [K in Exclude<keyof Answer, "content" | "vectors">]: Answer[K] } = {
    finish: null,
    usage: null,
    served: null,
    requestId: null,
    stopped: null,
    resumed: 0,
  }
  let counted: Counted | null = null
  let vectors: Vectors | null = null
  const count = (told: unknown, whole: boolean): Usage | null => {
    const usage = Option.getOrNull(decodeUsage(told))
    if (usage !== null) counted = { usage, whole }
    return usage
  }
  const begin = (type: Growing["type"], id: string, metadata: unknown) => {
    const growing: Growing = { type, pieces: [], options: optionsOf(metadata) }
    open.set(`${type}:${id}`, growing)
    order.push(growing)
  }
  const end = (type: Growing["type"], id: string, metadata: unknown) => {
    const growing = open.get(`${type}:${id}`)
    if (growing === undefined) return
    open.delete(`${type}:${id}`)
    growing.options = optionsOf({ ...growing.options, ...optionsOf(metadata) })
  }
  return {
    take: (part) => {
      switch (part.type) {
        case "text-start":
          return begin("text", part.id, part.metadata)
        case "reasoning-start":
          return begin("reasoning", part.id, part.metadata)
        case "text-delta":
          return void open.get(`text:${part.id}`)?.pieces.push(part.delta)
        case "reasoning-delta":
          return void open.get(`reasoning:${part.id}`)?.pieces.push(part.delta)
        case "text-end":
          return end("text", part.id, part.metadata)
        case "reasoning-end":
          return end("reasoning", part.id, part.metadata)
        case "tool-call": {
          const params = Option.getOrElse(decodeJson(part.params), () => null)
          const call = { type: part.type, id: part.id, name: part.name, params }
          return void order.push(withOptions(call, optionsOf(part.metadata)))
        }
        case "file":
          vectors = vectorsIn(part) ?? vectors
          return
        case "response-metadata": {
          const { counted: usage, requestId, resumed, whole } = fieldsOf(part.metadata?.["claw"])
          if (usage !== undefined) count(usage, whole === true)
          told.served = part.modelId ?? told.served
          told.resumed = natural(resumed) ?? told.resumed
          if (typeof requestId === "string") told.requestId = requestId
          return
        }
        case "finish": {
          const claw = fieldsOf(part.metadata?.["claw"])
          const stopped = claw["stopped"]
          told.finish = part.reason
          told.usage = count(claw["usage"], true)
          told.stopped = typeof stopped === "string" ? stopped : null
          return
        }
        default:
      }
    },
    counted: () => counted,
    answer: () => ({
      ...told,
      ...(vectors === null ? {} : { vectors }),
      content: order.flatMap((one): ReadonlyArray<AnswerPart> => {
        if (!("pieces" in one)) return [one]
        const { options, pieces, type } = one
        const text = pieces.join("")
        return text === "" && options === undefined ? [] : [withOptions({ type, text }, options)]
      }),
    }),
  }
}

export const answerOf = (parts: Iterable<Response.StreamPartEncoded>): Answer => {
  const fold = answerFold()
  for (const part of parts) fold.take(part)
  return fold.answer()
}

const metadataOf = ({ options }: AnswerPart) => (options === undefined ? {} : { metadata: options })

/** An answer as a stream would have brought it, each part in one piece. */
export const streamPartsOf = (answer: Answer): Array<Response.StreamPartEncoded> => [
  metadataPart(null, answer.served, answer.requestId),
  ...answer.content.flatMap((part, at): ReadonlyArray<Response.StreamPartEncoded> => {
    const id = String(at)
    if (part.type === "tool-call") {
      const { id: call, name, params } = part
      const delta = typeof params === "string" ? params : JSON.stringify(params)
      return [
        { type: "tool-params-start", id: call, name },
        { type: "tool-params-delta", id: call, delta },
        { type: "tool-params-end", id: call },
        { type: "tool-call", id: call, name, params, ...metadataOf(part) },
      ]
    }
    return [
      { type: `${part.type}-start`, id },
      ...(part.text === "" ? [] : [{ type: `${part.type}-delta` as const, id, delta: part.text }]),
      { type: `${part.type}-end`, id, ...metadataOf(part) },
    ]
  }),
  ...(answer.vectors === undefined ? [] : [vectorsPart(answer.vectors)]),
  ...resumedPart(answer.resumed),
  finishPart(answer.finish ?? "unknown", answer.usage, answer.stopped),
]

/** An answer as a call without streaming would have brought it. */
export const wholePartsOf = (answer: Answer): Array<Response.PartEncoded> => [
  metadataPart(null, answer.served, answer.requestId),
  ...answer.content.map((part): Response.PartEncoded => {
    const { options: _, ...bare } = part
    return { ...bare, ...metadataOf(part) }
  }),
  finishPart(answer.finish ?? "unknown", answer.usage, answer.stopped),
]
