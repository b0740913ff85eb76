/**
 * What has to be known before something is changed so that it can be taken back: the states of the paths it may
 * touch and, in a repository, refs and index. One way for every tool that writes.
 * Invariant: where it cannot be recorded (too much, a secret), the record says so before anything runs.
 */
import { Effect } from "effect"
import type { UndoRecord } from "../domain/events/acted.ts"
import { attempt } from "./attempt.ts"
import { gitFoldersOf, incompleteRef, readRefs, stateFiles, type Refs } from "./gitState.ts"
import { changesSince, takeSnapshot, type SnapshotBounds } from "./snapshot.ts"
import type { Aftermath, ToolError } from "./Tool.ts"

export interface Recording {
  readonly undo: UndoRecord
  readonly blobs: ReadonlyArray<Uint8Array>
  readonly aftermath: Effect.Effect<Aftermath>
}

export interface RecordOptions {
  readonly workspace: string
  /** Real paths that may change, files or folders, existing or not. */
  readonly paths: ReadonlyArray<string>
  /** Refs, index and operations under way may change too. */
  readonly git: boolean
  readonly bounds: SnapshotBounds
  readonly holdsSecret: (bytes: Uint8Array) => boolean
  /** What can not be taken back although files can; or null. */
  readonly beyond: string | null
}

/** It could not be seen what changed: undo will refuse. */
export const unknownAftermath: Aftermath = { after: [], refs: { [incompleteRef]: "true" } }

const nothing: Aftermath = { after: [], refs: {} }

export const impossible = (reason: string): Recording => ({
  undo: { possible: false, reason, before: [], refs: {} },
  blobs: [],
  aftermath: Effect.succeed(nothing),
})

export const recordUndo = (options: RecordOptions): Effect.Effect<Recording, ToolError> =>
  Effect.gen(function* () {
    const { workspace, bounds } = options
    const folders = options.git ? yield* attempt("read .git", () => gitFoldersOf(workspace)) : null
    const within = [workspace, ...(folders === null ? [] : [folders.own, folders.common])]
    const ofGit = folders === null ? [] : yield* attempt("read .git", () => stateFiles(workspace))
    const roots = [...options.paths, ...ofGit]
    const refs: Refs = folders === null ? {} : yield* readRefs(workspace)
    const snapshot = yield* attempt("keep what may change", () =>
      takeSnapshot(within, roots, bounds, options.holdsSecret),
    )
    const limits = [...(options.beyond === null ? [] : [options.beyond]), ...snapshot.limits]
    const aftermath = Effect.gen(function* () {
      const { after, complete } = yield* attempt("see what changed", () =>
        changesSince(within, roots, snapshot.before, bounds),
      )
      const refsAfter: Refs = folders === null ? {} : yield* readRefs(workspace)
      return { after, refs: complete ? refsAfter : { ...refsAfter, [incompleteRef]: "true" } }
    }).pipe(Effect.orElseSucceed(() => unknownAftermath))
    const recording: Recording = {
      undo: {
        possible: true,
        reason: limits.length === 0 ? null : limits.join("; "),
        before: snapshot.before,
        refs,
      },
      blobs: snapshot.blobs,
      aftermath,
    }
    return recording
  }).pipe(
    Effect.catchIf(
      (error) => error.reason === "refused",
      (error) => Effect.succeed(impossible(error.message)),
    ),
  )
