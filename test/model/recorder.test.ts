/** What is recorded of a request, read back, and replayed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ModelMessage, ModelRequest } from "../../src/domain/modelRequest.ts"
import { ModelLog } from "../../src/model/ModelLog.ts"
import { Models } from "../../src/model/Models.ts"
import {
  type Base,
  canonicalJson,
  canonicalOf,
  readRecord,
  recordOf,
  requestFrom,
} from "../../src/model/recorder.ts"
import { replayModels, replayProvider, requestDifference } from "../../src/model/recorderReplay.ts"
import { asks, boot, failure, hurried, says, textParts } from "./modelWorld.ts"

const user = (text: string): ModelMessage => ({ role: "user", content: [{ type: "text", text }] })
const said = (text: string): ModelMessage => ({ role: "assistant", content: [{ type: "text", text }] })

const turn = (n: number): ModelRequest =>
  asks("", {
    messages: [
      { role: "system", content: "Be brief." },
      ...Array.from({ length: n }, (_, at) => [user(`question ${at}`), said(`answer ${at}`)]).flat(),
      user("and now?"),
    ],
  })

describe("the canonical form", () => {
  it("is the same text and digest whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        assert.strictEqual(canonicalJson(JSON.parse(text)), text)
      }),
      { numRuns: 200 },
    )
    const request = turn(3)
    const { digest, bytes } = canonicalOf(request)
    const hashOf = (text: string) => createHash("sha256").update(text).digest("hex")
    const { messages, tools, ...others } = request
    const hashes = [...messages, tools].map((part) => hashOf(canonicalJson(part)))
    assert.strictEqual(digest, hashOf([...hashes, canonicalJson(others)].join("\n")))
    assert.strictEqual(bytes, Buffer.byteLength(canonicalJson(request)))
    const turned = Object.fromEntries(Object.entries(request).reverse()) as unknown as ModelRequest
    assert.strictEqual(canonicalOf(turned).digest, digest)
    assert.notStrictEqual(canonicalOf({ ...request, maxOutput: 7 }).digest, digest)
  })

  it("leaves a vendor's signature and a picture as they are", () => {
    const messages: ReadonlyArray<ModelMessage> = [
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm", options: { anthropic: { signature: "EqQBCkgIBRABGAIiQ" } } },
        ],
      },
      { role: "user", content: [{ type: "file", mediaType: "image/png", data: "iVBORw0KGgo=" }] },
    ]
    assert.deepStrictEqual(canonicalOf(asks("", { messages })).request.messages, messages)
  })

  it("takes secrets out of a block that nobody knows, but for its seals, and out of a call's parameters of any name", () => {
    const key = `sk-ant-api03-${"kQ7vT2mZx9Lp4RwB8sYc".repeat(4)}`
    const block = {
      type: "shell_tool_result",
      content: [{ type: "text", text: `export KEY=${key}` }],
      encrypted_content: key,
    }
    const asked = canonicalOf(
      asks("", {
        messages: [
          {
            role: "assistant",
            content: [
              { type: "reasoning", text: "", options: { anthropic: { block, signature: key } } },
              {
                type: "tool-call",
                id: "c",
                name: "ask",
                params: { options: [key] },
              },
            ],
          },
        ],
      }),
    )
    const [reasoning, call] = asked.request.messages[0]!.content as ReadonlyArray<Record<string, unknown>>
    const own = (reasoning!["options"] as { anthropic: { block: typeof block; signature: string } }).anthropic
    assert.notInclude(own.block.content[0]!.text, key)
    assert.strictEqual(own.block.encrypted_content, key)
    assert.strictEqual(own.signature, key)
    assert.notInclude(JSON.stringify((call!["params"] as { options: unknown }).options), key)
    assert.deepStrictEqual(canonicalOf(asked.request).messages, asked.messages)
  })
})

describe("records", () => {
  it("of a conversation of n turns grow with n and not with its square, and give each request back", () => {
    const sizes: Array<number> = []
    let base: Base | null = null
    const chain: Array<ReturnType<typeof readRecord>> = []
    for (let n = 0; n < 60; n++) {
      const canonical = canonicalOf(turn(n))
      const blob = recordOf(canonical, base)
      sizes.push(blob.byteLength)
      const record = readRecord(blob)
      assert.isNotNull(record)
      // each rests on the one before, so its chain is all up to it
      chain.push(record)
      assert.deepStrictEqual(requestFrom(chain.map((one) => one!)), turn(n))
      base = { call: `m_${n}`, messages: canonical.messages, rest: canonical.rest }
    }
    assert.isBelow(sizes[59]!, sizes[1]! * 1.5)
    assert.isBelow(sizes[59]!, canonicalOf(turn(59)).bytes / 10)
  })

  it("say again what changed: tools, or an earlier message", () => {
    const first = canonicalOf(turn(2))
    const base = { call: "m_0", messages: first.messages, rest: first.rest }
    const other = { ...turn(3), maxOutput: 5 }
    const record = readRecord(recordOf(canonicalOf(other), base))!
    assert.deepStrictEqual(record.rest, { maxOutput: 5 })
    assert.deepStrictEqual(requestFrom([readRecord(recordOf(first, null))!, record]), other)
    const unlike = readRecord(recordOf(canonicalOf(asks("x", { messages: [user("y")] })), base))!
    assert.isNull(unlike.base)
  })

  it("say anew what stands behind a message that changed, and a digest notices it", () => {
    const before = turn(4)
    const first = canonicalOf(before)
    const base = { call: "m_0", messages: first.messages, rest: first.rest }
    const changed = before.messages.map((one, at) => (at === 6 ? said("another answer") : one))
    const now = canonicalOf({ ...before, messages: changed })
    assert.notStrictEqual(now.digest, first.digest)
    const record = readRecord(recordOf(now, base))!
    assert.deepStrictEqual(record.base, { call: "m_0", keep: 6 })
    assert.deepStrictEqual(requestFrom([readRecord(recordOf(first, null))!, record])!.messages, [...changed])
    // as many letters, in the same messages, in another order
    const turned = before.messages.with(1, before.messages[3]!).with(3, before.messages[1]!)
    assert.notStrictEqual(canonicalOf({ ...before, messages: turned }).digest, first.digest)
  })

  it("begin anew where less than half is as it was: after a compaction", () => {
    const first = canonicalOf(turn(40))
    const base = { call: "m_0", messages: first.messages, rest: first.rest }
    const short = turn(40).messages.slice(0, 1)
    const after = { ...turn(40), messages: [...short, user("a summary of all that was said so far")] }
    const record = readRecord(recordOf(canonicalOf(after), base))!
    assert.isNull(record.base)
    assert.deepStrictEqual(requestFrom([record]), after)
  })

  it("that do not fit together give nothing", () => {
    assert.isNull(readRecord(Buffer.from("{}")))
    assert.isNull(requestFrom([{ base: { call: "m_0", keep: 3 }, messages: [], rest: {} }]))
  })
})

describe("replay", () => {
  const recorded = (script: Parameters<typeof boot>[1]) =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), script)
      const replays = yield* Models.pipe(
        Effect.provide(replayModels.pipe(Layer.provide(Layer.succeed(ModelLog, world.log)))),
      )
      return { world, replays }
    })

  it.live("answers from the log by what brought the call about, and sends nothing", () =>
    Effect.gen(function* () {
      const { replays, world } = yield* recorded((_, n) =>
        n === 1 ? Stream.fail(failure("overloaded")) : says("A cat."),
      )
      const call = yield* world.call()
      const answered = yield* world.models.answer(call)
      assert.strictEqual((yield* replays.answer(call)).id, answered.id)
      assert.lengthOf(world.sent, 2)
    }).pipe(hurried),
  )

  it.live("says which message of a changed prompt differs first", () =>
    Effect.gen(function* () {
      const { replays, world } = yield* recorded(() => says("A cat."))
      const call = yield* world.call({ request: turn(2) })
      yield* world.models.answer(call)
      const messages = turn(2).messages.map((one, at) => (at === 3 ? user("another question") : one))
      const error = yield* Effect.flip(replays.answer({ ...call, request: { ...turn(2), messages } }))
      assert.strictEqual(error.reason, "bad-request")
      assert.match(error.message, /m_[0-9a-f]{16}: message 4 \(user\) differs$/)
      const never = yield* Effect.flip(replays.answer({ ...call, purpose: "title" }))
      assert.include(never.message, "no such call")
    }).pipe(hurried),
  )

  it.live("by a provider gives the answers of a digest in their order, and failures as they were", () =>
    Effect.gen(function* () {
      const { world } = yield* recorded((_, n) =>
        n === 2 ? Stream.fail(failure("bad-request", { status: 400 })) : says(`${n}`),
      )
      const causes = [yield* world.call(), yield* world.call({ request: asks("bad") }), yield* world.call()]
      for (const call of causes) yield* Effect.ignore(world.models.answer(call))
      const calls = (yield* Effect.forEach(causes, ({ cause }) => world.log.callsOf(cause))).flat()
      const provider = replayProvider("anthropic", calls, world.log.requestOf)
      const texts = (request: ModelRequest) =>
        Effect.map(Stream.runCollect(provider.stream(request, null)), (parts) =>
          parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : [])).join(""),
        )
      assert.strictEqual(yield* texts(asks("What is it?")), "1")
      assert.strictEqual(yield* texts(asks("What is it?")), "3")
      const failed = yield* Effect.flip(texts(asks("bad")))
      assert.deepInclude(failed, { reason: "bad-request", status: 400 })
      const changed = yield* Effect.flip(texts(asks("What is that?")))
      assert.include(changed.message, "message 2 (user) differs")
    }).pipe(hurried),
  )

  it("tells a difference of tools and settings by name", () => {
    const tool = (name: string) => ({ name, description: name, inputSchema: {} })
    const before = canonicalOf({ ...turn(1), tools: [tool("bash"), tool("git")] })
    const of = (more: Partial<ModelRequest>) =>
      requestDifference(before, canonicalOf({ ...before.request, ...more }))
    assert.deepStrictEqual(of({}), [])
    assert.deepStrictEqual(of({ tools: [tool("bash"), tool("lsp")] }), ["the tools git, lsp"])
    assert.deepStrictEqual(of({ tools: [tool("git"), tool("bash")] }), ["the order of the tools"])
    assert.deepStrictEqual(of({ effort: "high" }), ["effort"])
    assert.deepStrictEqual(of({ messages: turn(1).messages.slice(0, 2) }), ["message 3 (assistant) is gone"])
    assert.deepStrictEqual(of({ messages: turn(0).messages.concat(turn(1).messages) }), [
      "message 2 (user) differs",
    ])
  })
})

describe("an answer", () => {
  it.live("holds no secret that the model wrote", () =>
    Effect.gen(function* () {
      const secret = `ghp_${"a1B2c3D4e5F6g7H8i9".repeat(2)}`
      const world = yield* boot(memoryBackend(), () => Stream.fromIterable(textParts([`use ${secret}`])))
      const { payload } = yield* world.models.answer(yield* world.call())
      assert.notInclude(JSON.stringify(payload.content), secret)
    }).pipe(hurried),
  )
})
