/**
 * Takes the finished calls of a suggestion back, newest first, from the undo records in the log.
 * Invariant: all or nothing for each call; a file that changed since is never overwritten, the refusal says which.
 */
import { Context, Effect, Layer, Stream } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { refused } from "../act/attempt.ts"
import { undoCall } from "../act/undo.ts"
import { draft, type EventDraft, type EventOf } from "../domain/event.ts"
import type { Suggestion } from "../domain/suggestion.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"

export class Undoer extends Context.Service<
  Undoer,
  {
    /** Null when everything was taken back, else the reason why not. */
    readonly undo: (row: Suggestion) => Effect.Effect<string | null>
  }
>()("claw/loop/Undoer") {
  static readonly layer = Layer.effect(
    Undoer,
    Effect.gen(function* () {
      const store = yield* LogStore
      const appender = yield* Appender
      const folds = yield* Folds

      const history = Effect.fnUntraced(function* (row: Suggestion) {
        const all = yield* store
          .read({
            correlationId: row.id,
            types: ["tool.started", "tool.finished", "tool.undone", "task.started", "task.ended"],
          })
          .pipe(Stream.runCollect, Effect.orDie)
        const events = all.filter((event) => (event.payload as unknown) !== null)
        const started = events.filter(
          (event): event is EventOf<"tool.started"> => event.type === "tool.started",
        )
        const finished = events.filter(
          (event): event is EventOf<"tool.finished"> => event.type === "tool.finished",
        )
        const background = new Map<string, EventOf<"task.ended"> | null>()
        for (const event of events) {
          if (event.type === "task.started") background.set(event.payload.call, null)
          if (event.type === "task.ended") background.set(event.payload.call, event)
        }
        const undone = new Set(
          events.flatMap((event) => (event.type === "tool.undone" ? [event.payload.call] : [])),
        )
        return started
          .filter((event) => !undone.has(event.payload.call))
          .map((start) => ({
            start,
            // what went on in the background is known when that ended, and nothing of it before
            running: background.get(start.payload.call) === null,
            end:
              background.get(start.payload.call) ??
              finished.find((event) => event.payload.call === start.payload.call) ??
              null,
          }))
          .reverse()
      })

      const undo = Effect.fn("Undoer.undo")(function* (row: Suggestion) {
        const done = (event: EventDraft) =>
          appender.append([event]).pipe(Effect.flatMap((events) => folds.reached(events.at(-1)?.seq ?? 0)))
        for (const { end, running, start } of yield* history(row)) {
          const header = {
            actor: "claw",
            workspace: row.workspace,
            causationId: start.id,
            correlationId: row.id,
          }
          const call = start.payload.call
          const outcome = yield* Effect.result(
            running
              ? refused("it still runs in the background; stop it first, then take it back")
              : undoCall({
                  workspace: row.workspace ?? "/",
                  record: start.payload.undo,
                  after: end?.payload.after ?? null,
                  refsAfter: end?.payload.refs ?? {},
                  blob: (hash) => store.blob(hash).pipe(Effect.orDie),
                }),
          )
          if (outcome._tag === "Failure") {
            const reason = outcome.failure.message
            yield* done(draft("tool.undo-refused", { suggestion: row.id, call, reason }, header))
            return reason
          }
          yield* done(draft("tool.undone", { suggestion: row.id, call, paths: [...outcome.success.paths] }, header))
        }
        return null
      })

      return Undoer.of({ undo })
    }),
  )
}
