/**
 * What the log has of a call, made whole: each changed path as it was before and as the call left it, and the refs of
 * both times.
 * Invariant: what cannot be told for certain (a call without an end, a record that was erased) is refused, never guessed.
 */
import { Effect } from "effect"
import type { PathState, UndoRecord } from "../domain/events/acted.ts"
import { refused } from "./attempt.ts"
import { allRefs, incompleteRef, type Refs } from "./gitState.ts"
import { stateFinder } from "./manifest.ts"
import { absentState } from "./pathState.ts"

export interface UndoCall {
  /** Real path. */
  readonly workspace: string
  readonly record: UndoRecord
  /** Null: the call did not end, and what it changed is not known. */
  readonly after: ReadonlyArray<PathState> | null
  readonly refsAfter: Refs
  readonly blob: (hash: string) => Effect.Effect<Uint8Array | null>
}

export interface Change {
  readonly before: PathState
  readonly after: PathState
}

export interface WholeRecord {
  readonly changes: ReadonlyArray<Change>
  readonly refsBefore: Refs
  readonly refsAfter: Refs
}

const erased = refused("the record of what was there before was erased from the log")

export const refsOf = Effect.fnUntraced(function* ({ blob, record }: Pick<UndoCall, "blob" | "record">) {
  const listed = record.refs[allRefs]
  if (listed === undefined) return record.refs
  const bytes = yield* blob(listed)
  if (bytes === null) return yield* erased
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as Refs
})

export const wholeRecord = Effect.fnUntraced(function* (call: UndoCall) {
  const { after, record } = call
  if (!record.possible) return yield* refused(record.reason ?? "this cannot be taken back")
  if (after === null) {
    return yield* refused("it did not run to its end, so what it changed is not known; nothing was touched")
  }
  if (call.refsAfter[incompleteRef] !== undefined) {
    return yield* refused("it changed more than was looked at, so not all of it could be taken back")
  }
  const inline = new Map(record.before.map((state) => [state.path, state]))
  const find = record.tree === undefined ? null : stateFinder(record.tree, call.blob)
  const changes: Array<Change> = []
  for (const state of after) {
    const before = find === null ? inline.get(state.path) : yield* find(state.path)
    if (find !== null && before === undefined) return yield* erased
    changes.push({ before: before ?? absentState(state.path), after: state })
  }
  const refsBefore = yield* refsOf(call)
  const refsAfter = Object.fromEntries(
    Object.entries({ ...refsBefore, ...call.refsAfter }).filter(([, value]) => value !== ""),
  )
  return { changes, refsBefore, refsAfter } satisfies WholeRecord
})
