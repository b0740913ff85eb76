/**
 * The files of the working tree a call changed, held against what is there now: what comes back as it was, what
 * changed since and stands in the way, and what a person chose to do about that.
 * Invariants: a path that is neither as the call left it nor as it was before is never replaced but by a clean merge;
 * a folder that holds anything else stays.
 */
import { dirname } from "node:path"
import { Effect } from "effect"
import type { PathState } from "../domain/events/acted.ts"
import { choiceFor, type UndoChoice, type UndoConflict } from "../domain/undoConflict.ts"
import { refused } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"
import type { Place } from "./exchange.ts"
import { sameState, type Captured } from "./pathState.ts"
import { shown } from "./paths.ts"
import { difference, threeWay } from "./threeWay.ts"
import type { Change } from "./undoRecord.ts"
import type { World } from "./World.ts"

export interface FilesPlan {
  readonly places: ReadonlyArray<Place>
  /** Of these the person has not said what to do. */
  readonly conflicts: ReadonlyArray<UndoConflict>
  readonly kept: ReadonlyArray<string>
  readonly merged: ReadonlyArray<string>
}

interface Options {
  readonly workspace: string
  readonly world: World
  readonly blob: (hash: string) => Effect.Effect<Uint8Array | null>
  readonly choice: UndoChoice
  readonly nowMs: number
}

/** The content of a state, where the log kept it; damaged is not kept. */
export const contentOf = Effect.fnUntraced(function* (
  state: PathState,
  { blob, workspace }: Pick<Options, "blob" | "workspace">,
) {
  const bytes = state.hash === null ? null : yield* blob(state.hash)
  if (bytes !== null && sha256(bytes) !== state.hash) {
    return yield* refused(`the kept content of ${shown(workspace, state.path)} is damaged`)
  }
  return bytes
})

type Verdict =
  | { readonly _tag: "back"; readonly place: Place }
  | { readonly _tag: "done" }
  | { readonly _tag: "conflict"; readonly conflict: UndoConflict; readonly place: Place | null }

const needsContent = (state: PathState): boolean => state.kind === "file" || state.kind === "link"

const messageFor = (name: string, what: UndoConflict["what"]): string => {
  switch (what) {
    case "edited":
      return `${name} changed since`
    case "removed":
      return `${name} was removed since`
    case "replaced":
      return `something else stands at ${name} since`
    case "not-kept":
      return `what ${name} held was not kept (it held a secret, was too large, or was erased)`
    case "in-the-way":
    case "git":
      return name
  }
}

const whatOf = ({ after }: Change, now: PathState): UndoConflict["what"] =>
  now.kind === "absent" ? "removed" : now.kind === after.kind ? "edited" : "replaced"

const judge = Effect.fnUntraced(function* (change: Change, options: Options) {
  const { workspace, world } = options
  const { after, before } = change
  const now = world.capture(after.path)
  const name = shown(workspace, after.path)
  const conflict = (what: UndoConflict["what"], more: Partial<UndoConflict> = {}): UndoConflict => ({
    path: name,
    what,
    message: messageFor(name, what),
    mergeable: false,
    mine: null,
    back: null,
    merged: null,
    ...more,
  })
  // a time alone is nobody's work: what is the same content is what the call left
  const untouched = sameState(now.state, after, false) && (after.kind !== "file" || after.hash !== null)
  if (!untouched && sameState(now.state, before, false) && (before.kind !== "file" || before.hash !== null))
    return { _tag: "done" } satisfies Verdict as Verdict
  const bytes = needsContent(before) ? yield* contentOf(before, options) : null
  if (untouched) {
    return (needsContent(before) && bytes === null
      ? { _tag: "conflict", conflict: conflict("not-kept"), place: null }
      : {
          _tag: "back",
          place: { now: now.state, target: { state: before, bytes } },
        }) satisfies Verdict as Verdict
  }
  const isText = after.kind === "file" && now.state.kind === "file"
  const base = isText ? yield* contentOf(after, options) : null
  const merged = isText && before.kind === "file" ? threeWay(now.bytes, base, bytes) : null
  const target: Captured | null =
    merged === null
      ? null
      : {
          state: {
            ...now.state,
            mode: now.state.mode === after.mode ? before.mode : now.state.mode,
            mtimeNs: String(BigInt(options.nowMs) * 1_000_000n),
            bytes: merged.length,
            hash: sha256(merged),
          },
          bytes: merged,
        }
  return {
    _tag: "conflict",
    conflict: conflict(whatOf(change, now.state), {
      mergeable: target !== null,
      mine: difference(name, base, now.state.kind === "file" ? now.bytes : null),
      back: difference(name, base, before.kind === "file" ? bytes : null),
      merged: merged === null ? null : difference(name, now.bytes, merged),
    }),
    place: target === null ? null : { now: now.state, target },
  } satisfies Verdict as Verdict
})

/** Folders the call made go only if all they hold goes; null for those that may, else what stays in them. */
const strangerIn = (folder: string, going: ReadonlySet<string>, world: World): string | null =>
  world.held(folder).find((path) => !going.has(path)) ?? null

const isGoing = ({ target }: Place): boolean => target.state.kind === "absent"

export const planFiles = Effect.fnUntraced(function* (changes: ReadonlyArray<Change>, options: Options) {
  const { choice, workspace, world } = options
  const places: Array<Place> = []
  const conflicts: Array<UndoConflict> = []
  const kept: Array<string> = []
  const merged: Array<string> = []
  /** Of which a conflict was stated, or which a person keeps: they explain why their folder stays. */
  const spokenFor = new Set<string>()
  for (const change of changes) {
    const verdict = yield* judge(change, options)
    if (verdict._tag === "done") continue
    if (verdict._tag === "back") {
      places.push(verdict.place)
      continue
    }
    const { conflict, place } = verdict
    const said = choiceFor(choice, conflict.path)
    if (said === "merge" && place !== null) {
      places.push(place)
      merged.push(conflict.path)
      continue
    }
    spokenFor.add(change.after.path)
    if (said === "keep") kept.push(conflict.path)
    else conflicts.push(conflict)
  }
  const staying = (path: string, conflict: UndoConflict): void => {
    const said = choiceFor(choice, conflict.path)
    if (said === "keep" || (said === "merge" && conflict.mergeable)) kept.push(conflict.path)
    else conflicts.push(conflict)
    spokenFor.add(path)
  }
  const going = new Set(places.filter(isGoing).map(({ now }) => now.path))
  const deepestFirst = places
    .filter((place) => isGoing(place) && place.now.kind === "dir")
    .sort((a, b) => b.now.path.length - a.now.path.length)
  for (const { now } of deepestFirst) {
    const stranger = strangerIn(now.path, going, world)
    if (stranger === null) continue
    going.delete(now.path)
    const message = `${shown(workspace, now.path)} holds ${shown(workspace, stranger)}, which is not part of what is taken back`
    if (spokenFor.has(stranger)) spokenFor.add(now.path)
    else
      staying(now.path, {
        path: shown(workspace, now.path),
        what: "in-the-way",
        message,
        mergeable: true,
        mine: null,
        back: null,
        merged: null,
      })
  }
  // what comes back needs its folder
  const coming = new Set(
    places.filter(({ target }) => target.state.kind === "dir").map(({ target }) => target.state.path),
  )
  const homeless = (path: string): boolean => {
    const folder = dirname(path)
    if (folder === workspace || coming.has(folder)) return false
    return world.capture(folder).state.kind !== "dir"
  }
  const lost = places
    .filter((place) => !isGoing(place) && homeless(place.now.path))
    .map(({ now }) => now.path)
  for (const path of lost) {
    staying(path, {
      path: shown(workspace, path),
      what: "removed",
      message: `the folder of ${shown(workspace, path)} was removed since`,
      mergeable: false,
      mine: null,
      back: null,
      merged: null,
    })
  }
  const stays = (place: Place): boolean =>
    (isGoing(place) && !going.has(place.now.path)) || lost.includes(place.now.path)
  return {
    places: places.filter((place) => !stays(place)),
    conflicts,
    kept,
    merged,
  } satisfies FilesPlan
})
