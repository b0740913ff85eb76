/**
 * From a canonical request to the parameters of OpenAI's Responses. Nothing is kept on the server, but an answer that shall
 * outlive its connection: reasoning goes to and fro sealed.
 * Invariants: the same request gives the same parameters; the cache key stays the same through a conversation; reasoning
 * goes back as it came, and only before what it led to.
 */
import { createHash } from "node:crypto"
import type OpenAI from "openai"
import type { ModelMessage, ModelRequest } from "../../domain/modelRequest.ts"
import { idOf } from "../wire/endpoint.ts"
import { sealOf } from "../wire/parts.ts"
import { argumentsOf, isStrict, outputOf } from "./calls.ts"

type Item = OpenAI.Responses.ResponseInputItem
type Params = OpenAI.Responses.ResponseCreateParamsStreaming
type PartOf<R extends ModelMessage["role"]> = Exclude<
  Extract<ModelMessage, { role: R }>["content"],
  string
>[number]

const userContent = (part: PartOf<"user">): OpenAI.Responses.ResponseInputContent => {
  if (part.type === "text") return { type: "input_text", text: part.text }
  const { data, fileName, mediaType } = part
  const url = `data:${mediaType};base64,${data}`
  if (mediaType.startsWith("image/")) return { type: "input_image", image_url: url, detail: "auto" }
  if (mediaType === "application/pdf")
    return { type: "input_file", filename: fileName ?? "document.pdf", file_data: url }
  const text = Buffer.from(data, "base64").toString("utf8")
  return { type: "input_text", text: fileName === undefined ? text : `${fileName}:\n${text}` }
}

/** The item as it came, its summary cut out of the text again; none if the text is no longer what came. */
const reasoningItem = (
  text: string,
  own: Readonly<Record<string, unknown>> | undefined,
): ReadonlyArray<Item> => {
  const { id, lengths, of, sealed } = own ?? {}
  if (typeof id !== "string" || typeof sealed !== "string" || of !== sealOf(text)) return []
  let at = 0
  const summary = (Array.isArray(lengths) ? (lengths as ReadonlyArray<number>) : []).map((length) => {
    const part = { type: "summary_text" as const, text: text.slice(at, at + length) }
    at += length + 2
    return part
  })
  return [{ type: "reasoning", id, summary, encrypted_content: sealed }]
}

const assistantItems = (parts: ReadonlyArray<PartOf<"assistant">>, name: string): ReadonlyArray<Item> => {
  const items = parts.flatMap((part): ReadonlyArray<Item> => {
    const own = part.options?.[name]
    switch (part.type) {
      case "text": {
        if (part.text === "") return []
        const phase = own?.["phase"]
        const said = phase === "commentary" || phase === "final_answer" ? { phase } : {}
        return [{ type: "message", role: "assistant", content: part.text, ...said } as Item]
      }
      case "reasoning":
        return reasoningItem(part.text, own)
      case "tool-call":
        return [
          { type: "function_call", call_id: part.id, name: part.name, arguments: argumentsOf(part.params) },
        ]
    }
  })
  // The API refuses reasoning that led to nothing (an answer that was cut off).
  const end = items.findLastIndex((item) => item.type !== "reasoning")
  return items.slice(0, end + 1)
}

const itemsOf = (message: ModelMessage, name: string): ReadonlyArray<Item> => {
  switch (message.role) {
    case "system":
      return [
        { type: "message", role: "developer", content: [{ type: "input_text", text: message.content }] },
      ]
    case "user":
      return [{ type: "message", role: "user", content: message.content.map(userContent) }]
    case "assistant":
      return assistantItems(message.content, name)
    case "tool":
      return message.content.map((part) => ({
        type: "function_call_output",
        call_id: part.id,
        output: outputOf(part),
      }))
  }
}

/** Of what a conversation begins with: requests of one conversation go where its prefix is cached. */
const cacheKey = ({ messages, model, tools }: ModelRequest): string => {
  const first = messages.findIndex(({ role }) => role !== "system")
  const start = first < 0 ? messages : messages.slice(0, first + 1)
  return createHash("sha256")
    .update(JSON.stringify([model, tools, start]))
    .digest("hex")
    .slice(0, 32)
}

const choiceOf = (choice: ModelRequest["toolChoice"]): NonNullable<Params["tool_choice"]> =>
  typeof choice === "object" ? { type: "function", name: choice.tool } : choice

/** What the API takes at least. */
const leastOutput = 16

/** `kept`: the answer goes on in the background when the connection breaks, for which the server stores it. */
export const responsesParams = (request: ModelRequest, name: string, kept = false): Params => {
  const { effort, format, maxOutput, messages, model, toolChoice, tools } = request
  return {
    model: idOf(model),
    stream: true,
    store: kept,
    ...(kept ? { background: true } : {}),
    input: messages.flatMap((message) => itemsOf(message, name)),
    include: ["reasoning.encrypted_content"],
    max_output_tokens: Math.max(leastOutput, maxOutput),
    prompt_cache_key: cacheKey(request),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ description, inputSchema, name: tool }) => ({
            type: "function" as const,
            name: tool,
            description,
            parameters: inputSchema,
            strict: false,
          })),
          tool_choice: choiceOf(toolChoice),
        }),
    ...(effort === null ? {} : { reasoning: { effort, summary: "auto" as const } }),
    ...(format === null
      ? {}
      : {
          text: {
            format: {
              type: "json_schema" as const,
              name: format.name,
              schema: format.schema,
              strict: isStrict(format.schema),
            },
          },
        }),
  }
}
