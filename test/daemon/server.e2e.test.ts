/** The daemon's door: what is no client of ours, or not the user's, gets an answer or a closed door; others are served. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { type Claws, clawWorld, until } from "../cli/claws.ts"
import { limits } from "../../src/daemon/door.ts"
import { protocol } from "../../src/rpc/ClawRpcs.ts"
import { type Answer, bareClient, hello, rawClient, request } from "./rawClient.ts"

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

const connectBare = Effect.flatMap(Served, ({ world }) => bareClient(world.directories.socket))

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

  it.effect(
    "tells a client of another protocol what to do, and one without the secret; both are sent away",
    () =>
      Effect.gen(function* () {
        const { world } = yield* Served
        const good = hello(world.directories.socket)
        const wrong: ReadonlyArray<readonly [object, RegExp]> = [
          [
            { ...good, version: "9.9.9", protocol: 99 },
            /BadInput.*protocol 99 \(claw 9\.9\.9\).*claw restart/,
          ],
          [{ version: "9.9.9", protocol: 1 }, /BadInput.*protocol 1 .*claw restart/],
          [{ ...good, token: "0".repeat(64) }, /NeedsPerson/],
          [{ ...good, token: "" }, /NeedsPerson/],
          [{ version: good.version, protocol: good.protocol }, /NeedsPerson/],
        ]
        for (const [offered, said] of wrong) {
          const client = yield* connectBare
          assert.match(failureOf(yield* client.ask("Hello", offered)), said)
          yield* client.closed.pipe(Effect.timeout("5 seconds"), Effect.orDie)
        }
        yield* stillServes
      }),
  )

  it.effect("takes no call before the handshake of its own connection succeeded", () =>
    Effect.gen(function* () {
      const first: Readonly<Record<string, string>> = {
        "a call that only looks": request("1", "Status"),
        "the kill switch": request("1", "Pause", { untilMs: null }),
        "a call that stops the daemon": request("1", "Shutdown", { reason: "me" }),
        "a call behind a handshake that fails":
          request("1", "Hello", { version: "test", protocol, token: "" }) +
          request("2", "Pause", { untilMs: null }),
        "an end of file": '{"_tag":"Eof"}\n',
        "an acknowledgement": '{"_tag":"Ack","requestId":"1"}\n',
        "much of nothing": `${" ".repeat(limits.helloBytes)}\n\n`,
      }
      for (const [name, bytes] of Object.entries(first)) {
        const client = yield* connectBare
        yield* client.send(bytes)
        yield* client.closed.pipe(
          Effect.timeoutOrElse({ duration: "5 seconds", orElse: () => Effect.die(new Error(name)) }),
        )
        assert.isFalse(
          client.answers.some((answer) => answer.exit?._tag === "Success" && answer.requestId === "2"),
          name,
        )
      }
      const client = yield* connect
      const status = yield* client.ask("Status")
      assert.strictEqual(pausedIn(status), false)
      yield* stillServes
    }),
  )

  it.effect("takes no answer to a question without the token; pausing needs none, resuming does", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const { world } = yield* Served
      const who = { token: "0".repeat(64), surface: "cli", id: "s_1" }
      const asks: ReadonlyArray<readonly [string, unknown]> = [
        ["Approve", { ...who, digests: [], plans: [], unsandboxed: false }],
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
      const secret = readFileSync(world.directories.token, "utf8")
      const other = yield* connect
      const used = other.proof()
      assert.include(failureOf(yield* other.ask("Reject", { ...who, token: used, reason: "" })), "NoSuch")
      const [session, number, mac] = client.proof().split(".") as [string, string, string]
      const offers = {
        nothing: "",
        "the secret itself": secret,
        "half a proof": `${session}.${number}`,
        "another number": `${session}.${Number(number) + 1}.${mac}`,
        "another session": `${"0".repeat(32)}.${number}.${mac}`,
        "no mac": `${session}.${number}.${"0".repeat(64)}`,
        "a proof that was used": used,
      }
      for (const [name, offered] of Object.entries(offers)) {
        const answer = yield* client.ask("Resume", { token: offered, surface: "cli" })
        assert.include(failureOf(answer), "NeedsPerson", name)
      }
      const token = client.proof()
      const resumed = yield* client.ask("Resume", { token, surface: "cli" })
      assert.strictEqual(pausedIn(resumed), false)
      assert.include(failureOf(yield* client.ask("Resume", { token, surface: "cli" })), "NeedsPerson")
      const fresh = { ...who, token: client.proof(), reason: "" }
      assert.include(failureOf(yield* client.ask("Reject", fresh)), "NoSuch")
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
              const bare = yield* connectBare
              yield* bare.send(bytes)
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
    { timeout: 60_000 },
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
    { timeout: 60_000 },
  )

  it.effect(
    "takes so many connections and no more, and those who have one go on",
    () =>
      Effect.gen(function* () {
        const { pid } = yield* Served
        const files = () => readdirSync(`/proc/${pid}/fd`).length
        const base = files()
        const before = yield* connect
        yield* Effect.scoped(
          Effect.gen(function* () {
            const crowd = yield* Effect.forEach(Array.from({ length: 1_000 }), () => connectBare, {
              concurrency: 50,
            })
            const ended = (client: (typeof crowd)[number]) =>
              client.socket.destroyed || client.socket.readableEnded
            yield* until(
              "those beyond the bound are sent away",
              () => crowd.filter(ended).length >= 1_000 - limits.connections,
            )
            assert.isAtMost(files(), base + limits.connections + 20)
            assert.strictEqual((yield* before.ask("Status"))?.exit?._tag, "Success")
          }),
        )
        yield* until("its files are closed", () => files() <= base + 2)
        yield* stillServes
      }),
    { timeout: 60_000 },
  )

  it.effect(
    "holds so much of messages that do not end and no more, and serves the others",
    () =>
      Effect.gen(function* () {
        const before = yield* connect
        const part = "x".repeat(limits.message - 1024)
        const many = Math.ceil(limits.held / part.length) + 3
        yield* Effect.scoped(
          Effect.gen(function* () {
            const greedy = yield* Effect.forEach(Array.from({ length: many }), () => connect)
            for (const client of greedy) yield* client.send(part)
            const ended = () => greedy.filter(({ socket }) => socket.destroyed || socket.readableEnded).length
            yield* until("the bound is kept", () => ended() > 0)
            assert.isBelow(ended(), many, "who was within it stays")
            assert.strictEqual((yield* before.ask("Status"))?.exit?._tag, "Success")
          }),
        )
        yield* stillServes
      }),
    { timeout: 60_000 },
  )

  it.effect(
    "waits for no handshake for ever, however slowly it comes",
    () =>
      Effect.gen(function* () {
        const { world } = yield* Served
        const silent = yield* connectBare
        const slow = yield* connectBare
        const bytes = request("1", "Hello", hello(world.directories.socket))
        const dripping = yield* Effect.forkScoped(
          Effect.forEach(bytes, (byte) => Effect.andThen(slow.send(byte), Effect.sleep("400 millis"))),
        )
        yield* Effect.all([silent.closed, slow.closed], { concurrency: 2 }).pipe(
          Effect.timeout(limits.helloMs + 10_000),
          Effect.orDie,
        )
        dripping.interruptUnsafe()
        assert.lengthOf(slow.answers, 0)
        yield* stillServes
      }),
    { timeout: 60_000 },
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
    { timeout: 60_000 },
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
