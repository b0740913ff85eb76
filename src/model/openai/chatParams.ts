/**
 * From a canonical request to Chat Completions as local servers take it: Ollama, llama.cpp, LM Studio, vLLM.
 * Invariants: one system message, at the start, because chat templates know no other; no field that these servers do not all
 * take or pass over; reasoning is not sent back, for each of them wants it elsewhere or not at all.
 */
import type OpenAI from "openai"
import type { Effort, ModelMessage, ModelRequest } from "../../domain/modelRequest.ts"
import { idOf } from "../wire/endpoint.ts"
import { argumentsOf, outputOf } from "./calls.ts"

type Params = OpenAI.Chat.ChatCompletionCreateParamsStreaming
type Message = OpenAI.Chat.ChatCompletionMessageParam
type UserPart = Extract<ModelMessage, { role: "user" }>["content"][number]

const contentPart = (part: UserPart): OpenAI.Chat.ChatCompletionContentPart => {
  if (part.type === "text") return { type: "text", text: part.text }
  const { data, fileName, mediaType } = part
  const url = `data:${mediaType};base64,${data}`
  if (mediaType.startsWith("image/")) return { type: "image_url", image_url: { url } }
  if (mediaType === "application/pdf")
    return { type: "file", file: { filename: fileName ?? "document.pdf", file_data: url } }
  const text = Buffer.from(data, "base64").toString("utf8")
  return { type: "text", text: fileName === undefined ? text : `${fileName}:\n${text}` }
}

/** A plain string where it can be one: some templates take nothing else. */
const userContent = (
  parts: ReadonlyArray<UserPart>,
): OpenAI.Chat.ChatCompletionUserMessageParam["content"] => {
  const content = parts.map(contentPart)
  return content.every((part) => part.type === "text")
    ? content.map(({ text }) => text).join("\n\n")
    : content
}

const messagesOf = (message: ModelMessage): ReadonlyArray<Message> => {
  switch (message.role) {
    case "system":
      return [{ role: "user", content: message.content }]
    case "user":
      return [{ role: "user", content: userContent(message.content) }]
    case "assistant": {
      const text = message.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")
      const calls = message.content.flatMap((part) =>
        part.type !== "tool-call"
          ? []
          : [
              {
                id: part.id,
                type: "function" as const,
                function: { name: part.name, arguments: argumentsOf(part.params) },
              },
            ],
      )
      if (text === "" && calls.length === 0) return []
      return [{ role: "assistant", content: text, ...(calls.length === 0 ? {} : { tool_calls: calls }) }]
    }
    case "tool":
      return message.content.map((part) => ({
        role: "tool",
        tool_call_id: part.id,
        content: outputOf(part),
      }))
  }
}

const efforts: Readonly<Record<NonNullable<Effort>, "low" | "medium" | "high">> = {
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
}

const choiceOf = (choice: ModelRequest["toolChoice"]): Partial<Params> => {
  if (choice === "auto") return {}
  return {
    tool_choice: typeof choice === "object" ? { type: "function", function: { name: choice.tool } } : choice,
  }
}

export const chatParams = (request: ModelRequest): Params => {
  const { effort, format, maxOutput, messages, model, toolChoice, tools } = request
  const first = messages.findIndex(({ role }) => role !== "system")
  const count = first < 0 ? messages.length : first
  const system = messages
    .slice(0, count)
    .map(({ content }) => content)
    .join("\n\n")
  return {
    model: idOf(model),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxOutput,
    messages: [
      ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
      ...messages.slice(count).flatMap(messagesOf),
    ],
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ description, inputSchema, name }) => ({
            type: "function" as const,
            function: { name, description, parameters: inputSchema },
          })),
          ...choiceOf(toolChoice),
        }),
    ...(effort === null ? {} : { reasoning_effort: efforts[effort] }),
    ...(format === null
      ? {}
      : {
          response_format: {
            type: "json_schema" as const,
            json_schema: { name: format.name, schema: format.schema, strict: true },
          },
        }),
  }
}
