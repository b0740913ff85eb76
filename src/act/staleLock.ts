/**
 * Removing a `.git/index.lock` that a dead git left behind.
 * Invariant: it is only removed if it is old enough, no live git works in this repository and nothing holds it open.
 */
import { readFile, readlink, readdir, unlink } from "node:fs/promises"
import { join } from "node:path"
import { Clock, Effect } from "effect"
import { attempt, refused } from "./attempt.ts"
import { gitFoldersOf } from "./gitState.ts"
import { capture, sameState } from "./pathState.ts"
import { inFolder, inside, shown } from "./paths.ts"
import { textResult, type ActSettings } from "./planParts.ts"
import { unknownAftermath } from "./recordUndo.ts"
import type { ToolContext, ToolPlan } from "./Tool.ts"

const minAgeMs = 10_000
const maxBytes = 64 * 1024 * 1024

/** A live process that holds the file open, or a git that stands in the repository. */
const lockHolder = async (lock: string, workspace: string): Promise<number | null> => {
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim()
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "")
    if (/^git(?:-|$)/.test(name) && inside(workspace, cwd)) return Number(pid)
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")) === lock) return Number(pid)
    }
  }
  return null
}

export const staleLockPlan = Effect.fnUntraced(function* (context: ToolContext, settings: ActSettings) {
  const { workspace } = context
  const folders = yield* attempt("read .git", () => gitFoldersOf(workspace))
  if (folders === null) return yield* refused("this is not a git repository")
  const lock = join(folders.own, "index.lock")
  const roots = [workspace, folders.own]
  const look = attempt(`look at ${shown(workspace, lock)}`, () => capture(lock, roots, maxBytes))
  const before = yield* look
  const check = Effect.gen(function* () {
    const now = yield* look
    if (now.state.kind === "absent") return yield* refused("the lock is gone already")
    if (now.state.kind !== "file") return yield* refused("the lock is not a file")
    if (!sameState(now.state, before.state, true)) return yield* refused("the lock changed: git is at work")
    const ageMs = (yield* Clock.currentTimeMillis) - Number(BigInt(now.state.mtimeNs) / 1_000_000n)
    if (ageMs < minAgeMs) return yield* refused("the lock is only seconds old; git may still be at work")
    const holder = yield* attempt("look for a running git", () => lockHolder(lock, workspace))
    if (holder !== null) return yield* refused(`process ${holder} is at work in this repository`)
  })
  yield* check
  const aftermath = look.pipe(
    Effect.map(({ state }) => ({
      after: sameState(state, before.state, true) ? [] : [state],
      refs: {},
    })),
    Effect.orElseSucceed(() => unknownAftermath),
  )
  const plan: ToolPlan = {
    summary: `Remove ${shown(workspace, lock)}, left behind by a git that ended`,
    preview: null,
    sandbox: "not-needed",
    commands: [],
    reads: [{ path: lock, hash: before.state.hash }],
    undo: { possible: true, reason: null, before: [before.state], refs: {} },
    blobs: before.bytes === null ? [] : [before.bytes],
    aftermath,
    run: Effect.gen(function* () {
      yield* check
      yield* attempt("remove the lock", () => inFolder(lock, roots, (entry) => unlink(entry)))
      return textResult("removed", settings, yield* aftermath)
    }).pipe(Effect.uninterruptible),
  }
  return plan
})
