/**
 * One of many that want the lock. `hold`: takes it at a line on stdin, says so, holds it until stdin ends.
 * `rounds N`: takes it N times as fast as it can; each time it looks whether it is alone, and every other time it
 * leaves the lock as a killed daemon would. Prints how often it had it, and how often it was not alone.
 */
import { Effect } from "effect"
import { mkdirSync, renameSync, rmdirSync, writeFileSync } from "node:fs"
import { acquireLock } from "../../src/daemon/Lock.ts"

const [lock = "", mode, times] = process.argv.slice(2)
const say = (line: string) => Effect.sync(() => process.stdout.write(`${line}\n`))

const ended = new Promise<void>((resolve) => process.stdin.on("end", resolve))
const go = new Promise<void>((resolve) => process.stdin.once("data", () => resolve()))

const hold = Effect.scoped(
  Effect.andThen(
    Effect.andThen(acquireLock(lock), say("mine")),
    Effect.promise(() => ended),
  ),
).pipe(Effect.catch((error) => say(`${error.reason}: ${error.pid}`)))

let had = 0
let together = 0
/** Two that hold it at once meet at this folder. */
const lookAround = () => {
  had++
  try {
    mkdirSync(`${lock}.alone`)
    rmdirSync(`${lock}.alone`)
  } catch {
    together++
  }
}
const dieHoldingIt = (n: number) => {
  writeFileSync(`${lock}.dead-${process.pid}`, `4194304 ${process.pid}${n}`)
  renameSync(`${lock}.dead-${process.pid}`, lock)
}
const round = (n: number) =>
  Effect.scoped(
    Effect.andThen(
      acquireLock(lock),
      Effect.sync(() => {
        lookAround()
        if (n % 2 === 1) dieHoldingIt(n)
      }),
    ),
  ).pipe(Effect.ignore)

await Effect.runPromise(
  Effect.gen(function* () {
    yield* say("ready")
    yield* Effect.promise(() => go)
    if (mode === "hold") return yield* hold
    for (let n = 0; n < Number(times); n++) yield* round(n)
    yield* say(`${had} ${together}`)
  }),
)
process.exit(0)
