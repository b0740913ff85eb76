/**
 * The filesystem source: what changed in a workspace as `fs.changed`, one event a burst, and its own health.
 * It reads no file's content; files of any size and kind are named and sized. Not observed: what git would
 * ignore (also where it is tracked all the same), `.git`, nested repositories, and what lies behind symbolic links.
 * Of what happened while it was not running it states what is there and changed since; not what is gone.
 */
import { realpathSync } from "node:fs"
import { resolve } from "node:path"
import { type Cause, Clock, Effect, Queue, Stream } from "effect"
import { draft } from "../../domain/event.ts"
import { OutsideTime } from "../OutsideTime.ts"
import type { ObservationBatch, Source, SourcePositions } from "../Source.ts"
import { toBytes } from "./byteStrings.ts"
import { Coalescer } from "./coalesce.ts"
import { gitIsWriting, longestWriteMs } from "./gitWriting.ts"
import { Placeholders } from "./Placeholders.ts"
import { stateFacts } from "./stateFacts.ts"
import { defaultUrgentNames } from "./urgentNames.ts"
import { defaultWatchBudget } from "./watchBudget.ts"
import { eachSighting } from "./Watcher.ts"
import { type Health, WatchSession } from "./WatchSession.ts"

export interface FsSourceOptions {
  /** Absolute path. */
  readonly workspace: string
  /** The user's own ignore file (see `globalExcludesFile`), or null. */
  readonly globalExcludes: string | null
  /** Quiet time that ends a burst, at most 50 ms. */
  readonly settleMs?: number
  /** A steady stream is written once in this time. */
  readonly groupMs?: number
  /** Watches this source may use; a quarter of the system's where it is not given. */
  readonly watchBudget?: number
  /** Folders beyond this many are not observed. */
  readonly mostFolders?: number
  readonly backend?: "auto" | "chokidar" | "worker" | "polling"
  /** Largest tree for the watcher in the main thread. */
  readonly small?: { readonly folders: number; readonly files: number }
  /** Shortest time between two rounds of polling. */
  readonly pollMs?: number
  /** What the log says, read each time the stream starts; where it says nothing, nothing is caught up. */
  readonly positions?: Effect.Effect<SourcePositions>
  /** Where a bundle put `folderWorker`. */
  readonly workerEntry?: URL
  /** File names whose changes do not wait for the group. */
  readonly urgentNames?: ReadonlyArray<string>
}

const actor = "source:fs"
/** Quiet time that ends a burst where nothing else was asked for. */
export const settleMs = 30

/** While so many batches wait to be taken, changes are held together instead of queued. */
const mostWaiting = 16
const waitMs = 1000

/** The watchers follow no links: not even the one that may lead to the workspace. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

const observe = Effect.fnUntraced(function* (
  options: FsSourceOptions,
  out: Queue.Queue<ObservationBatch, Cause.Done>,
) {
  const { workspace } = options
  const realWorkspace = realPath(workspace)
  const root = toBytes(realWorkspace)
  const urgentNames = new Set((options.urgentNames ?? defaultUrgentNames).map(toBytes))
  const coalescer = new Coalescer({
    settleMs: Math.min(options.settleMs ?? settleMs, 50),
    holdMs: 500,
    tokens: 3,
    tokenMs: options.groupMs ?? 1000,
    urgentMs: 200,
    mostPaths: 50_000,
    busyMs: 25,
    longestBusyMs: longestWriteMs,
    urgentBusyMs: 600,
    calmMs: 300,
    urgentNames,
  })
  const placeholders = new Placeholders(root)
  const clock = yield* Clock.Clock
  const outside = yield* OutsideTime
  const known = options.positions === undefined ? null : yield* options.positions
  const nowMs = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

  const emit = (batch: ObservationBatch["drafts"]) =>
    Queue.offerUnsafe(out, { drafts: batch, ack: Effect.void })
  const write = (now: number) => {
    const busy = gitIsWriting(realWorkspace, coalescer.size, clock.currentTimeMillisUnsafe(), outside)
    const burst = coalescer.take(now, busy)
    if (burst === null) return
    const payload = stateFacts(root, placeholders.without(burst), urgentNames, (path, state) =>
      coalescer.keep(path, state),
    )
    if (payload !== null) emit([draft("fs.changed", payload, { actor, workspace, trust: "untrusted" })])
  }

  const sooner = yield* Queue.sliding<void>(1)
  /** When the writer looks again by itself; only what is due before needs a signal. */
  let wakesAt = Number.POSITIVE_INFINITY
  const heard = (now: number) => {
    const due = coalescer.dueAt(now)
    if (due === null || due >= wakesAt) return
    wakesAt = due
    Queue.offerUnsafe(sooner, undefined)
  }
  const writing = Effect.gen(function* () {
    for (;;) {
      const now = nowMs()
      const due = coalescer.dueAt(now)
      wakesAt = due ?? Number.POSITIVE_INFINITY
      if (due === null) yield* Queue.take(sooner)
      // Timers count whole milliseconds and may be early by a part of one.
      else if (due > now) yield* Effect.timeoutOption(Queue.take(sooner), Math.ceil(due - now))
      else if (Queue.sizeUnsafe(out) >= mostWaiting) yield* Effect.sleep(waitMs)
      else write(now)
    }
  })

  yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new WatchSession(
          {
            workspace: realWorkspace,
            globalExcludes: options.globalExcludes,
            budget: options.watchBudget ?? defaultWatchBudget(),
            mostFolders: options.mostFolders ?? 100_000,
            backend: options.backend ?? "auto",
            small: options.small ?? { folders: 800, files: 4000 },
            pollMs: options.pollMs ?? 2000,
            workerEntry: options.workerEntry,
            since: known?.fs[workspace] ?? null,
          },
          {
            seen: (seen) => {
              const now = nowMs()
              eachSighting(seen, (kind, path) => coalescer.add(kind, path, seen.cause, now))
              heard(now)
            },
            health: ({ payload, untrusted }: Health) => {
              const trust = untrusted ? "untrusted" : "trusted"
              emit([draft("daemon.health", payload, { actor, workspace, trust })])
            },
          },
        ),
    ),
    (session) => Effect.promise(() => session.close()),
  )
  return yield* writing
})

export const FsSource = {
  make: (options: FsSourceOptions): Source => ({
    name: "fs",
    observations: Stream.callback<ObservationBatch>((out) => observe(options, out)),
  }),
}
