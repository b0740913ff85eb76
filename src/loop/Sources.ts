/**
 * Runs the sources of every watched workspace and pumps their observations into the log.
 * Invariants: a batch is acknowledged to its source only when it is durable; a source that fails is said,
 * restarted with back-off, and never stops another source or the log.
 */
import { Cause, Context, Effect, FiberMap, Layer, Schedule, Stream, SubscriptionRef } from "effect"
import { draft } from "../domain/event.ts"
import type { Source, SourcePositions } from "../observe/Source.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { redactDraft } from "./redact.ts"

/** Makes the sources; positions are read when a source starts, so that it continues where the log stands. */
export interface SourceMakers {
  readonly workspace: (
    workspace: string,
    positions: Effect.Effect<SourcePositions>,
  ) => Effect.Effect<ReadonlyArray<Source>>
  readonly shared: (
    positions: Effect.Effect<SourcePositions>,
    workspaces: Effect.Effect<ReadonlyArray<string>>,
  ) => Effect.Effect<ReadonlyArray<Source>>
}

const restart = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")])

export class Sources extends Context.Service<
  Sources,
  {
    /** Watches what the log says is to be watched, until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/loop/Sources") {
  static readonly layer = (makers: SourceMakers) =>
    Layer.effect(
      Sources,
      Effect.gen(function* () {
        const folds = yield* Folds
        const appender = yield* Appender
        const fibers = yield* FiberMap.make<string>()
        const snapshot = SubscriptionRef.get(folds.snapshot)
        const positions = Effect.map(snapshot, ({ positions: current }) => current)
        const workspaces = Effect.map(snapshot, ({ control }) => control.workspaces)

        /** Does it for ever: whatever ends it, also an end by itself, is said and begun again. */
        const persist = (
          component: string,
          workspace: string | null,
          work: Effect.Effect<unknown, unknown>,
        ) =>
          Effect.andThen(work, Effect.die(new Error("it ended by itself"))).pipe(
            Effect.tapCause((cause) =>
              Cause.hasInterruptsOnly(cause)
                ? Effect.void
                : appender.append([
                    draft(
                      "daemon.health",
                      {
                        component,
                        state: "failed",
                        backend: null,
                        detail: Cause.pretty(cause).split("\n")[0] ?? "failed",
                      },
                      { actor: "daemon", workspace },
                    ),
                  ]),
            ),
            Effect.sandbox,
            Effect.retry(restart),
          )

        const pump = (source: Source, workspace: string | null) =>
          persist(
            `source:${source.name}`,
            workspace,
            source.observations.pipe(
              Stream.runForEach((batch) =>
                appender.append(batch.drafts.map(redactDraft)).pipe(
                  Effect.flatMap((events) =>
                    events.length === 0 ? Effect.void : folds.reached(events.at(-1)!.seq),
                  ),
                  Effect.andThen(batch.ack),
                ),
              ),
            ),
          )

        const start = Effect.fnUntraced(function* (workspace: string) {
          if (yield* FiberMap.has(fibers, workspace)) return
          const run = Effect.gen(function* () {
            const sources = yield* makers.workspace(workspace, positions)
            yield* Effect.forEach(sources, (source) => pump(source, workspace), {
              concurrency: "unbounded",
              discard: true,
            })
          })
          yield* FiberMap.run(fibers, workspace, persist("sources", workspace, run))
        })

        const follow = Effect.fnUntraced(function* (wanted: ReadonlyArray<string>) {
          const stale = [...fibers]
            .map(([workspace]) => workspace)
            .filter((workspace) => !wanted.includes(workspace))
          for (const workspace of stale) yield* FiberMap.remove(fibers, workspace)
          for (const workspace of wanted) yield* start(workspace)
        })

        const run = Effect.scoped(
          Effect.gen(function* () {
            const { seq } = yield* SubscriptionRef.get(folds.snapshot)
            yield* follow(yield* workspaces)
            const shared = yield* makers.shared(positions, workspaces)
            for (const source of shared) yield* Effect.forkScoped(pump(source, null))
            yield* Stream.runForEach(folds.follow(seq), (events) =>
              events.some((event) => event.type === "daemon.workspace")
                ? Effect.flatMap(workspaces, follow)
                : Effect.void,
            )
            return yield* Effect.never
          }),
        )

        return Sources.of({ run })
      }),
    )
}
