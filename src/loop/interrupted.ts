/**
 * What a stop of the daemon cut off: calls that had started, and undos that were half-way.
 * Invariants: nothing is run again; an undo that was cut off did not happen (what it had moved is put back); a call's end
 * says what is changed by now, so that it can still be taken back, and that others may have had a hand in it.
 */
import { Effect, Stream } from "effect"
import type { LogStore } from "../../log-store/LogStore.ts"
import { aftermathSince } from "../act/aftermathSince.ts"
import { recoverUndo } from "../act/undo.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import type { QueueRow } from "../domain/queue.ts"

type Store = LogStore["Service"]

/** Of a call that started and has no end; nothing where it did not even start. */
export const changedByInterrupted = Effect.fnUntraced(function* (store: Store, row: QueueRow, call: string) {
  const events = yield* store
    .read({ correlationId: row.id, types: ["tool.started"] })
    .pipe(Stream.runCollect, Effect.orDie)
  const start = events.find(
    (event) =>
      event.type === "tool.started" && (event.payload as unknown) !== null && event.payload.call === call,
  )
  if (start?.type !== "tool.started" || start.workspace === null || !start.payload.undo.possible) return {}
  const { after, refs } = yield* aftermathSince({
    workspace: start.workspace,
    record: start.payload.undo,
    blob: (hash) => store.blob(hash).pipe(Effect.orDie),
  })
  return { after, refs }
})

/** Undos that were asked for and have no end: put back, and said. */
export const settleUndos = Effect.fnUntraced(function* (store: Store, rows: ReadonlyArray<QueueRow>) {
  const drafts: Array<EventDraft> = []
  for (const row of rows) {
    if (row.undoCalls.length === 0 || row.workspace === null) continue
    const events = yield* store
      .read({
        correlationId: row.id,
        types: ["approval.undo", "tool.undone", "tool.undo-refused"],
        reverse: true,
        limit: 1,
      })
      .pipe(Stream.runCollect, Effect.orDie)
    const [last] = events
    if (last === undefined || last.type === "tool.undo-refused") continue
    const halfWay = yield* Effect.orElseSucceed(recoverUndo(row.workspace), () => false)
    // of several calls some may have been taken back, and no more were asked for
    if (last.type === "tool.undone" && !halfWay) continue
    drafts.push(
      draft(
        "tool.undo-refused",
        {
          suggestion: row.id,
          call: row.undoCalls.at(-1)!,
          reason: "Claw stopped while it was taken back; nothing of it is half-way, ask for it again",
        },
        { actor: "claw", workspace: row.workspace, causationId: last.id, correlationId: row.id },
      ),
    )
  }
  return drafts
})
