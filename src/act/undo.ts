/**
 * Takes a finished call back: bytes, modes, modification times, links, deleted and created paths, refs, index, stash.
 * Invariants: what changed since is never overwritten but by a clean merge that a person chose; all or nothing: the
 * files are exchanged as one, and refs that git moved go forward again if that fails.
 */
import { Clock, Effect, Schema } from "effect"
import { stop, UndoConflict, type UndoChoice } from "../domain/undoConflict.ts"
import { attempt } from "./attempt.ts"
import { exchange, recover, type Place, type Roots } from "./exchange.ts"
import {
  gitFoldersOf,
  indexRef,
  movedRefs,
  moveRefs,
  readRefs,
  type GitFolders,
  type Refs,
} from "./gitState.ts"
import type { Captured } from "./pathState.ts"
import { inside, shown } from "./paths.ts"
import { planFiles } from "./undoFiles.ts"
import { planGit } from "./undoGit.ts"
import { wholeRecord, type UndoCall, type WholeRecord } from "./undoRecord.ts"
import { afterwards, onDisk, type World } from "./World.ts"

export type { UndoCall } from "./undoRecord.ts"

/** Nothing was touched: somebody has to say what becomes of these. */
export class UndoConflicted extends Schema.TaggedError<UndoConflicted>()("UndoConflicted", {
  reason: Schema.Literal("refused"),
  message: Schema.String,
  conflicts: Schema.Array(UndoConflict),
}) {}

/** What an undo would do, with what is in its way. */
export interface UndoPlan {
  /** Shown paths that come back. */
  readonly paths: ReadonlyArray<string>
  readonly conflicts: ReadonlyArray<UndoConflict>
  readonly kept: ReadonlyArray<string>
  readonly merged: ReadonlyArray<string>
  readonly places: ReadonlyArray<Place>
  readonly moves: { readonly from: Refs; readonly to: Refs } | null
  readonly locks: ReadonlyArray<string>
  /** Names of what moves back in the repository. */
  readonly refs: ReadonlyArray<string>
  /** The world once it was done. */
  readonly world: World
}

export interface Undone {
  readonly paths: ReadonlyArray<string>
  readonly kept: ReadonlyArray<string>
  readonly merged: ReadonlyArray<string>
}

const foldersIn = (workspace: string) => attempt("read .git", () => gitFoldersOf(workspace))
const rootsFor = (workspace: string, folders: GitFolders | null): Roots => ({
  workspace,
  git: folders === null ? [] : [...new Set([folders.own, folders.common])],
})

const conflictSentence = (conflicts: ReadonlyArray<UndoConflict>): string => {
  const more = conflicts.length > 3 ? ` and ${conflicts.length - 3} more` : ""
  const said = conflicts.slice(0, 3).map(({ message }) => message)
  return `${said.join("; ")}${more}; nothing was touched`
}

/** "" stands for a ref that will be gone. */
const present = (refs: Refs): Refs =>
  Object.fromEntries(Object.entries(refs).filter(([, value]) => value !== ""))
const refsBack = ({ refsAfter, refsBefore }: WholeRecord): Refs =>
  Object.fromEntries(
    [...movedRefs(refsBefore, refsAfter), "HEAD", indexRef]
      .filter((name) => refsBefore[name] !== refsAfter[name])
      .map((name) => [name, refsBefore[name] ?? ""]),
  )

/** `world`: as it will be once newer calls were taken back; the disk as it is, if absent. */
export const planUndo = Effect.fnUntraced(function* (
  call: UndoCall,
  choice: UndoChoice = stop,
  world?: World,
) {
  const { blob, workspace } = call
  const record = yield* wholeRecord(call)
  const folders = yield* foldersIn(workspace)
  const roots = rootsFor(workspace, folders)
  const here = world ?? onDisk(workspace, [workspace, ...roots.git])
  const isGits = (path: string): boolean => roots.git.some((folder) => inside(folder, path))
  const nowMs = yield* Clock.currentTimeMillis
  const files = yield* planFiles(
    record.changes.filter(({ after }) => !isGits(after.path)),
    { workspace, world: here, blob, choice, nowMs },
  )
  const refs = folders === null ? {} : yield* readRefs(workspace)
  const git =
    folders === null
      ? null
      : yield* planGit(
          record.changes.filter(({ after }) => isGits(after.path)),
          record,
          { workspace, folders, world: here, now: present({ ...refs, ...here.refs }), blob, choice },
        )
  const places = [...files.places, ...(git?.places ?? [])]
  const states: ReadonlyArray<Captured> = places.map(({ target }) => target)
  const plan: UndoPlan = {
    paths: files.places.map(({ now }) => shown(workspace, now.path)),
    conflicts: [...files.conflicts, ...(git?.conflicts ?? [])],
    kept: [...files.kept, ...(git?.kept ?? [])],
    merged: files.merged,
    places,
    moves: git?.moves ?? null,
    locks: git?.locks ?? [],
    refs: git === null || git.kept.length + git.conflicts.length > 0 ? [] : Object.keys(refsBack(record)),
    world: afterwards(here, states, git === null || git.kept.length > 0 ? {} : refsBack(record)),
  }
  return plan
})

/** Trails that git added to while it moved refs. */
const lookedAtAgain = (places: ReadonlyArray<Place>, world: World): ReadonlyArray<Place> =>
  places.map((place) =>
    place.now.path.includes("/logs/") ? { ...place, now: world.capture(place.now.path).state } : place,
  )

export const undoCall = (call: UndoCall, choice: UndoChoice = stop) =>
  Effect.gen(function* () {
    const { workspace } = call
    const folders = yield* foldersIn(workspace)
    const roots = rootsFor(workspace, folders)
    yield* attempt("put back what an undo left half-way", () => recover(roots))
    const plan = yield* planUndo(call, choice)
    const { conflicts, locks, moves, places } = plan
    if (conflicts.length > 0) {
      return yield* new UndoConflicted({
        reason: "refused",
        message: conflictSentence(conflicts),
        conflicts,
      })
    }
    if (moves !== null) yield* moveRefs(workspace, moves.from, moves.to)
    const disk = onDisk(workspace, [workspace, ...roots.git])
    yield* attempt("take back", async () =>
      exchange(moves === null ? places : lookedAtAgain(places, disk), roots, locks),
    ).pipe(
      Effect.tapError(() =>
        moves === null ? Effect.void : Effect.ignore(moveRefs(workspace, moves.to, moves.from)),
      ),
    )
    const { kept, merged, paths } = plan
    return { paths, kept, merged } satisfies Undone
  }).pipe(Effect.uninterruptible)

/** Makes whole what an undo that was cut off left in a workspace; true where there was one. */
export const recoverUndo = Effect.fnUntraced(function* (workspace: string) {
  const folders = yield* foldersIn(workspace)
  return yield* attempt("put back what an undo left half-way", () => recover(rootsFor(workspace, folders)))
})
