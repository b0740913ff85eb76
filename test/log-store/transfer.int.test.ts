/** Export and import: the same log elsewhere, and nothing that does not verify. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { sha256 } from "../../log-store/canonical.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import { draft } from "../../src/domain/event.ts"
import { fill } from "./samples.ts"
import { temporaryDir } from "./temporary.ts"

const mapSize = 2 ** 30
const exported = Effect.gen(function* () {
  const log = yield* LogStore
  yield* fill(log)
  yield* log.append([draft("daemon.stopped", { reason: "a secret" }, { actor: "test" })])
  yield* log.erase([31], "it was secret", "user:cli")
  const events = [...(yield* log.read({}).pipe(Stream.runCollect))]
  const lines = [...(yield* exportJsonl(log).pipe(Stream.runCollect))]
  return { events, lines, head: yield* log.head }
}).pipe(Effect.provide(MemoryLogStore.layer))

describe("export and import", () => {
  it.live("gives the same log elsewhere", () =>
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      const { events, lines, head } = yield* exported
      assert.deepStrictEqual(yield* importJsonl({ dir, mapSize }, Stream.fromIterable(lines)), head)
      // Once more: nothing new.
      assert.deepStrictEqual(yield* importJsonl({ dir, mapSize }, Stream.fromIterable(lines)), head)
      yield* Effect.gen(function* () {
        const log = yield* LogStore
        assert.deepStrictEqual([...(yield* log.read({}).pipe(Stream.runCollect))], events)
        assert.deepStrictEqual([...(yield* exportJsonl(log).pipe(Stream.runCollect))], lines)
        assert.isNotNull(yield* log.blob(sha256("undo ".repeat(300))))
        assert.isTrue((yield* log.verify()).ok)
        const correlated = yield* log.read({ correlationId: "s_5" }).pipe(Stream.runCollect)
        assert.deepStrictEqual(
          [...correlated],
          events.filter((event) => event.correlationId === "s_5"),
        )
        const [next] = yield* log.append([draft("daemon.stopped", { reason: "goes on" }, { actor: "test" })])
        assert.strictEqual(next!.prevHash, head.hash)
      }).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize })))
    }).pipe(Effect.scoped),
  )

  it.live(
    "refuses what was changed, cut, exchanged or never was a log",
    () =>
      Effect.gen(function* () {
        const base = yield* temporaryDir
        const { lines } = yield* exported
        const event = (n: number) => lines.findIndex((line) => line.startsWith(`{"seq":${n},`))
        const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
          ["empty", [], /it is empty/],
          ["noise", ["{}"], /no export of a log/],
          [
            "payload",
            lines.with(event(9), lines[event(9)]!.replace("running", "stopped")),
            /event 9 was changed/,
          ],
          [
            "header",
            lines.with(event(3), lines[event(3)]!.replace('"daemon"', '"user"')),
            /event 3 was changed/,
          ],
          ["removed", lines.toSpliced(event(12), 1), /event 13 stands where event 12 was due/],
          [
            "exchanged",
            lines.with(event(2), lines[event(3)]!).with(event(3), lines[event(2)]!),
            /event 3 stands where event 2 was due/,
          ],
          ["cut", lines.slice(0, 20), /the file was cut/],
          ["half a line", lines.with(event(8), lines[event(8)]!.slice(0, 50)), /line \d+: it is no JSON/],
          [
            "no blob",
            lines.filter((line) => !line.startsWith('{"blob"')),
            /blob [0-9a-f]{64} of event \d+ is missing/,
          ],
          [
            "another blob",
            lines.map((line) => line.replace(/"base64":"..../, '"base64":"AAAA')),
            /the content of blob [0-9a-f]{64} was changed/,
          ],
          ["an odd line", lines.with(event(5), "[1]"), /it is no event of a log/],
        ]
        for (const [name, input, message] of cases) {
          const dir = join(base, name.replaceAll(" ", "-"))
          const error = yield* Effect.flip(importJsonl({ dir, mapSize }, Stream.fromIterable(input)))
          assert.match(error.message, message, name)
          const report = yield* LogStore.use((log) => log.verify()).pipe(
            Effect.provide(LmdbLogStore.layer({ dir, mapSize })),
          )
          assert.isTrue(report.ok, name)
        }
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live("does not mix two logs", () =>
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      const { lines } = yield* exported
      yield* LogStore.use(fill).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize })))
      const error = yield* Effect.flip(importJsonl({ dir, mapSize }, Stream.fromIterable(lines)))
      assert.match(error.message, /event 1 is another one than the log has/)
    }).pipe(Effect.scoped),
  )
})
