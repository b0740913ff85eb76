/**
 * Before the log is opened: a child looks at it first, because a damaged file can kill the process that maps it.
 * Damage (also a file that is gone, empty, behind its own segments, or another one than they say) leads to recovery
 * from the segments and from what the file still holds; the damaged files are kept aside, and the log itself says so.
 * A log that is not ours, or of a newer version, is refused and left alone.
 */
import { Effect } from "effect"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { dataFile } from "../../log-store/LmdbBackend.ts"
import { checkDirectory } from "../../log-store/directory.ts"
import { LogError, Unwritable } from "../../log-store/LogStore.ts"
import { recoverFromSegments } from "../../log-store/recover.ts"
import { listSegments } from "../../log-store/segments.ts"
import { probeInChild } from "../../log-store/verifier.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import { type Entry, hidden } from "./entry.ts"

const foreignIn = (dir: string): LogError | null => {
  try {
    checkDirectory(dir)
    return null
  } catch (error) {
    return error instanceof LogError && error.reason._tag === "Foreign" ? error : null
  }
}

/** Looks at a log in a way that its damage cannot harm this process; fails with what is wrong. */
type Probe = (dir: string) => Effect.Effect<unknown, LogError>

/** What says nothing about the log, but that it cannot be looked at here and now. */
const isHindrance = ({ message }: LogError): boolean =>
  /permission denied|not permitted|EACCES|EPERM|EMFILE|ENFILE|ENOMEM|EAGAIN/i.test(message)

const hindered = (dir: string, error: LogError) =>
  new LogError({
    reason: new Unwritable({
      message: `The log in ${dir} cannot be looked at: ${error.message} It was left as it is: give yourself access to it, or free some memory.`,
    }),
  })

/** What is wrong with the log's file; null where it can be opened. Who finds damage only once may have met something else. */
const damageOf = Effect.fnUntraced(function* (probe: Probe, dir: string) {
  if (!existsSync(join(dir, dataFile))) {
    const segments = yield* Effect.promise(() => listSegments(dir))
    return segments.length === 0 ? null : `${dataFile} is gone`
  }
  return yield* probe(dir).pipe(
    Effect.retry({ times: 1 }),
    Effect.as(null),
    Effect.catch((error) =>
      isHindrance(error) ? Effect.fail(hindered(dir, error)) : Effect.succeed(error.message),
    ),
  )
})

/** Answers what status is to say where the log had to be recovered, else null. */
export const prepareLogBy = Effect.fnUntraced(function* (probe: Probe, dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const foreign = foreignIn(dir)
  if (foreign !== null) return yield* foreign
  const damage = yield* damageOf(probe, dir)
  if (damage === null) return null
  const { aside, events, lost } = yield* recoverFromSegments(dir)
  const detail = `it was damaged (${damage}); ${events} events were recovered, ${lost} lost, the damaged files are in ${aside}`
  yield* Effect.logWarning(`the log: ${detail}`)
  return draft(
    "daemon.health",
    { component: "log", state: "degraded", backend: "lmdb", detail },
    { actor: "daemon" },
  )
}) satisfies (probe: Probe, dir: string) => Effect.Effect<EventDraft | null, LogError>

export const prepareLog = (entry: Entry, dir: string) =>
  prepareLogBy((at) => probeInChild(entry.node, [...entry.args, hidden.verify], at), dir)
