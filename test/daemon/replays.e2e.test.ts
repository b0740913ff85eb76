/**
 * What was sent once approves once. Frames recorded from a real client are sent again, byte for byte: on the same connection,
 * on another one, after the question changed and changed back, after a kill and a restart. And of many answers at once, one
 * counts; a person who is gone is not said to look.
 */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { EventRecord } from "../../src/domain/event.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import type { Detail, Status } from "../../src/rpc/shapes.ts"
import { shownIn } from "../../src/rpc/shown.ts"
import { type Claws, clawWorld, gone, until } from "../cli/claws.ts"
import { race } from "./racing.ts"
import { type Answer, bareClient, hello, rawClient, type RawClient, request } from "./rawClient.ts"

class Served extends Context.Service<Served, Claws>()("test/Served") {}

const served = Layer.effect(
  Served,
  Effect.gen(function* () {
    const world = yield* clawWorld
    const up = yield* world.claw("up")
    assert.strictEqual(up.exit, 0, up.stderr)
    return world
  }),
)

const connect = Effect.flatMap(Served, ({ directories }) => rawClient(directories.socket))
const valueOf = <A>(answer: Answer | null): A => {
  assert.strictEqual(answer?.exit?._tag, "Success", JSON.stringify(answer))
  return answer!.exit!.value as A
}
const failureOf = (answer: Answer | null): string => JSON.stringify(answer?.exit?.cause ?? answer)

const write = (path: string, content: string) => ({ tool: "write_file", input: { path, content } })

const ask = Effect.fnUntraced(function* (client: RawClient, call: object) {
  const { repository } = yield* Served
  const payload = { token: client.proof(), surface: "cli", dir: repository, calls: [call] }
  const { suggestion, state } = valueOf<{ readonly suggestion: string; readonly state: string }>(
    yield* client.ask("RequestCalls", payload),
  )
  assert.strictEqual(state, "asking")
  return suggestion
})
const shown = (client: RawClient, id: string) =>
  Effect.map(client.ask("Show", { id }), (answer) => shownIn(valueOf<Detail>(answer)))
const stateOf = (client: RawClient, id: string) =>
  Effect.map(client.ask("Show", { id }), (answer) => valueOf<Detail>(answer).suggestion.state)

/** Sends bytes that were sent before, and waits for what comes of the call with this number. */
const resend = (client: RawClient, bytes: string, id: string) =>
  Effect.gen(function* () {
    const before = client.answers.length
    yield* client.send(bytes)
    const found = () =>
      client.answers.slice(before).find((answer) => answer._tag === "Exit" && String(answer.requestId) === id)
    yield* until("it is answered", () => found() !== undefined)
    return found()!
  })

layer(served, { excludeTestServices: true, timeout: "60 seconds" })("what was recorded", (it) => {
  it.effect(
    "approves nothing again: not on its own connection, not as a whole on another, not with parts exchanged",
    () =>
      Effect.gen(function* () {
        const world = yield* Served
        const client = yield* connect
        const id = yield* ask(client, write("a.txt", "one"))
        const seen = yield* shown(client, id)
        const frame = request("901", "Approve", { id, ...seen, token: client.proof(), surface: "tui" })
        assert.strictEqual(valueOf<Suggestion>(yield* resend(client, frame, "901")).state, "approved")
        valueOf(yield* client.ask("Await", { id }))
        assert.include(failureOf(yield* resend(client, frame, "901")), "NeedsPerson")

        // the same question once more, so that all but the proof would do
        const again = yield* ask(client, write("b.txt", "one"))
        const other = yield* shown(client, again)
        const mixed = frame
          .replace(id, again)
          .replace(seen.digests[0]!, other.digests[0]!)
          .replace(seen.plans[0]!, other.plans[0]!)
        assert.include(failureOf(yield* resend(client, mixed, "901")), "NeedsPerson")
        const replayed = yield* bareClient(world.directories.socket)
        const whole = request("900", "Hello", hello(world.directories.socket)) + mixed
        assert.include(failureOf(yield* resend(replayed, whole, "901")), "NeedsPerson")
        assert.strictEqual(yield* stateOf(client, again), "pending")
        assert.isFalse(existsSync(join(world.repository, "b.txt")))
      }).pipe(Effect.scoped),
  )

  it.effect("approves nothing after an edit took the question away and another brought it back", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const id = yield* ask(client, write("c.txt", "one"))
      const seen = yield* shown(client, id)
      const edit = (content: string) =>
        client.ask("Edit", { id, actions: [write("c.txt", content)], token: client.proof(), surface: "cli" })
      valueOf(yield* edit("two"))
      const frame = request("901", "Approve", { id, ...seen, token: client.proof(), surface: "tui" })
      assert.include(failureOf(yield* resend(client, frame, "901")), "Stale")
      valueOf(yield* edit("one"))
      assert.deepStrictEqual((yield* shown(client, id)).digests, seen.digests)
      assert.include(failureOf(yield* resend(client, frame, "901")), "NeedsPerson")
      assert.strictEqual(yield* stateOf(client, id), "pending")
    }).pipe(Effect.scoped),
  )

  it.effect("approves nothing once its connection is gone, though nothing was ever done with it", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const id = yield* ask(client, write("d.txt", "one"))
      const seen = yield* shown(client, id)
      const { frame, probes } = yield* Effect.scoped(
        Effect.map(connect, (lost) => ({
          frame: request("901", "Approve", { id, ...seen, token: lost.proof(), surface: "tui" }),
          // of nothing that is there: what they are refused for tells whether the connection is known still
          probes: Array.from({ length: 200 }, (_, n) =>
            request(String(1000 + n), "Reject", {
              id: "s_none",
              reason: "",
              token: lost.proof(),
              surface: "tui",
            }),
          ),
        })),
      )
      let probe = 0
      yield* until(
        "the connection is forgotten",
        Effect.suspend(() => {
          const n = probe++
          return Effect.map(resend(client, probes[n]!, String(1000 + n)), (answer) =>
            failureOf(answer).includes("NeedsPerson"),
          )
        }),
      )
      assert.include(failureOf(yield* resend(client, frame, "901")), "NeedsPerson")
      assert.strictEqual(yield* stateOf(client, id), "pending")
    }).pipe(Effect.scoped),
  )

  it.effect("of ten who approve at once one wins, and what was approved runs once", () =>
    Effect.gen(function* () {
      const world = yield* Served
      const found = yield* race(world, { races: 15, clients: 10 })
      assert.deepInclude(found, { none: 0, several: 0, untold: 0, ran: 15 })
    }).pipe(Effect.scoped),
  )

  it.effect("a screen that is killed looks no longer", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const looking = Effect.map(
        client.ask("Log", { query: { types: ["daemon.health"] }, follow: false }),
        () =>
          client.answers
            .flatMap((answer) =>
              answer._tag === "Chunk" ? (answer["values"] as Array<Array<EventRecord>>).flat() : [],
            )
            .map(
              ({ payload }) =>
                payload as { readonly component: string; readonly state: string; readonly detail: string },
            )
            .filter(({ component }) => component === "client:tui")
            .at(-1),
      )
      const [one, two] = [yield* connect, yield* connect]
      for (const screen of [one, two])
        valueOf(yield* screen.ask("Presence", { surface: "tui", present: true }))
      assert.strictEqual((yield* looking)?.state, "running")
      one.socket.destroy()
      valueOf<Status>(yield* client.ask("Status"))
      assert.strictEqual((yield* looking)?.state, "running", "another one is still open")
      two.socket.destroy()
      yield* until(
        "it is said",
        Effect.map(looking, (said) => said?.state === "stopped" && said.detail === "its connection ended"),
      )
    }).pipe(Effect.scoped),
  )

  it.effect(
    "a kill in the middle: it is not run again by itself, nor by its own frames; a retry is another call",
    () =>
      Effect.gen(function* () {
        const world = yield* Served
        const runs = join(world.repository, "runs.txt")
        writeFileSync(join(world.repository, "slow.sh"), "echo x >> runs.txt\ntest -e go || sleep 60\n")
        const first = yield* connect
        const id = yield* ask(first, { tool: "bash", input: { command: "sh slow.sh" } })
        const seen = yield* shown(first, id)
        const frame = request("901", "Approve", { id, ...seen, token: first.proof(), surface: "tui" })
        valueOf(yield* resend(first, frame, "901"))
        yield* until("it runs", () => existsSync(runs))
        const pid = (yield* world.daemonPid)!
        process.kill(pid, "SIGKILL")
        yield* gone(pid)
        writeFileSync(join(world.repository, "go"), "")
        assert.strictEqual((yield* world.claw("up")).exit, 0)

        const client = yield* connect
        yield* until(
          "it is settled",
          Effect.map(stateOf(client, id), (state) => state === "failed"),
        )
        assert.include(failureOf(yield* resend(client, frame, "901")), "NeedsPerson")
        const fresh = { id, ...seen, token: client.proof(), surface: "tui" }
        assert.include(failureOf(yield* client.ask("Approve", fresh)), "Stale")

        const retried = yield* client.ask("Retry", { id, token: client.proof(), surface: "cli" })
        const { suggestion, state } = valueOf<{ readonly suggestion: string; readonly state: string }>(
          retried,
        )
        assert.strictEqual(state, "asking")
        const twice = yield* client.ask("Retry", { id, token: client.proof(), surface: "cli" })
        assert.include(failureOf(twice), `once more already as ${suggestion}`)
        const now = yield* shown(client, suggestion)
        valueOf(
          yield* client.ask("Approve", { id: suggestion, ...now, token: client.proof(), surface: "cli" }),
        )
        assert.strictEqual(valueOf<Suggestion>(yield* client.ask("Await", { id: suggestion })).state, "done")
        assert.strictEqual(readFileSync(runs, "utf8"), "x\nx\n")
      }).pipe(Effect.scoped),
  )
})
