/** The daemon's door: what is no client of ours, or not the user's, gets an answer or a closed door; others are served. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { type Claws, clawWorld, until } from "../cli/claws.ts"
import { type Answer, rawClient, request } from "./rawClient.ts"

class Served extends Context.Service<Served, { readonly world: Claws; readonly pid: number }>()(
  "test/Served",
) {}

const served = Layer.effect(
  Served,
  Effect.gen(function* () {
    const world = yield* clawWorld
    const up = yield* world.claw("up")
    assert.strictEqual(up.exit, 0, up.stderr)
    const pid = (yield* world.daemonPid)!
    return { world, pid }
  }),
)

const connect = Effect.flatMap(Served, ({ world }) => rawClient(world.directories.socket))

/** It is the same process, and a client that comes now is served at once. */
const stillServes = Effect.gen(function* () {
  const { world, pid } = yield* Served
  assert.strictEqual(yield* world.daemonPid, pid)
  const client = yield* connect
  const answer = yield* client.ask("Status")
  assert.strictEqual(answer?.exit?._tag, "Success")
}).pipe(Effect.scoped, Effect.timeout("10 seconds"), Effect.orDie)

const pausedIn = (answer: Answer | null): boolean | undefined =>
  (answer?.exit?.value as { readonly paused?: boolean } | undefined)?.paused

const failureOf = (answer: { readonly exit?: { readonly cause?: unknown } } | null) =>
  JSON.stringify(answer?.exit?.cause ?? null)

layer(served, { excludeTestServices: true, timeout: "30 seconds" })("the socket", (it) => {
  it.effect("is the user's alone, like its folder and its token", () =>
    Effect.gen(function* () {
      const { directories } = (yield* Served).world
      const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
      assert.strictEqual(mode(directories.runtime), "700")
      for (const path of [directories.socket, directories.token, directories.lock]) {
        assert.strictEqual(mode(path), "600", path)
      }
      assert.match(readFileSync(directories.token, "utf8"), /^[0-9a-f]{64}$/)
    }),
  )

  it.effect("tells a client of another protocol what to do", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const answer = yield* client.ask("Hello", { version: "9.9.9", protocol: 99 })
      assert.strictEqual(answer?.exit?._tag, "Failure")
      assert.match(failureOf(answer), /BadInput.*protocol 99 \(claw 9\.9\.9\).*claw restart/)
      yield* stillServes
    }),
  )

  it.effect("takes no answer to a question without the token; pausing needs none, resuming does", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const { world } = yield* Served
      const who = { token: "0".repeat(64), surface: "cli", id: "s_1" }
      const asks: ReadonlyArray<readonly [string, unknown]> = [
        ["Approve", { ...who, digests: [], unsandboxed: false }],
        ["Edit", { ...who, actions: [] }],
        ["Reject", { ...who, reason: "" }],
        ["Snooze", { ...who, untilMs: 1 }],
        ["Undo", who],
        ["Trust", { ...who, dir: world.repository, digests: {} }],
      ]
      for (const [tag, payload] of asks) {
        const answer = yield* client.ask(tag, payload)
        assert.include(failureOf(answer), "NeedsPerson", tag)
      }
      const paused = yield* client.ask("Pause", { untilMs: null })
      assert.strictEqual(pausedIn(paused), true)
      assert.include(failureOf(yield* client.ask("Resume", who)), "NeedsPerson")
      const token = readFileSync(world.directories.token, "utf8")
      for (const offered of ["", token.slice(1), `${token}0`, token.toUpperCase().replace("A", "B")]) {
        assert.include(
          failureOf(yield* client.ask("Resume", { token: offered, surface: "cli" })),
          "NeedsPerson",
        )
      }
      const resumed = yield* client.ask("Resume", { token, surface: "cli" })
      assert.strictEqual(pausedIn(resumed), false)
      assert.include(failureOf(yield* client.ask("Reject", { ...who, token, reason: "" })), "NoSuch")
    }),
  )

  const garbage: Readonly<Record<string, string | Uint8Array>> = {
    "no JSON": "hello\n",
    "an HTTP request": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "random bytes": Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 2_654_435_761) % 256)),
    "half a UTF-8 character": Buffer.from([0xe2, 0x82, 0x0a]),
    null: "null\n",
    "a number": "5\n",
    "a string": '"Request"\n',
    "an empty object": "{}\n",
    "an array of nothing": "[]\n[null]\n",
    "an unknown message": '{"_tag":"Surprise"}\n',
    "a request without anything": '{"_tag":"Request"}\n',
    "a request of an unknown call": request("1", "FormatDisk"),
    "a call named like a property": request("1", "__proto__") + request("2", "constructor"),
    "a payload of the wrong kind": request("1", "Show", { id: 7 }) + request("2", "Log", "everything"),
    "headers that are none": '{"_tag":"Request","id":"1","tag":"Status","payload":null,"headers":7}\n',
    "an id that is an object": '{"_tag":"Request","id":{"a":1},"tag":"Status","payload":null,"headers":[]}\n',
    "an interrupt and an ack of nothing":
      '{"_tag":"Interrupt","requestId":"77"}\n{"_tag":"Ack","requestId":"78"}\n',
    "an interrupt without an id": '{"_tag":"Interrupt"}\n{"_tag":"Ack"}\n',
    "deep nesting": `${"[".repeat(200_000)}${"]".repeat(200_000)}\n`,
    "numbers out of range": request("1", "Log", { query: { from: -1e308, limit: -5 }, follow: false }),
    "a limit that is no number":
      '{"_tag":"Request","id":"1","tag":"Log","payload":{"query":{"limit":1e999},"follow":false},"headers":[]}\n',
    "two requests with one id": request("1", "Status") + request("1", "Status"),
    "an end of file": '{"_tag":"Eof"}\n',
    pings: '{"_tag":"Ping"}\n'.repeat(50),
  }
  it.effect(
    "stays open after rubbish of any kind, to those who came before and those who come after",
    () =>
      Effect.gen(function* () {
        const before = yield* connect
        assert.strictEqual((yield* before.ask("Status"))?.exit?._tag, "Success")
        for (const [name, bytes] of Object.entries(garbage)) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const client = yield* connect
              yield* client.send(bytes)
              // what is sent behind it has been seen, or the door was closed
              yield* Effect.timeoutOption(client.ask("Status"), "300 millis")
            }),
          )
          const earlier = yield* before.ask("Status").pipe(Effect.timeoutOption("5 seconds"))
          assert.strictEqual(earlier._tag === "Some" ? earlier.value?.exit?._tag : "nothing", "Success", name)
        }
        yield* stillServes
      }),
    { timeout: 60_000 },
  )

  it.effect(
    "closes the door on a message of 5 MB, with and without an end, and takes one of 3 MB",
    () =>
      Effect.gen(function* () {
        const before = yield* connect
        for (const end of ["\n", ""]) {
          const client = yield* connect
          yield* client.send(
            `{"_tag":"Request","id":"1","tag":"Show","payload":{"id":"${"x".repeat(5e6)}"},"headers":[]}${end}`,
          )
          yield* client.closed.pipe(Effect.timeout("10 seconds"), Effect.orDie)
        }
        const client = yield* connect
        assert.include(failureOf(yield* client.ask("Show", { id: "y".repeat(3e6) })), "NoSuch")
        assert.strictEqual((yield* before.ask("Status"))?.exit?._tag, "Success")
        yield* stillServes
      }),
    { timeout: 30_000 },
  )

  it.effect(
    "serves 200 connections at once, and lets go of them",
    () =>
      Effect.gen(function* () {
        const { pid } = yield* Served
        const files = () => readdirSync(`/proc/${pid}/fd`).length
        const base = files()
        yield* Effect.scoped(
          Effect.gen(function* () {
            const clients = yield* Effect.forEach(Array.from({ length: 200 }), () => connect, {
              concurrency: 20,
            })
            const answers = yield* Effect.forEach(clients, (client) => client.ask("Status"), {
              concurrency: "unbounded",
            })
            assert.isTrue(answers.every((answer) => answer?.exit?._tag === "Success"))
            assert.isAtLeast(files(), 200)
          }),
        )
        yield* until("its files are closed", () => files() <= base + 2)
        yield* stillServes
      }),
    { timeout: 30_000 },
  )

  it.effect(
    "lets go of who stops half-way: half-closed, gone in a message, gone in a stream, never reading",
    () =>
      Effect.gen(function* () {
        const { pid } = yield* Served
        const files = () => readdirSync(`/proc/${pid}/fd`).length
        const base = files()
        yield* Effect.scoped(
          Effect.gen(function* () {
            const half = yield* connect
            half.socket.end(request("1", "Status"))
            yield* half.closed.pipe(Effect.timeout("5 seconds"), Effect.orDie)

            const torn = yield* connect
            yield* torn.send(request("1", "Status").slice(0, 20))
            torn.socket.destroy()

            const following = yield* connect
            yield* following.send(request("1", "Log", { query: {}, follow: true }))
            yield* until("it streams", () => following.answers.length > 0)
            following.socket.destroy()

            const deaf = yield* connect
            deaf.socket.pause()
            for (let n = 0; n < 200; n++)
              yield* deaf.send(request(String(n), "Log", { query: {}, follow: false }))
            yield* stillServes
          }),
        )
        yield* until("its files are closed", () => files() <= base + 2)
        yield* stillServes
      }),
    { timeout: 30_000 },
  )

  it.effect("has said nothing of all this on its own output but warnings, and the log holds", () =>
    Effect.gen(function* () {
      const { world } = yield* Served
      const verify = yield* world.claw("audit", "verify")
      assert.strictEqual(verify.exit, 0, verify.stderr)
      assert.isBelow((yield* world.daemonOutput).length, 200_000)
    }),
  )
})
