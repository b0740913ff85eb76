/**
 * The repository's own part of a call: refs, HEAD, index, stash, an operation under way, and the trails beside them.
 * It comes back as one: as files where they are as the call left them, through git where only their values are.
 * Invariants: no ref is moved from another value than the one it was left at, nor to an object that is gone; reflogs
 * and other trails come back where nobody added to them, and are never in the way.
 */
import { dirname, join } from "node:path"
import { Effect } from "effect"
import type { PathState } from "../domain/events/acted.ts"
import { choiceFor, type UndoChoice, type UndoConflict } from "../domain/undoConflict.ts"
import { refused } from "./attempt.ts"
import type { Place } from "./exchange.ts"
import {
  gitRole,
  indexRef,
  missingObjects,
  movedRefs,
  refsConflict,
  type GitFolders,
  type Refs,
} from "./gitState.ts"
import { sameState } from "./pathState.ts"
import { contentOf } from "./undoFiles.ts"
import type { Change, WholeRecord } from "./undoRecord.ts"
import type { World } from "./World.ts"

export interface GitPlan {
  readonly places: ReadonlyArray<Place>
  /** Refs that only git can move: from, to. */
  readonly moves: { readonly from: Refs; readonly to: Refs } | null
  /** Git's lock files to be held meanwhile. */
  readonly locks: ReadonlyArray<string>
  readonly conflicts: ReadonlyArray<UndoConflict>
  readonly kept: ReadonlyArray<string>
}

const gitPath = ".git"
const nothing: GitPlan = { places: [], moves: null, locks: [], conflicts: [], kept: [] }

const inTheWay = (message: string): UndoConflict => ({
  path: gitPath,
  what: "git",
  message,
  mergeable: false,
  mine: null,
  back: null,
  merged: null,
})

interface Options {
  readonly workspace: string
  readonly folders: GitFolders
  readonly world: World
  readonly now: Refs
  readonly blob: (hash: string) => Effect.Effect<Uint8Array | null>
  readonly choice: UndoChoice
}

const isContent = (state: PathState): boolean => state.kind === "file" || state.kind === "link"

/** Refs and trails: a folder goes only where nothing else is in it. */
const droppedFolders = (places: ReadonlyArray<Place>, world: World): ReadonlySet<string> => {
  const going = new Set(
    places.filter(({ target }) => target.state.kind === "absent").map(({ now }) => now.path),
  )
  const dropped = new Set<string>()
  const folders = places.filter(({ now, target }) => now.kind === "dir" && target.state.kind === "absent")
  for (const { now } of folders.sort((a, b) => b.now.path.length - a.now.path.length)) {
    if (world.held(now.path).every((path) => going.has(path))) continue
    going.delete(now.path)
    dropped.add(now.path)
  }
  return dropped
}

/** Git removes empty folders when it likes. */
const withFolders = (places: ReadonlyArray<Place>, world: World): ReadonlyArray<Place> => {
  const all = [...places]
  const planned = new Set(places.map(({ now }) => now.path))
  for (const { now, target } of places) {
    if (target.state.kind === "absent") continue
    for (let folder = dirname(now.path); !planned.has(folder); folder = dirname(folder)) {
      const found = world.capture(folder).state
      if (found.kind !== "absent") break
      planned.add(folder)
      all.push({ now: found, target: { state: { ...found, kind: "dir", mode: 0o755 }, bytes: null } })
    }
  }
  return all
}

const lockOf = (path: string): string => `${path}.lock`

export const planGit = Effect.fnUntraced(function* (
  changes: ReadonlyArray<Change>,
  record: WholeRecord,
  options: Options,
) {
  const { choice, folders, now, world } = options
  const { refsAfter, refsBefore } = record
  if (changes.length === 0 && Object.keys(refsBefore).length === 0) return nothing
  const conflicted = (message: string): GitPlan =>
    choiceFor(choice, gitPath) === "keep"
      ? { ...nothing, kept: [gitPath] }
      : { ...nothing, conflicts: [inTheWay(message)] }
  const conflict = refsConflict(refsBefore, refsAfter, now)
  if (conflict !== null) return conflicted(conflict)

  const ofRefs: Array<Place> = []
  const others: Array<Place> = []
  const stagingMoved = refsBefore[indexRef] !== refsAfter[indexRef] && now[indexRef] !== refsBefore[indexRef]
  /** A ref's file is not as the call left it, although its value is: packed since, say. */
  let asFiles = true
  for (const change of changes) {
    const { after, before } = change
    const role = gitRole(folders, after.path)
    // git rewrites the index whenever it looks at files; its entries are compared with the refs
    if (role === "index" && !stagingMoved) continue
    const found = world.capture(after.path)
    const untouched = sameState(found.state, after, false)
    if (!untouched && role !== "index" && sameState(found.state, before, false)) continue
    if (!untouched && role === "trail") continue
    if (!untouched && role === "refs") {
      asFiles = false
      continue
    }
    if (!untouched && role === "state")
      return conflicted(`git's ${after.path.slice(folders.own.length + 1)} changed since`)
    const bytes = isContent(before) ? yield* contentOf(before, options) : null
    if (isContent(before) && bytes === null) {
      if (role === "trail") continue
      return conflicted("what git had noted there was not kept (too large, or erased)")
    }
    const place: Place = { now: found.state, target: { state: before, bytes } }
    if (role === "refs") ofRefs.push(place)
    else others.push(place)
  }
  const moved = movedRefs(refsBefore, refsAfter).filter((name) => now[name] !== refsBefore[name])
  const headMoved = refsBefore["HEAD"] !== refsAfter["HEAD"] && now["HEAD"] !== refsBefore["HEAD"]
  const goals = [...moved, ...(headMoved ? ["HEAD"] : [])].map((name) => refsBefore[name] ?? "")
  const gone = yield* missingObjects(options.workspace, goals)
  if (gone.length > 0) {
    return yield* refused(
      `${gone[0]!.slice(0, 12)}, to which a branch would go back, is no longer in the repository`,
    )
  }
  const ofNames = (refs: Refs): Refs =>
    Object.fromEntries(
      [...moved, ...(headMoved ? ["HEAD"] : [])].flatMap((name) =>
        refs[name] === undefined ? [] : [[name, refs[name]]],
      ),
    )
  // what has no file (tables), or another one by now, is moved through git
  const byFiles = asFiles && (goals.length === 0 || ofRefs.length > 0)
  const moves = byFiles || goals.length === 0 ? null : { from: ofNames(now), to: ofNames(refsBefore) }
  // moving a ref through git adds to its trail
  const beside = others.filter((place) => moves === null || gitRole(folders, place.now.path) !== "trail")
  const all = withFolders([...(byFiles ? ofRefs : []), ...beside], world)
  const dropped = droppedFolders(all, world)
  const places = all.filter((place) => !dropped.has(place.now.path))
  const fileLocks = places
    .filter(({ now: state, target }) => state.kind !== "dir" && target.state.kind !== "dir")
    .filter(({ now: state }) => ["index", "refs"].includes(gitRole(folders, state.path)))
    .map(({ now: state }) => lockOf(state.path))
  const locks = places.length === 0 ? [] : [lockOf(join(folders.own, "HEAD")), ...fileLocks]
  return {
    ...nothing,
    places,
    moves,
    locks: [...new Set(locks)],
  } satisfies GitPlan
})
