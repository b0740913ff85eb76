/**
 * A writer to be killed while it writes its file anew over and over: `node compactWriter.ts DIR NAME`. Prints the token of
 * each event once it was acknowledged.
 */
import { writeSync } from "node:fs"
import { Effect } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { draft } from "../../src/domain/event.ts"

const [dir = "", name = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const log = yield* LogStore
  let next = 0
  writeSync(1, "ready\n")
  const one = Effect.gen(function* () {
    const token = `${name}-${next++}`
    yield* log.append([
      draft(
        "daemon.health",
        { component: token, state: "running", backend: null, detail: "x".repeat((next * 37) % 3000) },
        { actor: "test" },
      ),
    ])
    writeSync(1, `${token}\n`)
  })
  yield* Effect.all([Effect.forever(log.compact), Effect.forever(one), Effect.forever(one)], {
    concurrency: "unbounded",
    discard: true,
  })
})

await Effect.runPromise(program.pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 }))))
