/** Canonical requests for tests of providers. */
import type { ModelMessage, ModelRequest } from "../../src/domain/modelRequest.ts"

export const user = (text: string): ModelMessage => ({ role: "user", content: [{ type: "text", text }] })

const readTool = {
  name: "Read",
  description: "Reads a file",
  inputSchema: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
} as const

export const request = (over: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "test/some-model",
  messages: [{ role: "system", content: "You are Claw." }, user("Hello?")],
  tools: [readTool],
  toolChoice: "auto",
  format: null,
  effort: "high",
  maxOutput: 4096,
  stable: 1,
  ...over,
})
