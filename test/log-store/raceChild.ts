/**
 * One of many that want to write the log in DIR: `node raceChild.ts DIR NAME ROUNDS`. At a line on stdin it opens the
 * log, appends two events, closes it, and so on; what is held by another is tried again. In every third round it leaves
 * the lock of a dead process behind. Prints the tokens it was acknowledged, then `refused N`.
 */
import { renameSync, symlinkSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect, Result } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { draft } from "../../src/domain/event.ts"

const [dir = "", name = "", rounds = "10"] = process.argv.slice(2)
const go = new Promise<void>((resolve) => process.stdin.once("data", () => resolve()))
const say = (line: string) => writeSync(1, `${line}\n`)

/** As one that was killed does: its lock stays, and names nobody who lives. */
const leaveLock = () => {
  const aside = join(dir, `.dead-${name}`)
  symlinkSync(`4194304.1.${name}`, aside)
  renameSync(aside, join(dir, "WRITER"))
}

const visit = (n: number) =>
  LogStore.use((log) =>
    Effect.andThen(
      log.append(
        [0, 1].map((m) => draft("daemon.stopped", { reason: `${name}-${n}.${m}` }, { actor: "test" })),
      ),
      Effect.sync(() => {
        if (n % 3 === 2) leaveLock()
      }),
    ),
  ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 })))

say("ready")
await go
let refused = 0
for (let n = 0; n < Number(rounds);) {
  const result = await Effect.runPromise(Effect.result(visit(n)))
  if (Result.isSuccess(result)) {
    say(`${name}-${n}.0\n${name}-${n}.1`)
    n++
  } else if (/is being written by process \d+/.test(result.failure.message)) refused++
  else {
    say(`failed: ${result.failure.message}`)
    break
  }
}
say(`refused ${refused}`)
process.exit(0)
