/**
 * The facts of a working tree: what is staged, which operation is under way, what is in conflict, a stale lock.
 * The index is compared again only when it or HEAD's tree changed, and never while git is writing it.
 */
import * as path from "node:path"
import { conflictDigest } from "../positions.ts"
import type { Outside } from "../OutsideTime.ts"
import { statFile } from "./files.ts"
import { readIndex } from "./indexFile.ts"
import type { Place } from "./locate.ts"
import { lockHolder, readIndexLock, staleLockMs } from "./lock.ts"
import type { Objects } from "./objects.ts"
import { readOperation } from "./operation.ts"
import { readHead } from "./refs.ts"
import type { Settling } from "./Settling.ts"
import { compareStaged, nothingStaged, type Staged } from "./staged.ts"
import type { Statements } from "./Statements.ts"

const maxFiles = 500
/** An `index.lock` older than this is not git in the middle of a step. */
const busyLockMs = 5_000

export interface StagedReading {
  /** Null: not to be had in this look. */
  readonly staged: Staged | null
  readonly problem: string | null
}
const later: StagedReading = { staged: null, problem: null }

export class WorkTree {
  readonly #outside: Outside
  #last: { readonly key: string; readonly staged: Staged } | null = null

  constructor(outside: Outside) {
    this.#outside = outside
  }

  readStaged(
    place: Place,
    objects: Objects,
    headSha: string | null,
    headTree: string | null,
    nowMs: number,
  ): StagedReading {
    const lock = readIndexLock(place, nowMs, this.#outside)
    // The lock's going is a signal of its own, so nothing is missed by waiting for it.
    if (lock !== null && lock.ageMs < busyLockMs) return later
    const file = path.join(place.gitDir, "index")
    const signatureNow = (): string => statFile(file)?.signature ?? "-"
    const signature = signatureNow()
    const key = `${signature} ${headTree ?? "-"}`
    if (this.#last?.key === key) return { staged: this.#last.staged, problem: null }
    const index = readIndex(file, objects.hashBytes)
    if (index.unsupported !== null)
      return { staged: null, problem: `what is staged is not seen: ${index.unsupported}` }
    const staged = compareStaged(objects, headTree, index, maxFiles)
    const head = readHead(place)
    const moved = head._tag === "broken" || head.sha !== headSha || signatureNow() !== signature
    if (moved || (lock === null && readIndexLock(place, nowMs, this.#outside) !== null)) return later
    if (staged.incomplete)
      return { staged: null, problem: "what is staged is not seen: a tree of HEAD cannot be read" }
    this.#last = { key, staged }
    return { staged, problem: null }
  }

  state(
    statements: Statements,
    settling: Settling,
    place: Place,
    staged: Staged | null,
    nowMs: number,
  ): void {
    const { make } = statements
    const operation = readOperation(place)
    const was = statements.known.operation
    if (operation !== was && settling.settled("operation", operation ?? "", nowMs))
      statements.say(nowMs, make("git.operation", { operation, was }))

    if (staged !== null) {
      const conflict = {
        operation: operation ?? "other",
        paths: staged.conflicts,
        count: staged.conflictCount,
      }
      const digest = conflictDigest(conflict)
      if (digest !== statements.known.conflict && settling.settled("conflict", digest ?? "", nowMs))
        statements.say(nowMs, make("git.conflict", conflict))
      if (staged.digest !== (statements.known.staged ?? nothingStaged))
        statements.say(
          nowMs,
          make("git.staged", {
            files: staged.files.map(({ path: name, status }) => ({ path: name, status })),
            count: staged.count,
            truncated: staged.truncated,
            index: staged.digest,
          }),
        )
    }

    const lock = readIndexLock(place, nowMs, this.#outside)
    const fresh = lock === null || Math.abs(lock.mtimeMs - (statements.known.lockMs ?? 0)) > 2_000
    if (lock !== null && lock.ageMs >= staleLockMs && fresh)
      statements.say(nowMs, make("git.lock", { ageMs: lock.ageMs, holder: lockHolder(place) }))
  }
}
