/**
 * Before the log is opened: a child looks at it first, because a damaged file can kill the process that maps it.
 * Damage leads to recovery from the sealed segments; the damaged files are kept aside. A log that is not ours, or of
 * a newer version, is refused and left alone.
 */
import { Effect } from "effect"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { dataFile } from "../../log-store/LmdbBackend.ts"
import { checkDirectory } from "../../log-store/directory.ts"
import { LogError } from "../../log-store/LogStore.ts"
import { recoverFromSegments } from "../../log-store/recover.ts"
import { probeInChild } from "../../log-store/verifier.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import { type Entry, hidden } from "./entry.ts"

/** Answers the event to append where the log had to be recovered, else null. */
export const prepareLog = Effect.fn("prepareLog")(function* (entry: Entry, dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (!existsSync(join(dir, dataFile))) return null
  const foreign = yield* Effect.sync(() => {
    try {
      checkDirectory(dir)
      return null
    } catch (error) {
      return error instanceof LogError && error.reason._tag === "Foreign" ? error : null
    }
  })
  if (foreign !== null) return yield* foreign
  const args = [...entry.args, hidden.verify]
  return yield* probeInChild(entry.node, args, dir).pipe(
    Effect.as<EventDraft | null>(null),
    Effect.catch((damage) =>
      Effect.map(recoverFromSegments(dir), ({ events, lost }) =>
        draft("log.recovered", { from: damage.message, events, lost }, { actor: "daemon" }),
      ),
    ),
  )
})
