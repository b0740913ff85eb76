/**
 * A writer to be killed: many fibers append to the log in DIR and print the token of each event once it was
 * acknowledged. `node crashWriter.ts DIR NAME [FIBERS]`
 */
import { writeSync } from "node:fs"
import { Effect } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { draft } from "../../src/domain/event.ts"

const [dir = "", name = "", fibers = "16"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const log = yield* LogStore
  let next = 0
  writeSync(1, "ready\n")
  const one = Effect.gen(function* () {
    for (;;) {
      const tokens = Array.from({ length: 1 + (next % 3) }, () => `${name}-${next++}`)
      const large = next % 50 === 0 ? "x".repeat(6000) : ""
      yield* log.append(
        tokens.map((token) =>
          draft(
            "daemon.health",
            { component: token, state: "running", backend: null, detail: large },
            { actor: "test" },
          ),
        ),
      )
      writeSync(1, `${tokens.join("\n")}\n`)
    }
  })
  const seal = Effect.forever(
    Effect.andThen(sealSegments(log, dir, { atLeast: 200, size: 1000 }), Effect.sleep("20 millis")),
  )
  yield* Effect.all([seal, ...Array.from({ length: Number(fibers) }, () => one)], {
    concurrency: "unbounded",
    discard: true,
  })
})

await Effect.runPromise(program.pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 }))))
