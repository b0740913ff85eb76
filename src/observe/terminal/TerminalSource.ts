/**
 * The terminal's source: drains the spools that the shell hooks write, exactly once, also after downtime.
 * Each draft carries spool and offset behind its record; a restart reads on behind the newest one logged.
 * Only commands run inside a watched workspace are logged. Others are passed over without a trace; their bytes are
 * read again after a restart, because nothing may be written about them. Secrets are redacted before a draft exists.
 * What a command printed is read where the user switched that on, and is waited for a moment only.
 * A command whose shell was killed before it ended left no record and is never reported: its exit is unknown.
 */
import { Effect, Queue, Stream } from "effect"
import { realpathSync } from "node:fs"
import { draft, type EventDraft } from "../../domain/event.ts"
import { type Outside, OutsideTime } from "../OutsideTime.ts"
import type { ObservationBatch, Source, SourcePositions } from "../Source.ts"
import { type OutputOptions, OutputReader } from "./output/OutputReader.ts"
import type { SpoolItem } from "./splitRecords.ts"
import type { SpoolRecord } from "./spoolFormat.ts"
import { type SpoolPart, SpoolReader } from "./SpoolReader.ts"
import { SpoolWatch, type WatchHealth } from "./SpoolWatch.ts"
import { waitingBatches } from "./waitingSource.ts"

export interface TerminalSourceOptions {
  readonly spoolDir: string
  readonly positions: SourcePositions["terminal"]
  /** The watched workspace a directory lies in, or null; `endedMs`: when the command ended. */
  readonly workspaceOf: (cwd: string, endedMs: number) => string | null
  readonly redact: (text: string) => string
  /** Null: what commands print is never looked at. */
  readonly output: OutputOptions | null
}

const actor = "source:terminal"
/** Shells end without a signal; their spools are removed at a sweep. */
const sweepInterval = "60 seconds"
const pollInterval = "1 second"
const lostReason = "bytes that are no record of a hook"
const replacedReason = "the spool was replaced or cut: read from its beginning"

interface Place {
  readonly cwd: string
  readonly workspace: string
}

/** A shell says where it is as it got there; through a link that is not yet the workspace's own path. */
const placeOf = (cwd: string, endedMs: number, options: TerminalSourceOptions): Place | null => {
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

type Places = ReadonlyMap<SpoolItem, Place>

const placesOf = (part: SpoolPart, options: TerminalSourceOptions, outside: Outside): Places =>
  new Map(
    part.items.flatMap((item) => {
      if (item.kind === "lost") return []
      const place = placeOf(item.record.cwd, outside(item.record.endedMs), options)
      return place === null ? [] : [[item, place] as const]
    }),
  )

const draftsOf = (
  part: SpoolPart,
  places: Places,
  outputs: ReadonlyMap<SpoolRecord, string>,
  options: TerminalSourceOptions,
  outside: Outside,
): ReadonlyArray<EventDraft> => {
  const lost = (reason: string, bytes: number, offset: number): EventDraft =>
    draft(
      "terminal.lost",
      { reason, bytes, position: { file: part.file, offset } },
      { actor, trust: "untrusted" },
    )
  const one = (item: SpoolItem): ReadonlyArray<EventDraft> => {
    if (item.kind === "lost") return [lost(lostReason, item.bytes, item.end)]
    const { record } = item
    const place = places.get(item)
    if (place === undefined) return []
    const output = outputs.get(record)
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
          startedAt: new Date(outside(record.endedMs) - record.durationMs).toISOString(),
          ...(output === undefined ? {} : { output }),
          ...(record.truncated ? { truncated: true } : {}),
          position: { file: part.file, offset: item.end },
        },
        { actor, trust: "untrusted", workspace: place.workspace },
      ),
    ]
  }
  return [...(part.replaced ? [lost(replacedReason, 0, 0)] : []), ...part.items.flatMap(one)]
}

const healthDraft = (component: string, health: WatchHealth): EventDraft =>
  draft("daemon.health", { component, ...health }, { actor })

const isSame = (a: WatchHealth | null, b: WatchHealth | null): boolean =>
  a?.state === b?.state && a?.backend === b?.backend && a?.detail === b?.detail

const switchedOff: WatchHealth = { state: "running", backend: null, detail: "switched off" }

interface Drained {
  readonly part: SpoolPart
  readonly places: Places
}

/** Works through what changed until there is something to say; null: nothing is left. */
const drainer = (options: TerminalSourceOptions, watch: SpoolWatch, outside: Outside) => {
  const reader = new SpoolReader(options.spoolDir, options.positions)
  const pending: Array<string> = []
  return (): Drained | null => {
    for (;;) {
      if (pending.length === 0) {
        pending.push(...(watch.take() ?? reader.list()))
        if (pending.length === 0) return null
      }
      const session = pending[0]!
      const part = reader.read(session)
      if (part === null || !part.more) pending.shift()
      if (part === null) continue
      const places = placesOf(part, options, outside)
      if (places.size > 0 || part.replaced || part.items.some((item) => item.kind === "lost"))
        return { part, places }
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
      const outside = yield* OutsideTime
      const drain = drainer(options, watch, outside)
      const reader = options.output === null ? null : new OutputReader(options.output)
      let outputSaid: WatchHealth | null = null
      /** How reading output goes, where that is not what was said last. */
      const outputHealth = (): ReadonlyArray<EventDraft> => {
        const now = reader?.health ?? (outputSaid === null ? null : switchedOff)
        if (now === null || isSame(now, outputSaid)) return []
        outputSaid = now
        return [healthDraft("source:output", now)]
      }
      const batchOf = Effect.fnUntraced(function* ({ part, places }: Drained) {
        const placed = part.items.filter((item) => places.has(item))
        const outputs = reader === null ? new Map<SpoolRecord, string>() : yield* reader.read(placed)
        const drafts = [...draftsOf(part, places, outputs, options, outside), ...outputHealth()]
        return { drafts, ack: Effect.sync(part.settle) }
      })
      let said: WatchHealth | null = null
      let healthy = false
      const next = Effect.gen(function* () {
        for (;;) {
          const health = yield* Effect.sync(() => watch.ensure())
          healthy = health.state === "running"
          if (said?.state !== health.state || said.detail !== health.detail) {
            said = health
            return { drafts: [healthDraft("source:terminal", health)], ack: Effect.void }
          }
          const drained = health.state === "failed" ? null : yield* Effect.sync(drain)
          if (drained !== null) return yield* batchOf(drained)
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
    observations: Stream.merge(observations(options), waitingBatches(options, actor)),
  }),
}
