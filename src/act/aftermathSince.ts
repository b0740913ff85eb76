/**
 * What changed since a record was made, looked at later than the call's end: for a call that was cut off with the daemon.
 * Invariant: what others changed meanwhile is in it too, and whoever asks is told so.
 */
import { Clock, Effect } from "effect"
import type { PathState, UndoRecord } from "../domain/events/acted.ts"
import { attempt } from "./attempt.ts"
import { ContentCache } from "./ContentCache.ts"
import { gitFoldersOf, incompleteRef, readRefs, stateFiles } from "./gitState.ts"
import { statesIn } from "./manifest.ts"
import { foldersAbove, refsSince, unknownAftermath } from "./recordUndo.ts"
import { changesSince, defaultBounds } from "./snapshot.ts"
import type { Aftermath } from "./Tool.ts"
import { refsOf } from "./undoRecord.ts"

export const aftermathSince = (options: {
  readonly workspace: string
  readonly record: UndoRecord
  readonly blob: (hash: string) => Effect.Effect<Uint8Array | null>
}): Effect.Effect<Aftermath> =>
  Effect.gen(function* () {
    const { blob, record, workspace } = options
    const { roots } = record
    if (!record.possible || roots === undefined) return unknownAftermath
    const listed = record.tree === undefined ? record.before : yield* statesIn(record.tree, blob)
    const refsBefore = yield* refsOf(options)
    if (listed === null) return unknownAftermath
    const before: ReadonlyArray<PathState> = listed
    const folders = yield* attempt("read .git", () => gitFoldersOf(workspace))
    const nowMs = yield* Clock.currentTimeMillis
    const { after, complete } = yield* attempt("see what changed", () =>
      changesSince(
        {
          within: [workspace, ...(folders === null ? [] : [folders.own, folders.common])],
          roots: [
            ...roots,
            ...(folders === null || Object.keys(refsBefore).length === 0 ? [] : stateFiles(folders, false)),
          ],
          above: foldersAbove(roots, workspace),
          bounds: defaultBounds,
          // nobody looked whether these may be kept
          holdsSecret: () => true,
          contents: new ContentCache(),
          nowMs,
        },
        { before, keys: new Map() },
        null,
        [],
      ),
    )
    const refs = Object.keys(refsBefore).length === 0 ? {} : refsSince(refsBefore, yield* readRefs(workspace))
    return { after, refs: complete ? refs : { ...refs, [incompleteRef]: "true" } }
  }).pipe(Effect.orElseSucceed(() => unknownAftermath))
