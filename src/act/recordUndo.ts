/**
 * What has to be known before something is changed so that it can be taken back: the states of the paths it may
 * touch and, in a repository, refs, index and reflogs. One way for every tool that writes.
 * Invariants: where it cannot be recorded (too much, a secret), the record says so before anything runs; what the log
 * has already is not brought again; what somebody else changed while it ran is left out as far as it can be told.
 */
import { dirname } from "node:path"
import { Clock, Effect } from "effect"
import type { PathState, UndoRecord } from "../domain/events/acted.ts"
import { attempt } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"
import { ContentCache } from "./ContentCache.ts"
import { allRefs, gitFoldersOf, incompleteRef, readRefs, stateFiles, type Refs } from "./gitState.ts"
import { manifestOf } from "./manifest.ts"
import { inside } from "./paths.ts"
import { changesSince, takeSnapshot, type SnapshotBounds, type Window } from "./snapshot.ts"
import type { Aftermath, ToolError } from "./Tool.ts"

export interface Recording {
  readonly undo: UndoRecord
  readonly blobs: ReadonlyArray<Uint8Array>
  readonly aftermath: Effect.Effect<Aftermath>
  /** All states and refs, also where `undo` only names the content that lists them. */
  readonly before: ReadonlyArray<PathState>
  readonly refs: Refs
  /** Around what changes things: notes between which times it ran, and that the record is in the log by then. */
  readonly during: <A, E, R>(run: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
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
  /** What is known of contents and of the log; its own if absent. */
  readonly contents?: ContentCache
  /** Paths that what runs cannot have written: a change there is somebody else's. */
  readonly shut?: ReadonlyArray<string>
  /** It runs outside the sandbox: git's configuration may change too. */
  readonly unsandboxed?: boolean
}

/** More states, or refs, than this are kept as contents of their own, which most commands have in common. */
const inlineStates = 64
const inlineRefs = 64

/** It could not be seen what changed: undo will refuse. */
export const unknownAftermath: Aftermath = { after: [], refs: { [incompleteRef]: "true" } }

const nothing: Aftermath = { after: [], refs: {} }

export const impossible = (reason: string): Recording => ({
  undo: { possible: false, reason, before: [], refs: {} },
  blobs: [],
  aftermath: Effect.succeed(nothing),
  before: [],
  refs: {},
  during: (run) => run,
})

/** Only what changed: of the rest the record before tells. A ref that is gone is "". */
export const refsSince = (before: Refs, after: Refs): Refs =>
  Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((name) => !name.startsWith("refs/") || before[name] !== after[name])
      .map((name) => [name, after[name] ?? ""]),
  )

/** Between the paths and the workspace; none where the workspace itself is among the paths. */
export const foldersAbove = (paths: ReadonlyArray<string>, workspace: string): ReadonlyArray<string> => {
  const found = new Set<string>()
  for (const path of paths) {
    for (
      let folder = dirname(path);
      folder !== workspace && inside(workspace, folder) && !found.has(folder);
      folder = dirname(folder)
    ) {
      found.add(folder)
    }
  }
  return [...found].filter((folder) => !paths.some((path) => inside(path, folder))).sort()
}

const recordOf = (
  states: ReadonlyArray<PathState>,
  refs: Refs,
  reason: string | null,
  roots: ReadonlyArray<string>,
) => {
  const blobs = new Map<string, Uint8Array>()
  const put = (content: Uint8Array): string => {
    const hash = sha256(content)
    blobs.set(hash, content)
    return hash
  }
  const manifest = states.length <= inlineStates ? null : manifestOf(states)
  for (const [hash, content] of manifest?.blobs ?? []) blobs.set(hash, content)
  const few = Object.keys(refs).length <= inlineRefs
  const undo: UndoRecord = {
    possible: true,
    reason,
    before: manifest === null ? states : [],
    roots,
    ...(manifest === null ? {} : { tree: manifest.root }),
    refs: few
      ? refs
      : {
          ...Object.fromEntries(Object.entries(refs).filter(([name]) => !name.startsWith("refs/"))),
          [allRefs]: put(new TextEncoder().encode(JSON.stringify(refs))),
        },
  }
  return { undo, blobs }
}

export const recordUndo = (options: RecordOptions): Effect.Effect<Recording, ToolError> =>
  Effect.gen(function* () {
    const { workspace } = options
    const contents = options.contents ?? new ContentCache()
    const nowMs = yield* Clock.currentTimeMillis
    const folders = options.git ? yield* attempt("read .git", () => gitFoldersOf(workspace)) : null
    const look = {
      within: [workspace, ...(folders === null ? [] : [folders.own, folders.common])],
      roots: [
        ...options.paths,
        ...(folders === null ? [] : stateFiles(folders, options.unsandboxed === true)),
      ],
      above: foldersAbove(options.paths, workspace),
      bounds: options.bounds,
      holdsSecret: options.holdsSecret,
      contents,
    }
    const refs: Refs = folders === null ? {} : yield* readRefs(workspace)
    const snapshot = yield* attempt("keep what may change", () => takeSnapshot({ ...look, nowMs }))
    const limits = [...(options.beyond === null ? [] : [options.beyond]), ...snapshot.limits]
    const record = recordOf(
      snapshot.before,
      refs,
      limits.length === 0 ? null : limits.join("; "),
      options.paths,
    )
    const blobs = new Map([
      ...snapshot.blobs,
      ...[...record.blobs].filter(([hash]) => !contents.isStored(hash, nowMs)),
    ])

    let window: Window | null = null
    const during: Recording["during"] = (run) =>
      Effect.gen(function* () {
        // the start was logged, with these contents, before anything runs
        contents.stored(blobs.keys(), yield* Clock.currentTimeMillis)
        const from = { wall: yield* Clock.currentTimeMillis, steady: yield* Clock.monotonicTimeNanos }
        const noteEnd = Effect.gen(function* () {
          const to = { wall: yield* Clock.currentTimeMillis, steady: yield* Clock.monotonicTimeNanos }
          const jumped = Math.abs(to.wall - from.wall - Number(to.steady - from.steady) / 1e6) > 100
          // a clock that was set meanwhile tells nothing
          window = jumped ? null : { snapshotMs: nowMs, fromMs: from.wall, toMs: to.wall }
        })
        return yield* Effect.ensuring(run, noteEnd)
      })
    const aftermath = Effect.gen(function* () {
      const at = yield* Clock.currentTimeMillis
      const changes = yield* attempt("see what changed", () =>
        changesSince({ ...look, nowMs: at }, snapshot, window, options.shut ?? []),
      )
      const refsAfter: Refs = folders === null ? {} : refsSince(refs, yield* readRefs(workspace))
      return {
        after: changes.after,
        refs: changes.complete ? refsAfter : { ...refsAfter, [incompleteRef]: "true" },
        kept: changes.kept,
      }
    }).pipe(Effect.orElseSucceed(() => unknownAftermath))
    const recording: Recording = {
      undo: record.undo,
      blobs: [...blobs.values()],
      aftermath,
      before: snapshot.before,
      refs,
      during,
    }
    return recording
  }).pipe(
    Effect.catchIf(
      (error) => error.reason === "refused",
      (error) => Effect.succeed(impossible(error.message)),
    ),
  )
