/**
 * The terminal's source: drains the spools that the shell hooks write, exactly once, also after downtime.
 * Each draft carries spool and offset behind its record; a restart reads on behind the newest one logged.
 * Only commands run inside a watched workspace are logged. Others are passed over without a trace; their bytes are
 * read again after a restart, because nothing may be written about them. Secrets are redacted before a draft exists.
 * A command whose shell was killed before it ended left no record and is never reported: its exit is unknown.
 */
import { Effect, Queue, Stream } from "effect"
import { realpathSync } from "node:fs"
import { draft, type EventDraft } from "../../domain/event.ts"
import type { ObservationBatch, Source, SourcePositions } from "../Source.ts"
import type { SpoolItem } from "./splitRecords.ts"
import { type SpoolPart, SpoolReader } from "./SpoolReader.ts"
import { SpoolWatch, type WatchHealth } from "./SpoolWatch.ts"

export interface TerminalSourceOptions {
  readonly spoolDir: string
  readonly positions: SourcePositions["terminal"]
  /** The watched workspace a directory lies in, or null; `endedMs`: when the command ended. */
  readonly workspaceOf: (cwd: string, endedMs: number) => string | null
  readonly redact: (text: string) => string
}

const actor = "source:terminal"
/** Shells end without a signal; their spools are removed at a sweep. */
const sweepInterval = "60 seconds"
const pollInterval = "1 second"
const lostReason = "bytes that are no record of a hook"
const replacedReason = "the spool was replaced or cut: read from its beginning"

/** A shell says where it is as it got there; through a link that is not yet the workspace's own path. */
const placeOf = (cwd: string, endedMs: number, options: TerminalSourceOptions) => {
  const workspace = options.workspaceOf(cwd, endedMs)
  if (workspace !== null) return { cwd, workspace }
  try {
    const real = realpathSync(cwd)
    const behind = real === cwd ? null : options.workspaceOf(real, endedMs)
    return behind === null ? null : { cwd: real, workspace: behind }
  } catch {
    return null
  }
}

const draftsOf = (part: SpoolPart, options: TerminalSourceOptions): ReadonlyArray<EventDraft> => {
  const lost = (reason: string, bytes: number, offset: number): EventDraft =>
    draft(
      "terminal.lost",
      { reason, bytes, position: { file: part.file, offset } },
      { actor, trust: "untrusted" },
    )
  const one = (item: SpoolItem): ReadonlyArray<EventDraft> => {
    if (item.kind === "lost") return [lost(lostReason, item.bytes, item.end)]
    const { record } = item
    const place = placeOf(record.cwd, record.endedMs, options)
    if (place === null) return []
    return [
      draft(
        "terminal.command",
        {
          command: options.redact(record.command),
          cwd: place.cwd,
          exit: record.exit,
          durationMs: record.durationMs,
          shell: part.name.shell,
          session: part.name.session,
          authorKind: record.authorKind,
          startedAt: new Date(record.endedMs - record.durationMs).toISOString(),
          ...(record.truncated ? { truncated: true } : {}),
          position: { file: part.file, offset: item.end },
        },
        { actor, trust: "untrusted", workspace: place.workspace },
      ),
    ]
  }
  return [...(part.replaced ? [lost(replacedReason, 0, 0)] : []), ...part.items.flatMap(one)]
}

const healthDraft = (health: WatchHealth): EventDraft =>
  draft("daemon.health", { component: "source:terminal", ...health }, { actor })

/** Works through what changed until there is a batch; null: nothing is left. */
const drainer = (options: TerminalSourceOptions, watch: SpoolWatch) => {
  const reader = new SpoolReader(options.spoolDir, options.positions)
  const pending: Array<string> = []
  return (): ObservationBatch | null => {
    for (;;) {
      if (pending.length === 0) {
        pending.push(...(watch.take() ?? reader.list()))
        if (pending.length === 0) return null
      }
      const session = pending[0]!
      const part = reader.read(session)
      if (part === null || !part.more) pending.shift()
      if (part === null) continue
      const drafts = draftsOf(part, options)
      if (drafts.length > 0) return { drafts, ack: Effect.sync(part.settle) }
      part.settle()
    }
  }
}

const observations = (options: TerminalSourceOptions): Stream.Stream<ObservationBatch> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const signals = yield* Queue.sliding<void>(1)
      const watch = yield* Effect.acquireRelease(
        Effect.sync(() => new SpoolWatch(options.spoolDir, () => Queue.offerUnsafe(signals, undefined))),
        (open) => Effect.sync(() => open.close()),
      )
      const drain = drainer(options, watch)
      let said: WatchHealth | null = null
      let healthy = false
      const next = Effect.gen(function* () {
        for (;;) {
          const health = yield* Effect.sync(() => watch.ensure())
          healthy = health.state === "running"
          if (said?.state !== health.state || said.detail !== health.detail) {
            said = health
            return { drafts: [healthDraft(health)], ack: Effect.void }
          }
          const batch = health.state === "failed" ? null : yield* Effect.sync(drain)
          if (batch !== null) return batch
          const signal = yield* Queue.take(signals).pipe(
            Effect.timeoutOption(healthy ? sweepInterval : pollInterval),
          )
          if (signal._tag === "None") watch.suspectAll()
        }
      })
      return Stream.fromEffectRepeat(next)
    }),
  )

export const TerminalSource = {
  make: (options: TerminalSourceOptions): Source => ({
    name: "terminal",
    observations: observations(options),
  }),
}
