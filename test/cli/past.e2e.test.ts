/** The past of a real log on the command line: as it was, with the daemon and without one, and folded anew. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { makeDay } from "../../build/day/makeDay.ts"
import { emptyFolding, foldOn } from "../../log-store/Folding.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import type { Event } from "../../src/domain/event.ts"
import { projections } from "../../src/loop/projections.ts"
import { type Claws, clawWorld, ndjson } from "./claws.ts"

class Day extends Context.Service<Day, Claws & { readonly events: ReadonlyArray<Event> }>()("test/Day") {}
const day = Layer.effect(
  Day,
  Effect.gen(function* () {
    const world = yield* clawWorld
    const events = yield* Effect.gen(function* () {
      const store = yield* LogStore
      yield* makeDay({ store, events: 400, seed: 3, home: world.directories.home })
      yield* importJsonl({ dir: world.directories.log }, exportJsonl(store))
      return yield* Stream.runCollect(store.read({}))
    }).pipe(Effect.provide(MemoryLogStore.layer), Effect.orDie)
    return { ...world, events }
  }),
)

const one = (text: string) => ndjson(text)[0]!

layer(day, { excludeTestServices: true, timeout: "60 seconds" })("the past", (test) => {
  test.effect("is told alike with the daemon and without one, and is what the log says", () =>
    Effect.gen(function* () {
      const world = yield* Day
      const { claw, events } = world
      const made = events.find((event) => event.type === "decision.shown")!
      const id = made.correlationId!
      const asked: ReadonlyArray<ReadonlyArray<string>> = [
        ["log", "--at", "40", "--json"],
        ["log", "--at", made.at, "--json", "-n", "3", "--type", "fs.*"],
        ["queue", "--at", String(made.seq), "--json"],
        ["show", id, "--at", String(made.seq)],
        ["status", "--at", "40", "--json"],
      ]
      const answers = Effect.forEach(asked, (args) => claw(...args), { concurrency: 3 })
      const without = yield* answers
      assert.isNull(yield* world.daemonPid)
      const up = yield* claw("up")
      assert.strictEqual(up.exit, 0, up.stderr)
      const found = yield* answers
      assert.deepStrictEqual(without, found)
      for (const [index, ran] of found.entries())
        assert.strictEqual(ran.exit, 0, `${asked[index]!.join(" ")}: ${ran.stderr}`)

      const seqs = (text: string) => ndjson(text).map((event) => event["seq"])
      const upTo = (seq: number) => events.slice(0, seq).map((event) => event.seq)
      assert.deepStrictEqual(seqs(found[0]!.stdout), upTo(40))
      const last = events.findLast(({ at }) => at <= made.at)!
      assert.deepStrictEqual(
        seqs(found[1]!.stdout),
        events
          .slice(0, last.seq)
          .filter(({ type }) => type === "fs.changed")
          .map(({ seq }) => seq)
          .slice(-3),
      )
      assert.deepStrictEqual(
        ndjson(found[2]!.stdout)
          .filter((row) => row["id"] === id)
          .map((row) => [row["state"], row["visibleAt"]]),
        [["pending", made.at]],
      )
      assert.include(found[3]!.stdout, `as of event ${made.seq}`)
      assert.include(found[3]!.stdout, id)
      const status = one(found[4]!.stdout)
      assert.deepInclude(status, { version: "made", pid: 1, at: events[39]!.at, paused: false })
      assert.deepStrictEqual(status["lastEvent"], {
        seq: 40,
        at: events[39]!.at,
        type: events[39]!.type,
      })
    }),
  )

  test.effect("says what lies outside it, or was not there yet", () =>
    Effect.gen(function* () {
      const { claw } = yield* Day
      const beyond = yield* claw("queue", "--at", "99999999")
      assert.strictEqual(beyond.exit, 0)
      assert.match(
        beyond.stderr,
        /^claw: there is no event 99999999 yet: this is how it is at the newest, \d+\n$/,
      )
      const before = yield* claw("log", "--at", "2001-01-01", "--json")
      assert.deepStrictEqual([before.exit, before.stdout], [0, ""])
      assert.include(before.stderr, "before the first event")
      const ahead = yield* claw("status", "--at", "2999-01-01")
      assert.include(ahead.stderr, "still to come")
      assert.include(ahead.stdout, "as of event")
      const unknown = yield* claw("show", "s_nothing", "--at", "5")
      assert.strictEqual(unknown.exit, 4)
      assert.include(unknown.stderr, "no such suggestion then")
    }),
  )

  test.effect("is folded anew by a daemon that goes on, and found the same", () =>
    Effect.gen(function* () {
      const { claw } = yield* Day
      const before = yield* claw("queue", "--all", "--json")
      const ran = yield* claw("log", "rebuild", "--json")
      assert.deepStrictEqual([ran.exit, ran.stderr], [0, ""])
      const report = one(ran.stdout)
      assert.isTrue(report["same"])
      const rows = report["projections"] as ReadonlyArray<Record<string, unknown>>
      assert.deepStrictEqual(
        rows.map((row) => [row["projection"], row["same"], row["difference"]]),
        Object.values(projections).map(({ name }) => [name, true, null]),
      )
      assert.deepStrictEqual(yield* claw("queue", "--all", "--json"), before)
    }),
  )

  test.effect("is folded anew without a daemon, and a state that the log does not know is named", () =>
    Effect.gen(function* () {
      const { claw, directories } = yield* Day
      assert.strictEqual((yield* claw("down")).exit, 0)
      yield* Effect.gen(function* () {
        const store = yield* LogStore
        const { seq } = yield* store.head
        const folding = emptyFolding({ control: projections.control })
        yield* foldOn(store, folding, seq)
        const wrong = { ...folding.states.control, paused: true }
        yield* store.saveCheckpoint(projections.control, seq, wrong)
      }).pipe(Effect.provide(LmdbLogStore.layer({ dir: directories.log })), Effect.orDie)
      const found = yield* claw("log", "rebuild")
      assert.strictEqual(found.exit, 1)
      assert.match(found.stdout, /control +version \d+ .* differed: paused is true, rebuilt false\n/)
      assert.include(found.stderr, "control differed from what the log says")
      const again = yield* claw("log", "rebuild", "--json")
      assert.strictEqual(again.exit, 0, again.stderr)
      assert.isTrue(one(again.stdout)["same"])
    }),
  )
})
