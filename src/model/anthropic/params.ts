/**
 * From a canonical request to Anthropic's Messages parameters.
 * Invariants: the same request gives the same parameters, so a prefix that stays the same is read from the cache; thinking
 * goes back as it came or not at all; what this endpoint did not say itself (another provider's reasoning) is left out.
 */
import type Anthropic from "@anthropic-ai/sdk"
import type { ModelMessage, ModelRequest } from "../../domain/modelRequest.ts"
import { idOf } from "../wire/endpoint.ts"
import { fieldsOf, sealOf } from "../wire/parts.ts"
import { cacheMarks } from "./cacheMarks.ts"

type Block = Anthropic.ContentBlockParam
type Params = Anthropic.MessageCreateParamsStreaming
type PartOf<R extends ModelMessage["role"]> = Exclude<
  Extract<ModelMessage, { role: R }>["content"],
  string
>[number]

const images = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"])
const isBlank = (text: string): boolean => text.trim() === ""
const textBlock = (text: string): ReadonlyArray<Block> => (isBlank(text) ? [] : [{ type: "text", text }])

/** Ids of calls that another vendor's model made may have other letters. */
const idFor = (id: string): string => id.replace(/[^\w-]/g, "_") || "_"

const userBlocks = (part: PartOf<"user">): ReadonlyArray<Block> => {
  if (part.type === "text") return textBlock(part.text)
  const { data, fileName, mediaType } = part
  const title = fileName === undefined ? {} : { title: fileName }
  if (images.has(mediaType))
    return [
      {
        type: "image",
        source: { type: "base64", media_type: mediaType as Anthropic.Base64ImageSource["media_type"], data },
      },
    ]
  if (mediaType === "application/pdf")
    return [{ type: "document", source: { type: "base64", media_type: "application/pdf", data }, ...title }]
  const text = Buffer.from(data, "base64").toString("utf8")
  return [{ type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title }]
}

const assistantBlocks = (part: PartOf<"assistant">, name: string): ReadonlyArray<Block> => {
  switch (part.type) {
    case "text":
      return textBlock(part.text)
    case "reasoning": {
      const own = part.options?.[name]
      if (typeof own?.["redacted"] === "string") return [{ type: "redacted_thinking", data: own["redacted"] }]
      if (typeof own?.["signature"] === "string")
        return own["of"] === sealOf(part.text)
          ? [{ type: "thinking", thinking: part.text, signature: own["signature"] }]
          : []
      // A block that this code does not know, as the server sent it.
      return own?.["block"] === undefined ? [] : [own["block"] as unknown as Block]
    }
    case "tool-call": {
      const { params } = part
      const fits = typeof params === "object" && params !== null && !Array.isArray(params)
      return [
        {
          type: "tool_use",
          id: idFor(part.id),
          name: part.name,
          input: fits ? params : { unparsed: params },
        },
      ]
    }
  }
}

const toolBlocks = (part: PartOf<"tool">): ReadonlyArray<Block> => {
  const content = typeof part.result === "string" ? part.result : JSON.stringify(part.result)
  return [
    {
      type: "tool_result",
      tool_use_id: idFor(part.id),
      ...(isBlank(content) ? {} : { content }),
      ...(part.isFailure ? { is_error: true } : {}),
    },
  ]
}

interface Turn {
  readonly role: "user" | "assistant"
  readonly content: Array<Block>
}

const blocksOf = (message: ModelMessage, name: string): ReadonlyArray<Block> => {
  switch (message.role) {
    case "system":
      return textBlock(message.content)
    case "user":
      return message.content.flatMap(userBlocks)
    case "assistant":
      return message.content.flatMap((part) => assistantBlocks(part, name))
    case "tool":
      return message.content.flatMap(toolBlocks)
  }
}

/** Turns, and for each message how many turns there were once it was in. */
const turnsOf = (messages: ReadonlyArray<ModelMessage>, name: string) => {
  const turns: Array<Turn> = []
  const upTo: Array<number> = []
  for (const message of messages) {
    const content = blocksOf(message, name)
    const role = message.role === "assistant" ? "assistant" : "user"
    const last = turns.at(-1)
    if (content.length > 0 && last?.role === role) last.content.push(...content)
    else if (content.length > 0) turns.push({ role, content: [...content] })
    upTo.push(turns.length)
  }
  return { turns, upTo }
}

const markableIn = (content: ReadonlyArray<Block>): number =>
  content.findLastIndex(({ type }) => ["text", "image", "document", "tool_use", "tool_result"].includes(type))

const choiceOf = (choice: ModelRequest["toolChoice"]): Anthropic.ToolChoice => {
  if (typeof choice === "object") return { type: "tool", name: choice.tool }
  return choice === "required" ? { type: "any" } : { type: choice }
}

export interface CacheTimes {
  /** Tools, system and the stable prefix are kept for an hour instead of five minutes: worth it where turns wait long. */
  readonly hourly: boolean
}

export const messageParams = (request: ModelRequest, name: string, { hourly }: CacheTimes): Params => {
  const { effort, format, maxOutput, messages, model, stable, toolChoice, tools } = request
  const first = messages.findIndex(({ role }) => role !== "system")
  const count = first < 0 ? messages.length : first
  const system = messages
    .slice(0, count)
    .flatMap((message): ReadonlyArray<string> =>
      message.role === "system" && !isBlank(message.content) ? [message.content] : [],
    )
  const { turns, upTo } = turnsOf(messages.slice(count), name)
  const marks = cacheMarks({
    tools: tools.length,
    system: system.length,
    messages: turns.map(({ content, role }) => ({ user: role === "user", markable: markableIn(content) })),
    stable: stable <= count ? 0 : (upTo[Math.min(stable - count, upTo.length) - 1] ?? 0),
  })
  const brief: Anthropic.CacheControlEphemeral = { type: "ephemeral" }
  const long: Anthropic.CacheControlEphemeral = hourly ? { type: "ephemeral", ttl: "1h" } : brief
  for (const at of marks.messages) {
    const { content } = turns[at]!
    const index = markableIn(content)
    content[index] = { ...content[index]!, cache_control: brief } as Block
  }
  const last = <A extends object>(all: ReadonlyArray<A>, marked: boolean): Array<A> =>
    all.map((one, at) => (marked && at === all.length - 1 ? { ...one, cache_control: long } : one))
  // The API refuses to think where a tool is forced.
  const thinks = effort !== null && (toolChoice === "auto" || toolChoice === "none")
  const output = {
    ...(effort === null ? {} : { effort }),
    ...(format === null ? {} : { format: { type: "json_schema" as const, schema: fieldsOf(format.schema) } }),
  }
  return {
    model: idOf(model),
    max_tokens: maxOutput,
    stream: true,
    messages: turns,
    ...(system.length === 0
      ? {}
      : {
          system: last(
            system.map((text) => ({ type: "text" as const, text })),
            marks.system,
          ),
        }),
    ...(tools.length === 0
      ? {}
      : {
          tools: last(
            tools.map(({ description, inputSchema, name: tool }) => ({
              name: tool,
              description,
              input_schema: { ...inputSchema, type: "object" as const },
            })),
            marks.tools,
          ),
          tool_choice: choiceOf(toolChoice),
        }),
    ...(thinks ? { thinking: { type: "adaptive" as const, display: "summarized" as const } } : {}),
    ...(Object.keys(output).length === 0 ? {} : { output_config: output }),
  }
}
