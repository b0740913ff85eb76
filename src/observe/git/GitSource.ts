/**
 * The git source of one workspace: waits for a signal, looks, states what is new. Runs no process and writes nothing.
 * Invariants: positions are read when the stream starts, each reflog line is stated exactly once, and what happened
 * while nobody looked is caught up in order; a signal that was missed costs at most one `heartbeat`.
 */
import { Clock, Effect, Option, Queue, Stream } from "effect"
import { draft, type EventDraft } from "../../domain/event.ts"
import { OutsideTime } from "../OutsideTime.ts"
import type { ObservationBatch, Source, SourcePositions } from "../Source.ts"
import { Look, type Looked } from "./Look.ts"
import { Watches } from "./Watches.ts"

export interface GitSourceOptions {
  /** Absolute, without links: the top folder of the working tree, or a bare repository. */
  readonly workspace: string
  /** What the log says, read each time the stream starts. */
  readonly positions: Effect.Effect<SourcePositions>
  /** Signals of one git command come in a burst: wait for it to pass. */
  readonly burstMs?: number
  /** How long a fact of several steps must stand before it is stated. */
  readonly settleMs?: number
}

/** Looks without any signal: with all watches, and where there is none on what matters (or it is broken). */
const heartbeatMs = 60_000
const pollingMs = 2_000

const make = (options: GitSourceOptions): Source => {
  const { workspace, burstMs = 10, settleMs = 60 } = options

  const healthOf = (looked: Looked, lost: string | null): Parameters<typeof draft<"daemon.health">>[1] => {
    const problem = looked.problem ?? (lost === null ? null : `no watch (${lost}): looking every 2 s`)
    return {
      component: "source:git",
      state: problem === null ? "running" : "degraded",
      backend: lost === null ? "fs.watch" : "polling",
      detail: problem ?? (looked.place === null ? "no repository" : looked.place.gitDir),
    }
  }

  const observations: Stream.Stream<ObservationBatch> = Stream.unwrap(
    Effect.gen(function* () {
      const signals = yield* Queue.sliding<void>(1)
      const watches = yield* Effect.acquireRelease(
        Effect.sync(() => new Watches(workspace, () => void Queue.offerUnsafe(signals, undefined))),
        (open) => Effect.sync(() => open.close()),
      )
      const known = (yield* options.positions).git[workspace]
      const look = new Look({ workspace, known, settleMs, outside: yield* OutsideTime })
      let health = ""
      let waitMs = 0

      const drafts = Effect.fnUntraced(function* () {
        if (waitMs > 0) {
          const signal = yield* Effect.timeoutOption(Queue.take(signals), waitMs)
          if (Option.isSome(signal)) yield* Effect.sleep(burstMs)
        }
        yield* Queue.clear(signals)
        const looked = look.at(yield* Clock.currentTimeMillis)
        const added = watches.follow(looked.place, looked.refFolders)
        const blind = watches.lost !== null || (looked.problem !== null && looked.refFolders.length === 0)
        waitMs = added ? 0 : (looked.againMs ?? (blind ? pollingMs : heartbeatMs))
        const said: Array<EventDraft> = [...looked.drafts]
        const state = healthOf(looked, watches.lost)
        if (JSON.stringify(state) !== health) {
          health = JSON.stringify(state)
          said.push(draft("daemon.health", state, { actor: "source:git", workspace }))
        }
        return said
      })

      const batch = Effect.gen(function* () {
        for (;;) {
          const said = yield* drafts()
          if (said.length > 0) return { drafts: said, ack: Effect.void }
        }
      })
      return Stream.fromEffectRepeat(batch)
    }),
  )
  return { name: "git", observations }
}

export const GitSource = { make }
