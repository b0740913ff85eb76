/**
 * What a model is told, read back out of a request of any of the three protocols: the user's words, and each tool call with
 * its result, in order. Pure.
 */
import type { Asked } from "../fixtures/models/turns.ts"

export interface HeardCall {
  readonly id: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  /** Null: none is there. */
  readonly result: string | null
}

export interface Heard {
  readonly words: ReadonlyArray<string>
  readonly calls: ReadonlyArray<HeardCall>
}

type Json = Readonly<Record<string, unknown>>

const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : Array.isArray(content)
      ? content.map((part: Json) => (typeof part["text"] === "string" ? part["text"] : "")).join("\n")
      : ""

const parsed = (text: unknown): Json => {
  try {
    return JSON.parse(String(text)) as Json
  } catch {
    return {}
  }
}

class Reader {
  readonly words: Array<string> = []
  readonly calls: Array<HeardCall> = []

  call(id: string, name: string, input: Json): void {
    this.calls.push({ id, name, input, result: null })
  }

  result(id: string, text: string): void {
    const at = this.calls.findIndex((call) => call.id === id)
    if (at >= 0) this.calls[at] = { ...this.calls[at]!, result: text }
  }
}

const anthropic = (reader: Reader, messages: ReadonlyArray<Json>): void => {
  for (const { content, role } of messages) {
    const blocks: ReadonlyArray<Json> =
      typeof content === "string" ? [{ type: "text", text: content }] : (content as ReadonlyArray<Json>)
    for (const block of blocks) {
      if (block["type"] === "tool_use")
        reader.call(String(block["id"]), String(block["name"]), block["input"] as Json)
      else if (block["type"] === "tool_result")
        reader.result(String(block["tool_use_id"]), textOf(block["content"]))
      else if (role === "user" && block["type"] === "text") reader.words.push(String(block["text"]))
    }
  }
}

const responses = (reader: Reader, items: ReadonlyArray<Json>): void => {
  for (const item of items) {
    if (item["type"] === "function_call")
      reader.call(String(item["call_id"]), String(item["name"]), parsed(item["arguments"]))
    else if (item["type"] === "function_call_output")
      reader.result(String(item["call_id"]), textOf(item["output"]))
    else if (item["role"] === "user") reader.words.push(textOf(item["content"]))
  }
}

const chat = (reader: Reader, messages: ReadonlyArray<Json>): void => {
  for (const message of messages) {
    const calls = (message["tool_calls"] as ReadonlyArray<Json> | undefined) ?? []
    for (const call of calls) {
      const called = call["function"] as Json
      reader.call(String(call["id"]), String(called["name"]), parsed(called["arguments"]))
    }
    if (message["role"] === "tool") reader.result(String(message["tool_call_id"]), textOf(message["content"]))
    else if (message["role"] === "user") reader.words.push(textOf(message["content"]))
  }
}

export const heard = ({ body, protocol }: Asked): Heard => {
  const reader = new Reader()
  if (protocol === "anthropic") anthropic(reader, body.messages)
  else if (protocol === "responses")
    responses(reader, typeof body.input === "string" ? [{ role: "user", content: body.input }] : body.input)
  else chat(reader, body.messages)
  return reader
}
