/**
 * Writes each checkpoint to every anchor that the user's own configuration names, and says so in the log.
 * Invariants: nothing is written to an anchor whose newest checkpoint does not fit the log: that is what an anchor is
 * there to find; a failing one is said once for each cause, and hinders neither the others nor the log.
 */
import { Clock, Context, Effect, Layer, Ref, Stream } from "effect"
import { type Note, originOf } from "../../log-store/checkpointNote.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import type { AnchorEvidence } from "../../log-store/merkle/evidence.ts"
import type { Environment } from "../config/Directories.ts"
import type { AnchorSetting } from "../config/Settings.ts"
import { draft, type EventOf } from "../domain/event.ts"
import { Appender } from "../loop/Appender.ts"
import type { Anchor } from "./anchor.ts"
import { AnchorError, anchorOf, attemptAnchor, gatherEvidence } from "./anchors.ts"
import { Configs } from "./Configs.ts"

export interface AnchorState {
  readonly to: string
  /** Size of the newest checkpoint that was written there by this daemon; null: none yet. */
  readonly size: number | null
  /** Why the last attempt failed. */
  readonly problem: string | null
}

type Checkpoint = EventOf<"log.checkpoint">

const refuse = (message: string) => Effect.fail(new AnchorError({ message }))

export class Anchoring extends Context.Service<
  Anchoring,
  {
    /** Never fails; what went wrong is in the log and in `states`. */
    readonly put: (checkpoint: Checkpoint) => Effect.Effect<void>
    /** Every configured anchor. */
    readonly states: Effect.Effect<ReadonlyArray<AnchorState>>
    /** All that the configured anchors say, and these besides. */
    readonly evidence: (more: ReadonlyArray<AnchorSetting>) => Effect.Effect<ReadonlyArray<AnchorEvidence>>
  }
>()("claw/daemon/Anchoring") {
  static readonly layer = (options: { readonly env: Environment }) =>
    Layer.effect(
      Anchoring,
      Effect.gen(function* () {
        const store = yield* LogStore
        const appender = yield* Appender
        const configs = yield* Configs
        const known = yield* Ref.make<Readonly<Record<string, AnchorState>>>({})

        const anchors = Effect.map(configs.settingsFor(null), (settings) =>
          settings.anchors.map((setting) => anchorOf(setting, options.env)),
        )

        /** Fails where what the anchor holds is not the beginning of this log. */
        const mustFit = Effect.fnUntraced(function* (to: string, held: Note) {
          const { seq } = yield* store.head
          const first = yield* store.get(1)
          if (held.origin !== originOf(first?.hash ?? ""))
            return yield* refuse(
              `${to} holds checkpoints of another log (${held.origin}). Name another anchor for this one; if this log was written anew, claw audit verify says so`,
            )
          if (held.size > seq)
            return yield* refuse(
              `${to} holds a checkpoint of ${held.size} events, and the log has ${seq}: its end was cut off, or an older copy was put in its place. Run claw audit verify; if you restored it yourself, name another anchor`,
            )
          if ((yield* store.tree.root(held.size)) !== held.root)
            return yield* refuse(
              `${to} holds a checkpoint of ${held.size} events with another root than the log has: the log was written anew. Run claw audit verify; nothing is written there any more`,
            )
        })

        const said = (to: string, state: "running" | "degraded", detail: string) =>
          draft(
            "daemon.health",
            { component: `anchor ${to}`, state, backend: null, detail },
            { actor: "daemon" },
          )
        const wasLogged = (to: string, { seq, payload }: Checkpoint) =>
          store.read({ from: seq, types: ["log.anchored"] }).pipe(
            Stream.filter(
              (event) =>
                event.type === "log.anchored" &&
                event.payload?.to === to &&
                event.payload.size === payload.size,
            ),
            Stream.runHead,
            Effect.map((found) => found._tag === "Some"),
          )

        const putInto = Effect.fnUntraced(function* (anchor: Anchor, checkpoint: Checkpoint) {
          const { size, note } = checkpoint.payload
          const held = yield* attemptAnchor(anchor.newest)
          if (held !== null) yield* mustFit(anchor.to, held)
          const isThere = held?.size === size
          const nowMs = yield* Clock.currentTimeMillis
          if (!isThere) yield* attemptAnchor(() => anchor.append(note, size, nowMs))
          // it may have been written before a crash, and not been said
          if (isThere && (yield* wasLogged(anchor.to, checkpoint))) return
          yield* appender.appendNow([draft("log.anchored", { to: anchor.to, size }, { actor: "daemon" })])
        })

        const putOne = Effect.fnUntraced(function* (anchor: Anchor, checkpoint: Checkpoint) {
          const { to } = anchor
          const before = (yield* Ref.get(known))[to]
          const problem = yield* putInto(anchor, checkpoint).pipe(
            Effect.as(null),
            Effect.catch((error) => Effect.succeed(error.message)),
          )
          const size = problem === null ? checkpoint.payload.size : (before?.size ?? null)
          yield* Ref.update(known, (all) => ({ ...all, [to]: { to, size, problem } }))
          if (problem === (before?.problem ?? null)) return
          yield* Effect.ignore(
            appender.appendNow([
              problem === null
                ? said(to, "running", "takes checkpoints again")
                : said(to, "degraded", `${problem}. It is tried again with the next checkpoint`),
            ]),
          )
        })

        return Anchoring.of({
          put: (checkpoint) =>
            Effect.flatMap(
              anchors,
              Effect.forEach((anchor) => putOne(anchor, checkpoint), { discard: true }),
            ),
          states: Effect.gen(function* () {
            const states = yield* Ref.get(known)
            return (yield* anchors).map(({ to }) => states[to] ?? { to, size: null, problem: null })
          }),
          evidence: (asked) =>
            Effect.flatMap(configs.settingsFor(null), ({ anchors: configured }) =>
              gatherEvidence(configured, asked, options.env),
            ),
        })
      }),
    )
}
