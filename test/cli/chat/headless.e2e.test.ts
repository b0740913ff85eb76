/** claw -p and claw ask of the real program: outputs, shapes, exit codes, what waits for a person. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { spawn } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { atTerminal } from "../atTerminal.ts"
import { launcher } from "../../launcher.ts"
import { clawWorld, ndjson, until } from "../claws.ts"
import { type Talk, talkWorld, writeIt } from "./talkWorld.ts"

class Place extends Context.Service<Place, Talk>()("test/Place") {}

const hostile = "evil \u001b[31mred\u0007 \u202etext\tend"
const place = Layer.effect(
  Place,
  talkWorld([
    ["write it", writeIt],
    ["hostile", { text: hostile }],
    ["as json", { text: '{"n":1}' }],
    ["too often", { text: "", fault: { kind: "rate-limit", afterMs: 1 } }],
    ["in a block", { text: '```json\n{"n":2}\n```' }],
    ["wrote", { text: "It is written." }],
    ["again and again", { calls: [{ name: "read_file", input: { path: "README.md" } }] }],
  ]),
)

const claw = (...args: ReadonlyArray<string>) => Effect.flatMap(Place, (world) => world.claw(...args))
const piped = (stdin: string, ...args: ReadonlyArray<string>) =>
  Effect.flatMap(Place, (world) => world.clawWith({ stdin }, ...args))

const resultKeys = [
  "v",
  "type",
  "session",
  "model",
  "ended",
  "message",
  "answer",
  "turns",
  "usage",
  "usd",
  "spent",
  "waiting",
]

layer(place, { excludeTestServices: true, timeout: "60 seconds" })("claw -p", (test) => {
  test.effect("prints the last words, or one object, or everything as it comes", () =>
    Effect.gen(function* () {
      const text = yield* claw("-p", "hello")
      assert.deepStrictEqual([text.exit, text.stdout, text.stderr], [0, "Hello **you**.\n", ""])
      const json = yield* claw("-p", "hello", "--output", "json")
      const [result, more] = ndjson(json.stdout)
      assert.isUndefined(more)
      assert.hasAllKeys(result, resultKeys)
      assert.include(result, { v: 1, type: "result", model: "tiny", ended: "completed", turns: 1 })
      assert.isAbove(result!["usd"] as number, 0)
      const stream = yield* claw("--print", "hello", "--output=stream-json")
      const lines = ndjson(stream.stdout)
      const types = lines.map(({ type }) => type)
      assert.includeMembers(types, ["said", "prepared", "text", "answered", "spent", "rested", "live"])
      assert.strictEqual(types.at(-1), "result")
      for (const one of lines) assert.strictEqual(one["v"], 1)
      const streamed = lines.flatMap((one) => (one["type"] === "text" ? [one["text"]] : [])).join("")
      assert.strictEqual(streamed, "Hello **you**.")
    }),
  )

  test.effect("takes what is piped in as the word, or along with it, and files by name", () =>
    Effect.gen(function* () {
      const { model, write } = yield* Place
      const last = () => JSON.stringify((model.journal.at(-1)!.body as { messages: unknown }).messages)
      assert.strictEqual((yield* piped("only this word\n", "-p")).exit, 0)
      assert.include(last(), "only this word")
      assert.strictEqual((yield* piped("the piped text", "-p", "what is it?")).exit, 0)
      assert.include(last(), "what is it?")
      assert.include(last(), "the piped text")
      yield* write("note.txt", "kept in a file")
      assert.strictEqual((yield* claw("-p", "read @note.txt please")).exit, 0)
      assert.include(last(), "kept in a file")
      assert.strictEqual((yield* claw("-p")).exit, 2)
    }),
  )

  test.effect("says what it waits for where nobody ends the pipe", () =>
    Effect.gen(function* () {
      const { env, repository } = yield* Place
      const exit = yield* Effect.promise(async () => {
        const child = spawn(launcher, ["-p", "hello"], { cwd: repository, env: env as NodeJS.ProcessEnv })
        let told = ""
        child.stderr.on("data", (chunk: Buffer) => {
          told += chunk.toString("utf8")
          if (told.includes("waiting for the end of what is piped in")) child.stdin.end()
        })
        return new Promise((resolve) => child.on("close", resolve))
      })
      assert.strictEqual(exit, 0)
    }),
  )

  test.effect("streams an answer by ask, and lets nothing steer the terminal", () =>
    Effect.gen(function* () {
      const asked = yield* claw("ask", "hello")
      assert.deepStrictEqual([asked.exit, asked.stdout, asked.stderr], [0, "Hello **you**.\n", ""])
      for (const args of [
        ["ask", "hostile"],
        ["-p", "hostile"],
      ]) {
        const { stdout } = yield* claw(...args)
        assert.match(stdout, /^evil .*red.*text\tend\n$/)
        // eslint-disable-next-line no-control-regex
        assert.notMatch(stdout, /[\u0000-\u0008\u000b-\u001f\u202e]/)
      }
    }),
  )

  test.effect("answers by a schema, and keeps to limits and to a list of tools", () =>
    Effect.gen(function* () {
      const { model, root } = yield* Place
      const file = join(root, "schema.json")
      writeFileSync(
        file,
        JSON.stringify({ type: "object", properties: { n: { type: "number" } }, required: ["n"] }),
      )
      const json = yield* claw("-p", "as json", "--schema", file, "--output", "json")
      assert.deepStrictEqual(ndjson(json.stdout)[0]!["structured"], { n: 1 }, json.stderr)
      writeFileSync(file, "no json")
      assert.strictEqual((yield* claw("-p", "as json", "--schema", file)).exit, 2)
      const turns = yield* claw("-p", "again and again", "--max-turns", "1", "--output", "json")
      assert.strictEqual(turns.exit, 1)
      assert.strictEqual(ndjson(turns.stdout)[0]!["ended"], "steps")
      assert.strictEqual((yield* claw("-p", "x", "--max-turns", "0")).exit, 2)
      yield* claw("-p", "hello", "--tools", "read_file")
      const { tools } = model.journal.at(-1)!.body as {
        readonly tools: ReadonlyArray<{ readonly function: { readonly name: string } }>
      }
      const names = tools.map((one) => one.function.name)
      const strange = yield* claw("-p", "hello", "--tools", "read_file,read_fil")
      assert.deepStrictEqual([strange.exit, strange.stdout], [1, ""])
      assert.match(strange.stderr, /no tool is called read_fil: did you mean read_file\?/)
      assert.include(names, "read_file")
      assert.notInclude(names, "write_file")
      assert.isAtMost(names.length, 3)
    }),
  )

  test.effect("exits 6 with the id where a person is needed, and goes on once one has answered", () =>
    Effect.gen(function* () {
      const world = yield* Place
      const asked = yield* claw("-p", "write it", "--output", "json")
      assert.strictEqual(asked.exit, 6)
      const result = ndjson(asked.stdout)[0]!
      assert.strictEqual(result["ended"], "waiting")
      const [{ id }] = result["waiting"] as readonly [{ readonly id: string }]
      assert.include(asked.stderr, `claw approve ${id}`)
      assert.isFalse(existsSync(join(world.repository, "hello.txt")))

      const waiting = yield* Effect.forkChild(claw("-p", "write it", "--wait"))
      const second = Effect.map(world.claw("queue", "--json"), ({ stdout }) =>
        ndjson(stdout).find((row) => row["id"] !== id && row["state"] === "pending"),
      )
      yield* until(
        "it asks",
        Effect.map(second, (row) => row !== undefined),
      )
      const other = String((yield* second)!["id"])
      const approved = yield* atTerminal(world, `approve ${other}`, "y\n")
      assert.strictEqual(approved.exit, 0, approved.shown)
      const ended = yield* Fiber.join(waiting)
      assert.strictEqual(ended.exit, 0, ended.stderr)
      assert.strictEqual(readFileSync(join(world.repository, "hello.txt"), "utf8"), "hello\nworld\n")
    }),
  )

  test.effect("goes on in a conversation by its id, and says which is not there", () =>
    Effect.gen(function* () {
      const { model } = yield* Place
      const first = ndjson((yield* claw("-p", "hello", "--output", "json")).stdout)[0]!
      const again = yield* claw("-p", "--resume", String(first["session"]), "and more", "--output", "json")
      assert.strictEqual(ndjson(again.stdout)[0]!["session"], first["session"])
      const { messages } = model.journal.at(-1)!.body as { readonly messages: ReadonlyArray<unknown> }
      assert.include(JSON.stringify(messages), "hello")
      const none = yield* claw("-p", "--resume", "c_nosuch00", "x")
      assert.strictEqual(none.exit, 4)
      assert.match(none.stderr, /no such conversation: c_nosuch00/)
    }),
  )

  test.effect(
    "thinks as hard as is said, by the flag, the command or the settings, where the model thinks",
    () =>
      Effect.gen(function* () {
        const { model } = yield* Place
        const effort = () => model.journal.at(-1)!.body["reasoning_effort"]
        const thinker = ["--model", "local/thinker"]
        yield* claw("-p", "hello", ...thinker)
        assert.isUndefined(effort())
        yield* claw("-p", "hello", ...thinker, "--effort", "high")
        assert.strictEqual(effort(), "high")
        yield* claw("-p", "--resume", "latest", "more")
        assert.strictEqual(effort(), "high", "it stays")
        yield* claw("-p", "--resume", "latest", "more", "--effort", "low")
        assert.strictEqual(effort(), "low")
        yield* claw("-p", "hello", "--effort", "high")
        assert.isUndefined(effort(), "a model that does not think is asked without")
        yield* claw("--resume", "latest", "/config models.effort medium")
        yield* claw("-p", "hello", ...thinker)
        assert.strictEqual(effort(), "medium")
        assert.strictEqual((yield* claw("-p", "hello", "--effort", "hard")).exit, 2)
      }),
  )

  test.effect("says on the other stream that it is asked again, and at the end why it failed", () =>
    Effect.gen(function* () {
      const { exit, stderr, stdout } = yield* claw("-p", "too often")
      assert.deepStrictEqual([exit, stdout], [1, ""])
      const lines = stderr.trimEnd().split("\n")
      assert.match(lines[0]!, /^asked again in \d s \(local: answered 429.*\), local\/tiny$/)
      assert.match(lines.at(-1)!, /^claw: local: answered 429.*: /)
    }),
  )

  test.effect("says when a conversation comes near what it may cost", () =>
    Effect.gen(function* () {
      const opened = yield* claw("-p", "hello", "--output", "json")
      const { session, usd } = ndjson(opened.stdout)[0]! as unknown as {
        readonly session: string
        readonly usd: number
      }
      yield* claw("--resume", session, `/config budgets.warnAt 0.1`)
      // two more of the same, with room for the worst of a third
      yield* claw("--resume", session, `/config budgets.sessionUsd ${usd * 20}`)
      const near = yield* claw("-p", "--resume", session, "hello", "--output", "stream-json")
      const warned = ndjson(near.stdout).find(({ type }) => type === "warned")
      assert.deepInclude(warned, { what: `the conversation ${session}`, limitUsd: usd * 20 })
      yield* claw("--resume", session, "/config budgets.sessionUsd 2")
    }),
  )

  test.effect("takes limits and a form also for a conversation that goes on", () =>
    Effect.gen(function* () {
      const { root } = yield* Place
      const file = join(root, "form.json")
      writeFileSync(
        file,
        JSON.stringify({ type: "object", properties: { n: { type: "number" } }, required: ["n"] }),
      )
      yield* claw("-p", "hello")
      const on = ["-p", "--resume", "latest", "--output", "json"]
      const turns = yield* claw(...on, "again and again", "--max-turns", "1")
      assert.strictEqual(ndjson(turns.stdout)[0]!["ended"], "steps")
      const form = yield* claw(...on, "in a block", "--schema", file, "--max-turns", "9")
      assert.include(ndjson(form.stdout)[0], { ended: "completed", turns: 1 })
      assert.deepStrictEqual(ndjson(form.stdout)[0]!["structured"], { n: 2 })
      const misfit = yield* claw(...on, "hello")
      assert.strictEqual(ndjson(misfit.stdout)[0]!["ended"], "failed", "the form stays")
    }),
  )

  test.effect("without a model says what to do and opens nothing", () =>
    Effect.gen(function* () {
      const bare = yield* clawWorld
      const ran = yield* bare.claw("-p", "hello")
      assert.strictEqual(ran.exit, 1)
      assert.strictEqual(ran.stdout, "")
      assert.match(ran.stderr, /model/)
      assert.strictEqual((yield* bare.claw("chat")).exit, 6)
      const log = yield* bare.claw("log", "--type", "session.*", "--json")
      assert.strictEqual(log.stdout, "")
    }).pipe(Effect.scoped),
  )
})
