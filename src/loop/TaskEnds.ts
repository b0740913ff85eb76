/**
 * Tells a conversation how a command ended that it did not wait for: by the receipt, as a word of Claw's that wakes it.
 * Invariants: each end is told once, over restarts too; what the program printed comes as a file, untrusted; only who can
 * still be told is: nobody reads along any more in a conversation for one question.
 */
import { Context, Effect, Layer, Stream, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { wordDrafts } from "../agent/engine/saying.ts"
import { outputText } from "../domain/callResult.ts"
import type { Event, EventOf } from "../domain/event.ts"
import type { SessionKind } from "../domain/events/sessions.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"

/** Ends before a start that are looked at: a crash may have come between the receipt and the word. */
const lookedBack = 50

/** Null: no conversation that is known. */
export const canBeTold = (kind: SessionKind | null): boolean => kind === "chat" || kind === "agent"

const encoder = new TextEncoder()

const endText = (
  title: string,
  { durationMs, exit, message, reason, task }: EventOf<"task.ended">["payload"],
) => {
  const how =
    reason === "exited"
      ? exit === 0
        ? "ended well"
        : `ended with exit ${exit ?? "unknown"}`
      : `ended (${reason})`
  const why = message === "" ? "" : `: ${message}`
  return `(Claw, not the developer) ${task}, \`${title}\`, which went on in the background, ${how} after ${Math.round(durationMs / 1000)} s${why}. What it printed is attached.`
}

export class TaskEnds extends Context.Service<
  TaskEnds,
  {
    /** Runs until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/loop/TaskEnds") {
  static readonly layer = Layer.effect(
    TaskEnds,
    Effect.gen(function* () {
      const store = yield* LogStore
      const folds = yield* Folds
      const appender = yield* Appender

      const startOf = Effect.fnUntraced(function* ({ causationId }: EventOf<"task.ended">) {
        const found = causationId === null ? null : yield* Effect.orDie(store.getById(causationId))
        return found?.type === "task.started" && (found.payload as unknown) !== null ? found : null
      })

      const tell = Effect.fnUntraced(function* (ended: EventOf<"task.ended">) {
        const started = yield* startOf(ended)
        if (started === null || started.payload.yielded !== true) return
        const { session, title } = started.payload
        const { sessions } = yield* SubscriptionRef.get(folds.snapshot)
        const row = session !== null && Object.hasOwn(sessions, session) ? sessions[session]! : null
        if (row === null || row.state === "archived" || !canBeTold(row.kind)) return
        const before = yield* store
          .read({ causationId: ended.id, types: ["session.said"], limit: 1 })
          .pipe(Stream.runCollect, Effect.orDie)
        if (before.length > 0) return
        const printed = outputText(ended.payload.output)
        const files =
          printed === ""
            ? []
            : [
                {
                  path: `output of ${ended.payload.task}`,
                  mediaType: "text/plain",
                  content: encoder.encode(printed),
                },
              ]
        const word = { session: row.id, workspace: row.workspace ?? row.cwd, surface: null, actor: "claw" }
        const drafts = wordDrafts({
          ...word,
          text: endText(title, ended.payload),
          files,
          untitled: false,
          trust: "untrusted",
        })
        yield* appender.append(drafts.map((one) => ({ ...one, causationId: ended.id })))
      })

      const isEnd = (event: Event): event is EventOf<"task.ended"> =>
        event.type === "task.ended" && (event.payload as unknown) !== null
      const tellAll = (events: ReadonlyArray<Event>) =>
        Effect.forEach(events.filter(isEnd), tell, { discard: true })

      const run = Effect.gen(function* () {
        const { seq } = yield* SubscriptionRef.get(folds.snapshot)
        const past = yield* store
          .read({ types: ["task.ended"], to: seq, reverse: true, limit: lookedBack })
          .pipe(Stream.runCollect, Effect.orDie)
        yield* tellAll(past.toReversed())
        yield* Stream.runForEach(folds.follow(seq), tellAll)
        return yield* Effect.never
      })
      return TaskEnds.of({ run })
    }),
  )
}
