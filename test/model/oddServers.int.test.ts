/** What servers send that is in no book: pieces of calls, numbers that are none, blocks nobody knows. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { modelServer } from "../fixtures/models/server.ts"
import type { Fault } from "../fixtures/models/turns.ts"
import { user } from "./requests.ts"
import { anthropic, ask, events, local } from "./adapterWorld.ts"

const chunk = (delta: unknown, finish: string | null = null, more: object = {}) => ({
  id: "c1",
  object: "chat.completion.chunk",
  model: "tiny",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
})
const tool = (piece: unknown) => ({ tool_calls: [piece] })

describe("local servers", () => {
  const heard = (fault: Fault) =>
    Effect.flatMap(modelServer({ turns: [{ fault }] }), (server) => ask(local(server)))

  it.live(
    "whole calls under one index, arguments as an object, ids missing, 'stop' after calls, no [DONE]",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const answer = yield* heard(
            events(
              chunk(tool({ index: 0, id: "a", function: { name: "Read", arguments: { path: "x" } } })),
              chunk(tool({ index: 0, id: "b", function: { name: "Read", arguments: '{"path":"y"}' } })),
              chunk(tool({ index: 1, function: { name: "List", arguments: "" } })),
              chunk({}, "stop"),
            ),
          )
          const calls = answer.content.flatMap((part) => (part.type === "tool-call" ? [part] : []))
          assert.deepStrictEqual(
            calls.map(({ name, params }) => [name, params]),
            [
              ["Read", { path: "x" }],
              ["Read", { path: "y" }],
              ["List", {}],
            ],
          )
          assert.strictEqual(new Set(calls.map(({ id }) => id)).size, 3)
          assert.isTrue(calls.every(({ id }) => id !== ""))
          assert.strictEqual(answer.finish, "tool-calls")
          assert.isNull(answer.usage)
        }),
      ),
  )

  it.live("pieces without an index, two calls interleaved, the name said each time", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const loose = yield* heard(
          events(
            chunk(tool({ id: "a", function: { name: "Read", arguments: '{"pa' } })),
            chunk(tool({ id: "a", function: { name: "Read", arguments: 'th":"x"}' } })),
            chunk({}, "tool_calls"),
            "[DONE]",
          ),
        )
        assert.deepStrictEqual(
          loose.content.map((part) => part.type === "tool-call" && part.params),
          [{ path: "x" }],
        )
        const interleaved = yield* heard(
          events(
            chunk({ content: "Hm" }),
            chunk(tool({ index: 0, id: "a", function: { name: "Read", arguments: '{"path"' } })),
            chunk(tool({ index: 1, id: "b", function: { name: "Read", arguments: '{"path"' } })),
            chunk(tool({ index: 0, function: { arguments: ':"x"}' } })),
            chunk(tool({ index: 1, function: { arguments: ':"y"}' } })),
            chunk({}, "tool_calls"),
            "[DONE]",
          ),
        )
        assert.deepStrictEqual(
          interleaved.content.map((part) =>
            part.type === "tool-call" ? part.params : "text" in part && part.text,
          ),
          ["Hm", { path: "x" }, { path: "y" }],
        )
      }),
    ),
  )

  it.live("reasoning under either name, usage beside the last choice, numbers that are none", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const answer = yield* heard(
          events(
            chunk({ reasoning: "I " }),
            chunk({ reasoning_content: "think" }),
            chunk({ content: "so" }),
            chunk({}, "stop", { usage: { prompt_tokens: 5, completion_tokens: 2 } }),
            "[DONE]",
          ),
        )
        assert.deepStrictEqual(answer.content, [
          { type: "reasoning", text: "I think" },
          { type: "text", text: "so" },
        ])
        assert.deepStrictEqual(answer.usage, { input: 5, output: 2, cacheRead: 0, cacheWrite: 0 })
        const lying = yield* heard(
          events(
            chunk({ content: "x" }),
            chunk({}, "stop", { usage: { prompt_tokens: -5, completion_tokens: "2" } }),
          ),
        )
        assert.isNull(lying.usage)
      }),
    ),
  )

  it.live("thinking in tags at the beginning of the text, however it is cut; tags behind text are text", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const whole = "\n<think>\nIs a < b? </thin no\n</think>\n\nYes: use <think> with care"
        for (const size of [1, 3, 7, whole.length]) {
          const pieces = whole.match(new RegExp(`[^]{1,${size}}`, "g"))!
          const answer = yield* heard(
            events(...pieces.map((content) => chunk({ content })), chunk({}, "stop"), "[DONE]"),
          )
          assert.deepStrictEqual(
            answer.content,
            [
              { type: "reasoning", text: "\nIs a < b? </thin no\n" },
              { type: "text", text: "Yes: use <think> with care" },
            ],
            `in pieces of ${size}`,
          )
        }
        const called = yield* heard(
          events(
            chunk({ content: "<think>I should look</think>\n" }),
            chunk(tool({ index: 0, id: "a", function: { name: "Read", arguments: "{}" } })),
            chunk({}, "tool_calls"),
          ),
        )
        assert.deepStrictEqual(
          called.content.map(({ type }) => type),
          ["reasoning", "tool-call"],
        )
        const cut = yield* heard(events(chunk({ content: "<think>and on and" }), chunk({}, "length")))
        assert.deepStrictEqual(cut.content, [{ type: "reasoning", text: "and on and" }])
        const short = yield* heard(events(chunk({ content: " <thi" }), chunk({}, "stop")))
        assert.deepStrictEqual(short.content, [{ type: "text", text: " <thi" }])
      }),
    ),
  )

  it.live("a call whose name comes behind its id", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const answer = yield* heard(
          events(
            chunk(tool({ index: 0, id: "a", function: { arguments: "" } })),
            chunk(tool({ index: 0, function: { name: "Read", arguments: '{"path":"x"}' } })),
            chunk({}, "tool_calls"),
          ),
        )
        assert.deepInclude(answer.content[0], { type: "tool-call", name: "Read", params: { path: "x" } })
      }),
    ),
  )

  it.live("chunks of no shape are no answer", () =>
    Effect.scoped(
      Effect.gen(function* () {
        for (const fault of [events("null", "7", "[]"), events({ choices: "x" }), events({ choices: [7] })]) {
          const error = yield* Effect.flip(heard(fault))
          assert.include(["malformed", "network"], error.reason)
        }
      }),
    ),
  )
})

describe("Anthropic", () => {
  it.live("a block nobody knows goes back as it came, if it came whole", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const block = { type: "crystal", facets: [1, 2], deep: { a: null } }
        const server = yield* modelServer({
          turns: [
            {
              fault: events(
                {
                  type: "message_start",
                  message: { id: "m", model: "x", usage: { input_tokens: 1, output_tokens: 1 } },
                },
                { type: "content_block_start", index: 0, content_block: block },
                { type: "content_block_stop", index: 0 },
                { type: "message_delta", delta: { stop_reason: "pause_turn" }, usage: { output_tokens: 3 } },
                { type: "message_stop" },
              ),
            },
            { text: "on it went" },
          ],
        })
        const answer = yield* ask(anthropic(server))
        assert.strictEqual(answer.finish, "pause")
        yield* ask(anthropic(server), {
          messages: [user("Begin."), { role: "assistant", content: answer.content }, user("Go on.")],
        })
        assert.deepStrictEqual(server.journal[1]!.body.messages[1].content, [block])
      }),
    ),
  )

  it.live("what an hour of cache costs is told apart; numbers that are none are not told", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const usage = { input: 1, output: 2, cacheRead: 3, cacheWrite: 10, cacheWriteHour: 4 }
        const server = yield* modelServer({
          turns: [
            { text: "x", usage },
            { text: "x", usage: { input: -1, output: 1.5 } },
          ],
        })
        assert.deepStrictEqual((yield* ask(anthropic(server))).usage, usage)
        assert.isNull((yield* ask(anthropic(server))).usage)
      }),
    ),
  )
})
