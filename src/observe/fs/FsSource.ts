/**
 * The filesystem source: what changed in a workspace as `fs.changed`, one event a burst, and its own health.
 * It reads no file's content; files of any size and kind are named and sized. Not observed: what git would
 * ignore (also where it is tracked all the same), `.git`, nested repositories, what lies behind symbolic links,
 * and what happened while it was not running.
 */
import { realpathSync } from "node:fs"
import { resolve } from "node:path"
import { type Cause, Effect, Queue, Stream } from "effect"
import { draft } from "../../domain/event.ts"
import type { ObservationBatch, Source } from "../Source.ts"
import { toBytes } from "./byteStrings.ts"
import { Coalescer } from "./coalesce.ts"
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
    mostPaths: 20_000,
    urgentNames,
  })
  let timer: NodeJS.Timeout | null = null
  let armedFor = 0
  const placeholders = new Placeholders(root)

  const emit = (batch: ObservationBatch["drafts"]) =>
    Queue.offerUnsafe(out, { drafts: batch, ack: Effect.void })
  const write = () => {
    timer = null
    if (Queue.sizeUnsafe(out) >= mostWaiting) {
      timer = setTimeout(write, waitMs)
      return
    }
    const burst = coalescer.take(performance.now())
    const payload =
      burst === null
        ? null
        : stateFacts(root, placeholders.without(burst), urgentNames, (path, state) =>
            coalescer.keep(path, state),
          )
    if (payload !== null) emit([draft("fs.changed", payload, { actor, workspace, trust: "untrusted" })])
    arm()
  }
  const arm = () => {
    const now = performance.now()
    const due = coalescer.dueAt(now)
    if (due === null || (timer !== null && armedFor <= due)) return
    if (timer !== null) clearTimeout(timer)
    armedFor = due
    // Timers count whole milliseconds and may be early by a part of one.
    timer = setTimeout(write, Math.max(0, Math.ceil(due - now)))
  }

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
          },
          {
            seen: (seen) => {
              const now = performance.now()
              eachSighting(seen, (kind, path) => coalescer.add(kind, path, seen.cause, now))
              arm()
            },
            health: ({ payload, untrusted }: Health) => {
              const trust = untrusted ? "untrusted" : "trusted"
              emit([draft("daemon.health", payload, { actor, workspace, trust })])
            },
          },
        ),
    ),
    (session) =>
      Effect.promise(() => {
        if (timer !== null) clearTimeout(timer)
        return session.close()
      }),
  )
})

export const FsSource = {
  make: (options: FsSourceOptions): Source => ({
    name: "fs",
    observations: Stream.callback<ObservationBatch>((out) => observe(options, out)),
  }),
}
