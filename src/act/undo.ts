/**
 * Takes a finished call back: bytes, modes, modification times, links, deleted and created paths, refs and index.
 * Invariants: a path is only touched if it is still exactly as the call left it, else everything is refused with its
 * name; all or nothing: what was already put back is rolled forward again if a later step fails.
 */
import { open, readdir, unlink } from "node:fs/promises"
import { constants } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type { PathState, UndoRecord } from "../domain/events/acted.ts"
import { attempt, codeOf, refused } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"
import {
  gitFoldersOf,
  incompleteRef,
  indexRef,
  moveRefs,
  readRefs,
  refsConflict,
  type Refs,
} from "./gitState.ts"
import { capture, restore, sameState, TooLarge, type Captured } from "./pathState.ts"
import { inside, shown } from "./paths.ts"
import type { ToolError } from "./Tool.ts"

export interface UndoCall {
  /** Real path. */
  readonly workspace: string
  readonly record: UndoRecord
  /** Null: the call did not end, and what it changed is not known. */
  readonly after: ReadonlyArray<PathState> | null
  readonly refsAfter: Refs
  readonly blob: (hash: string) => Effect.Effect<Uint8Array | null>
}

interface Change {
  readonly before: PathState
  readonly after: PathState
}

const absentState = (path: string): PathState => ({
  path,
  kind: "absent",
  mode: 0,
  mtimeNs: "0",
  bytes: 0,
  hash: null,
})

/** A bound on what one undo holds in memory. */
const maxBytes = 256 * 1024 * 1024

/** Depth first for what goes, top first for what comes: a folder is emptied before it goes, and there before it is filled. */
const order = (targets: ReadonlyArray<Captured>): ReadonlyArray<Captured> => {
  const depth = ({ state }: Captured): number => state.path.split("/").length
  const going = targets.filter(({ state }) => state.kind === "absent").sort((a, b) => depth(b) - depth(a))
  const folders = targets.filter(({ state }) => state.kind === "dir").sort((a, b) => depth(a) - depth(b))
  const content = targets.filter(({ state }) => state.kind === "file" || state.kind === "link")
  return [...going, ...folders, ...content]
}

/** Created folders may only hold what the call itself created. */
const strangersIn = async (folder: string, created: ReadonlySet<string>): Promise<string | null> => {
  const names = await readdir(folder).catch((error) => {
    if (codeOf(error) === "ENOENT") return []
    throw error
  })
  const stranger = names.map((name) => join(folder, name)).find((path) => !created.has(path))
  return stranger ?? null
}

/** While the lock file is there no other git writes the index. */
const withIndexLock = async <A>(index: string | null, use: () => Promise<A>): Promise<A> => {
  if (index === null) return use()
  const lock = `${index}.lock`
  const handle = await open(lock, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o644).catch(
    (error) => {
      throw codeOf(error) === "EEXIST" ? refused("another git command is running (index.lock)") : error
    },
  )
  await handle.close()
  return use().finally(() => unlink(lock))
}

/** Brings all paths to their targets, or none; gives what they were before, to go forward again. */
const applyAll = async (
  targets: ReadonlyArray<Captured>,
  roots: ReadonlyArray<string>,
): Promise<ReadonlyArray<Captured>> => {
  const now = new Map<string, Captured>()
  for (const { state } of targets) now.set(state.path, await capture(state.path, roots, maxBytes))
  const touched: Array<Captured> = []
  const put = async (wanted: ReadonlyArray<Captured>): Promise<void> => {
    for (const target of order(wanted)) {
      touched.push(now.get(target.state.path)!)
      const opened =
        target.state.kind === "dir"
          ? { ...target, state: { ...target.state, mode: target.state.mode | 0o700 } }
          : target
      await restore(opened, roots)
    }
    // a folder gets its own mode last: it may forbid what had to be put into it
    for (const target of wanted) if (target.state.kind === "dir") await restore(target, roots)
  }
  try {
    await put(targets)
  } catch (error) {
    for (const state of order([...touched])) await restore(state, roots).catch(() => {})
    throw error
  }
  return [...now.values()]
}

export const undoCall = (call: UndoCall): Effect.Effect<ReadonlyArray<string>, ToolError> =>
  Effect.gen(function* () {
    const { workspace, record, after } = call
    if (!record.possible) return yield* refused(record.reason ?? "this cannot be taken back")
    if (after === null) {
      return yield* refused("it did not run to its end, so what it changed is not known; nothing was touched")
    }
    if (call.refsAfter[incompleteRef] !== undefined) {
      return yield* refused("it changed more than was looked at, so not all of it could be taken back")
    }
    const beforeByPath = new Map(record.before.map((state) => [state.path, state]))
    const folders = yield* attempt("read .git", () => gitFoldersOf(workspace))
    const index = folders === null ? null : join(folders.own, "index")
    const roots = [workspace, ...(folders === null ? [] : [folders.own, folders.common])]
    const sameIndex = record.refs[indexRef] === call.refsAfter[indexRef]
    const changes: ReadonlyArray<Change> = after
      .filter((state) => state.path !== index || !sameIndex)
      .map((state) => ({ before: beforeByPath.get(state.path) ?? absentState(state.path), after: state }))
    const created = new Set(
      changes.filter(({ before }) => before.kind === "absent").map(({ before }) => before.path),
    )

    const check = Effect.gen(function* () {
      for (const change of changes) {
        const { path } = change.after
        if (change.before.kind === "absent" && change.after.kind === "dir") {
          const stranger = yield* attempt("look again", () => strangersIn(path, created))
          if (stranger !== null)
            return yield* refused(
              `${shown(workspace, path)} holds ${shown(workspace, stranger)}, which is not part of what is taken back`,
            )
        }
        // git rewrites the index whenever it looks at files; its entries are compared with the refs
        if (path === index) continue
        const now = yield* attempt("look again", () =>
          capture(path, roots, maxBytes).catch((error) => {
            throw error instanceof TooLarge
              ? refused(`${shown(workspace, path)} is too large to be taken back`)
              : error
          }),
        )
        if (!sameState(now.state, change.after, true)) {
          return yield* refused(`${shown(workspace, path)} changed since; nothing was touched`)
        }
      }
      if (Object.keys(record.refs).length === 0) return
      const conflict = refsConflict(record.refs, call.refsAfter, yield* readRefs(workspace))
      if (conflict !== null) return yield* refused(`${conflict}; nothing was touched`)
    })

    const target = Effect.fnUntraced(function* ({ before }: Change) {
      if (before.kind !== "file" && before.kind !== "link") return { state: before, bytes: null }
      const bytes = before.hash === null ? null : yield* call.blob(before.hash)
      if (bytes === null) {
        return yield* refused(
          `what ${shown(workspace, before.path)} held was not kept (it held a secret, or was erased)`,
        )
      }
      if (sha256(bytes) !== before.hash) {
        return yield* refused(`the kept content of ${shown(workspace, before.path)} is damaged`)
      }
      return { state: before, bytes }
    })

    yield* check
    const targets: ReadonlyArray<Captured> = yield* Effect.forEach(changes, target)
    const moves = Object.keys(record.refs).length > 0
    const lock = moves && !sameIndex ? index : null
    const forward = yield* attempt("take back", () => withIndexLock(lock, () => applyAll(targets, roots)))
    if (moves) {
      yield* moveRefs(workspace, call.refsAfter, record.refs).pipe(
        Effect.catch((error) =>
          Effect.gen(function* () {
            yield* Effect.ignore(attempt("roll forward", () => applyAll(forward, roots)))
            return yield* error
          }),
        ),
      )
    }
    return changes.map(({ after }) => after.path).filter((path) => inside(workspace, path))
  }).pipe(Effect.uninterruptible)
