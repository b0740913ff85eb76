/** What goes over the wire in each protocol, and where it goes. */
import { LLMock } from "@copilotkit/aimock"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterEach, vi } from "vitest"
import type { ModelMessage } from "../../src/domain/modelRequest.ts"
import { modelServer } from "../fixtures/models/server.ts"
import { request, user } from "./requests.ts"
import { all, anthropic, ask, local, openai } from "./adapterWorld.ts"

const image = Buffer.from("not really a picture").toString("base64")
const said: ReadonlyArray<ModelMessage> = [
  { role: "system", content: "First." },
  { role: "system", content: "Second." },
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "file", mediaType: "image/png", data: image },
      { type: "file", mediaType: "application/pdf", fileName: "a.pdf", data: image },
      {
        type: "file",
        mediaType: "text/x-rust",
        fileName: "a.rs",
        data: Buffer.from("fn main").toString("base64"),
      },
    ],
  },
  {
    role: "assistant",
    content: [
      { type: "reasoning", text: "another vendor's thought", options: { elsewhere: { signature: "s" } } },
      { type: "text", text: "" },
      { type: "tool-call", id: "call:1/x", name: "Read", params: '{"broken' },
    ],
  },
  {
    role: "tool",
    content: [
      { type: "tool-result", id: "call:1/x", name: "Read", isFailure: true, result: { no: "such file" } },
    ],
  },
  user("Go on."),
]

afterEach(() => vi.unstubAllEnvs())

describe("what goes out", () => {
  it.live("Anthropic: blocks, files, failures, and no thought that is not its own", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({ turns: [{ text: "ok" }] })
        yield* ask(anthropic(server), { messages: said, stable: 2 })
        const { body } = server.journal[0]!
        assert.deepStrictEqual(
          body.system.map(({ text }: { text: string }) => text),
          ["First.", "Second."],
        )
        assert.deepStrictEqual(
          body.messages.map((one: { role: string; content: ReadonlyArray<{ type: string }> }) => [
            one.role,
            one.content.map(({ type }) => type),
          ]),
          [
            ["user", ["text", "image", "document", "document"]],
            ["assistant", ["tool_use"]],
            ["user", ["tool_result", "text"]],
          ],
        )
        const call = body.messages[1].content[0]
        const result = body.messages[2].content[0]
        assert.deepStrictEqual(call.input, { unparsed: '{"broken' })
        assert.match(call.id, /^[\w-]+$/)
        assert.strictEqual(result.tool_use_id, call.id)
        assert.isTrue(result.is_error)
        assert.strictEqual(result.content, '{"no":"such file"}')
        assert.deepStrictEqual(body.thinking, { type: "adaptive", display: "summarized" })
        assert.strictEqual(body.output_config.effort, "high")
      }),
    ),
  )

  it.live("Responses: items, nothing kept on the server", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({ turns: [{ text: "ok" }] })
        yield* ask(openai(server), { messages: said })
        const { body } = server.journal[0]!
        assert.isFalse(body.store)
        assert.deepStrictEqual(body.include, ["reasoning.encrypted_content"])
        assert.deepStrictEqual(
          body.input.map(({ role, type }: { role?: string; type: string }) => role ?? type),
          ["developer", "developer", "user", "function_call", "function_call_output", "user"],
        )
        assert.deepStrictEqual(
          body.input[2].content.map(({ type }: { type: string }) => type),
          ["input_text", "input_image", "input_file", "input_text"],
        )
        assert.strictEqual(body.input[3].arguments, '{"unparsed":"{\\"broken"}')
        assert.strictEqual(body.input[4].output, 'Error: {"no":"such file"}')
      }),
    ),
  )

  it.live("Chat: one system message, plain text where it can be", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({ turns: [{ text: "ok" }] })
        yield* ask(local(server), { messages: said })
        const { body } = server.journal[0]!
        assert.deepStrictEqual(
          body.messages.map(({ role }: { role: string }) => role),
          ["system", "user", "assistant", "tool", "user"],
        )
        assert.strictEqual(body.messages[0].content, "First.\n\nSecond.")
        assert.strictEqual(body.messages[4].content, "Go on.")
        assert.deepStrictEqual(body.stream_options, { include_usage: true })
      }),
    ),
  )

  it.live("an answer as JSON is asked for in each vendor's way", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const schema = {
          type: "object",
          properties: { a: { type: "number" } },
          required: ["a"],
          additionalProperties: false,
        }
        const format = { name: "Verdict", schema }
        const server = yield* modelServer({ answer: () => ({ text: '{"a":1}' }) })
        for (const make of Object.values(all)) {
          const { content } = yield* ask(make(server), { format, tools: [] })
          assert.deepStrictEqual(content, [{ type: "text", text: '{"a":1}' }])
        }
        const [one, two, three] = server.journal.map(({ body }) => body)
        assert.deepStrictEqual(one.output_config.format, { type: "json_schema", schema })
        assert.deepStrictEqual(two.text.format, {
          type: "json_schema",
          name: "Verdict",
          schema,
          strict: true,
        })
        assert.deepStrictEqual(three.response_format.json_schema, { name: "Verdict", schema, strict: true })
      }),
    ),
  )

  it.live("a forced tool: named, and without thinking where the API refuses both", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({
          answer: () => ({ calls: [{ name: "Read", input: { path: "a" } }] }),
        })
        for (const make of Object.values(all)) yield* ask(make(server), { toolChoice: { tool: "Read" } })
        const [one, two, three] = server.journal.map(({ body }) => body)
        assert.deepStrictEqual(one.tool_choice, { type: "tool", name: "Read" })
        assert.isUndefined(one.thinking)
        assert.deepStrictEqual(two.tool_choice, { type: "function", name: "Read" })
        assert.deepStrictEqual(three.tool_choice, { type: "function", function: { name: "Read" } })
      }),
    ),
  )

  it.live("the SDKs' own environment changes nothing: no key, header or address of it goes out", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({ answer: () => ({ text: "ok" }), key: "the-right-key-1234" })
        for (const vendor of ["ANTHROPIC", "OPENAI"]) {
          vi.stubEnv(`${vendor}_API_KEY`, "planted-key-1")
          vi.stubEnv(`${vendor}_AUTH_TOKEN`, "planted-key-2")
          vi.stubEnv(`${vendor}_BASE_URL`, "http://127.0.0.1:1")
          vi.stubEnv(`${vendor}_CUSTOM_HEADERS`, "x-planted: planted-1\nauthorization: Bearer planted-key-3")
          vi.stubEnv(`${vendor}_LOG`, "debug")
        }
        vi.stubEnv("OPENAI_ORG_ID", "planted-org")
        vi.stubEnv("OPENAI_PROJECT_ID", "planted-project")
        for (const make of Object.values(all)) yield* ask(make(server), {}, "the-right-key-1234")
        assert.notInclude(JSON.stringify(server.journal), "planted")
        assert.notInclude(JSON.stringify(server.journal), "x-stainless")
        // And without a key of ours, none goes out.
        for (const make of Object.values(all)) {
          const error = yield* Effect.flip(ask(make(server)))
          assert.strictEqual(error.reason, "credentials")
        }
      }),
    ),
  )
})

describe("where it goes", () => {
  it.live("a redirect is not followed: neither prompt nor key go elsewhere", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const thief = yield* modelServer({ answer: () => ({ text: "thanks" }) })
        const server = yield* modelServer({
          answer: ({ path }) => ({
            fault: {
              kind: "status",
              status: 307,
              headers: { location: `${thief.baseUrl}${path}` },
              body: "",
            },
          }),
        })
        for (const make of Object.values(all)) {
          const error = yield* Effect.flip(ask(make(server), {}, "some-key-12345"))
          assert.strictEqual(error.reason, "bad-request")
          assert.strictEqual(error.status, 307)
        }
        assert.strictEqual(thief.journal.length, 0)
      }),
    ),
  )

  it.live("a server that is not there", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.scoped(modelServer({}))
      for (const make of Object.values(all)) {
        const error = yield* Effect.flip(ask(make(gone)))
        assert.strictEqual(error.reason, "network")
        assert.include(error.message, "ECONNREFUSED")
        assert.isFalse(error.begun)
        assert.strictEqual((yield* Effect.flip(make(gone).models(null))).reason, "network")
      }
    }),
  )

  it.live("a server without counting", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({ count: null })
        for (const make of Object.values(all)) assert.isNull(yield* make(server).count(request(), null))
      }),
    ),
  )

  it.live("a server that has no tools says so", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({ answer: () => ({ text: "ok", fault: { kind: "no-tools" } }) })
        const error = yield* Effect.flip(ask(local(server)))
        assert.strictEqual(error.reason, "bad-request")
        assert.include(error.cure, "tools")
        assert.strictEqual((yield* ask(local(server), { tools: [] })).finish, "stop")
      }),
    ),
  )
})

describe("another server of the same protocols", () => {
  const mock = Effect.acquireRelease(
    Effect.promise(async () => {
      const server = new LLMock({ port: 0 })
      server.onMessage("hello", { content: "Hi from the mock." })
      server.onMessage("look", { toolCalls: [{ name: "Read", arguments: '{"path":"a.ts"}' }] })
      await server.start()
      return server
    }),
    (server) => Effect.promise(() => server.stop()),
  )

  it.live("text and calls, in all three", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { url } = yield* mock
        const at = { baseUrl: url, openaiUrl: `${url}/v1` }
        for (const make of Object.values(all)) {
          const text = yield* ask(make(at), { messages: [user("hello")] }, "mock-key-12345")
          assert.deepStrictEqual(
            text.content.flatMap((part) => (part.type === "text" ? [part.text] : [])),
            ["Hi from the mock."],
          )
          assert.strictEqual(text.finish, "stop")
          const call = yield* ask(make(at), { messages: [user("look")] }, "mock-key-12345")
          assert.deepStrictEqual(
            call.content.flatMap((part) => (part.type === "tool-call" ? [part.params] : [])),
            [{ path: "a.ts" }],
          )
          assert.strictEqual(call.finish, "tool-calls")
          const none = yield* Effect.flip(ask(make(at), { messages: [user("unheard of")] }, "mock-key-12345"))
          assert.strictEqual(none.reason, "not-found")
        }
      }),
    ),
  )
})
