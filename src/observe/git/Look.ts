/**
 * One look at a workspace's repository: reads git's files, compares with what the log already says, and makes the
 * drafts of what is new. A look is cheap when nothing changed and total: whatever the files hold, it ends in
 * facts, in `broken` with a reason, or in a problem for the health line.
 */
import * as path from "node:path"
import type { EventDraft } from "../../domain/event.ts"
import { type Outside, sameClock } from "../OutsideTime.ts"
import type { RepositoryPosition } from "../Source.ts"
import { readCommit } from "./commits.ts"
import { GitFileError, statFile } from "./files.ts"
import { locate, readSettings, type Place, type Settings } from "./locate.ts"
import { readIndexLock, staleLockMs } from "./lock.ts"
import { moveDrafts } from "./moves.ts"
import { openObjects, type Objects } from "./objects.ts"
import { rebasingBranch } from "./operation.ts"
import { isRemote } from "./refChanges.ts"
import { stateBranches, stateRemotes } from "./refFacts.ts"
import { readTail, type Tail } from "./reflog.ts"
import { emptyRefsCache, readHead, readRefs, type Head } from "./refs.ts"
import { Settling } from "./Settling.ts"
import { readStash } from "./stash.ts"
import { Statements } from "./Statements.ts"
import { WorkTree } from "./WorkTree.ts"

export interface Looked {
  readonly drafts: ReadonlyArray<EventDraft>
  /** Look again after so many milliseconds, also without a signal; null: no need. */
  readonly againMs: number | null
  readonly place: Place | null
  readonly refFolders: ReadonlyArray<string>
  /** Why something is not observed, where that is so. */
  readonly problem: string | null
}
interface Seen {
  readonly refFolders: ReadonlyArray<string>
  readonly problem: string | null
  /** There are more lines to be stated. */
  readonly more: boolean
}
type GoodHead = Exclude<Head, { readonly _tag: "broken" }>

const maxLoggedRefs = 1_000
/** Lines of a reflog stated at a time, so that a long absence is caught up without holding the process. */
const maxLines = 50

export class Look {
  readonly #workspace: string
  readonly #settleMs: number
  readonly #settling: Settling
  readonly #statements: Statements
  readonly #outside: Outside
  readonly #workTree: WorkTree
  readonly #refsCache = emptyRefsCache()
  readonly #stashSubjects = new Map<string, string>()
  /** When there last was no repository here. */
  #absentMs: number | null = null
  #config: { readonly signature: string; readonly settings: Settings } | null = null
  #headTree: { readonly sha: string; readonly tree: string } | null = null
  #started = false

  constructor(options: {
    readonly workspace: string
    readonly known: RepositoryPosition | undefined
    readonly settleMs: number
    readonly outside?: Outside
  }) {
    this.#outside = options.outside ?? sameClock
    this.#workTree = new WorkTree(this.#outside)
    this.#workspace = options.workspace
    this.#settleMs = options.settleMs
    this.#settling = new Settling(options.settleMs)
    this.#statements = new Statements(options.workspace, options.known)
  }

  at(nowMs: number): Looked {
    this.#settling.begin()
    let place: Place | null = null
    let seen: Seen
    try {
      const located = locate(this.#workspace)
      place = located._tag === "found" ? located.place : null
      seen =
        located._tag === "found"
          ? this.#repository(located.place, nowMs)
          : located._tag === "broken"
            ? this.#broken(located.reason, located.gitDir, nowMs)
            : this.#absent(nowMs)
    } catch (error) {
      seen = this.#broken(this.#reason(error), place?.gitDir ?? null, nowMs)
    }
    this.#started = true
    return {
      drafts: this.#statements.take(),
      againMs: seen.more
        ? 0
        : this.#settling.end()
          ? this.#settleMs + 5
          : staleIn(place, nowMs, this.#outside),
      place,
      refFolders: seen.refFolders,
      problem: seen.problem,
    }
  }

  #reason(error: unknown): string {
    return error instanceof GitFileError
      ? `${path.relative(this.#workspace, error.file) || "."}: ${error.reason}`
      : `cannot be read: ${String(error)}`
  }

  #absent(nowMs: number): Seen {
    const { known, make } = this.#statements
    if (known.state === "gone") this.#absentMs = nowMs
    else if (this.#settling.settled("state", "gone", nowMs)) {
      this.#absentMs = nowMs
      this.#statements.silent.clear()
      this.#statements.say(nowMs, make("git.repository", { ...nowhere, state: "gone" }))
    }
    return { refFolders: [], problem: null, more: false }
  }

  #broken(reason: string, gitDir: string | null, nowMs: number): Seen {
    const problem = reason.slice(0, 500)
    const { known, make } = this.#statements
    if (
      (known.state !== "broken" || known.reason !== problem) &&
      this.#settling.settled("state", `broken ${problem}`, nowMs)
    )
      this.#statements.say(
        nowMs,
        make("git.repository", { ...nowhere, state: "broken", gitDir, reason: problem }),
      )
    return { refFolders: [], problem, more: false }
  }

  #settings(place: Place): Settings {
    const signature = [path.join(place.commonDir, "config"), path.join(place.gitDir, "config.worktree")]
      .map((file) => `${file} ${statFile(file)?.signature ?? "-"}`)
      .join("\n")
    if (this.#config?.signature !== signature) this.#config = { signature, settings: readSettings(place) }
    return this.#config.settings
  }

  #repository(place: Place, nowMs: number): Seen {
    const settings = this.#settings(place)
    if (settings.broken !== null) return this.#broken(settings.broken, place.gitDir, nowMs)
    if (settings.unsupported !== null) {
      const reason = `not supported: ${settings.unsupported}`
      const { known, make } = this.#statements
      if (known.state !== "appeared" || known.reason !== reason)
        this.#statements.say(nowMs, make("git.repository", { ...present(place, settings, null), reason }))
      return { refFolders: [], problem: reason, more: false }
    }
    const head = readHead(place)
    if (head._tag === "broken") return this.#broken(head.reason, place.gitDir, nowMs)
    const objects = openObjects(place.commonDir, settings.hashBytes)
    try {
      return this.#facts(place, settings, head, objects, nowMs)
    } finally {
      objects.close()
    }
  }

  #facts(place: Place, settings: Settings, head: GoodHead, objects: Objects, nowMs: number): Seen {
    const statements = this.#statements
    const headTree = this.#treeOf(objects, head)
    const reading = settings.bare
      ? { staged: null, problem: null }
      : this.#workTree.readStaged(place, objects, head.sha, headTree, nowMs)
    const { refs, folders: refFolders } = readRefs(place, this.#refsCache, nowMs)
    const headLog = path.join(place.gitDir, "logs", "HEAD")
    const position = statements.known.files[headLog]
    const tail = readTail(headLog, position, this.#sinceSec())
    this.#appeared(place, settings, head, refs, position === undefined ? { headLog, tail } : null, nowMs)
    if (!this.#started && statements.known.refsTruncated)
      for (const [ref, sha] of refs)
        if (statements.known.refs[ref] === undefined) statements.silent.set(ref, sha)

    stateRemotes(statements, place, refs, nowMs)
    const facts = {
      branch: head._tag === "branch" ? head.branch : null,
      known: statements.known.branch,
      rebasing: rebasingBranch(place),
      isBranch: (name: string) =>
        refs.has(`refs/heads/${name}`) || statements.ref(`refs/heads/${name}`) !== null,
    }
    for (const moved of moveDrafts(objects, headLog, tail.lines, facts, maxLines, statements.make))
      statements.say(nowMs, moved)
    const problem =
      settings.reflogsOff && !settings.bare
        ? "reflogs are off (core.logAllRefUpdates): commits show only as branches that move"
        : reading.problem
    if (tail.lines.length > maxLines) return { refFolders, problem, more: true }

    this.#stash(place, nowMs)
    stateBranches(statements, this.#settling, head, tail.newest, refs, nowMs)
    if (!settings.bare) this.#workTree.state(statements, this.#settling, place, reading.staged, nowMs)
    return { refFolders, problem, more: false }
  }

  /** Lines of a reflog seen for the first time count from when there was no repository here; else all is history. */
  #sinceSec(): number {
    const { known } = this.#statements
    const since = Math.max(known.atMs, this.#absentMs ?? 0)
    return known.state === "appeared" || since === 0 ? Number.POSITIVE_INFINITY : Math.floor(since / 1000)
  }

  #treeOf(objects: Objects, head: GoodHead): string | null {
    if (head.sha === null) return null
    if (this.#headTree?.sha === head.sha) return this.#headTree.tree
    const commit = readCommit(objects, head.sha)
    if (commit === null)
      throw new GitFileError({ file: this.#workspace, reason: "the commit that HEAD names cannot be read" })
    this.#headTree = { sha: head.sha, tree: commit.tree }
    return commit.tree
  }

  #appeared(
    place: Place,
    settings: Settings,
    head: GoodHead,
    refs: ReadonlyMap<string, string>,
    first: { readonly headLog: string; readonly tail: Tail } | null,
    nowMs: number,
  ): void {
    const { known, make, silent } = this.#statements
    const same =
      known.state === "appeared" &&
      known.reason === null &&
      known.gitDir === place.gitDir &&
      known.notPlain.join("\n") === settings.notPlain.join("\n")
    if (same && first === null) return
    const payload = present(place, settings, head)
    if (first === null) return this.#statements.say(nowMs, make("git.repository", payload))

    // Local branches first: they are the ones worth keeping where there are too many.
    const all = [...refs].sort(([a], [b]) => Number(isRemote(a)) - Number(isRemote(b)))
    silent.clear()
    for (const [ref, sha] of all.slice(maxLoggedRefs)) silent.set(ref, sha)
    const stash = stashLog(place)
    this.#statements.say(
      nowMs,
      make("git.repository", {
        ...payload,
        positions: [
          { file: first.headLog, ...first.tail.start },
          { file: stash, ...readStash(stash, undefined, this.#stashSubjects).position },
        ],
        refs: Object.fromEntries(all.slice(0, maxLoggedRefs)),
        ...(all.length > maxLoggedRefs ? { refsTruncated: true } : {}),
      }),
    )
  }

  #stash(place: Place, nowMs: number): void {
    const file = stashLog(place)
    const { known, make } = this.#statements
    for (const change of readStash(file, known.files[file], this.#stashSubjects).changes)
      this.#statements.say(
        nowMs,
        make("git.stash", {
          action: change.action,
          count: change.count,
          subject: change.subject,
          position: { file, ...change.position },
        }),
      )
  }
}

const stashLog = (place: Place): string => path.join(place.commonDir, "logs", "refs", "stash")

const nowhere = {
  gitDir: null,
  bare: false,
  worktree: false,
  head: null,
  branch: null,
  notPlain: [],
  reason: null,
}

const present = (place: Place, settings: Settings, head: GoodHead | null) => ({
  state: "appeared" as const,
  gitDir: place.gitDir,
  bare: settings.bare,
  worktree: place.worktree,
  head: head?.sha ?? null,
  branch: head?._tag === "branch" ? head.branch : null,
  notPlain: settings.notPlain,
  reason: null,
})

/** When a lock that is there now will be old enough to be stated. */
const staleIn = (place: Place | null, nowMs: number, outside: Outside): number | null => {
  try {
    const lock = place === null ? null : readIndexLock(place, nowMs, outside)
    return lock === null || lock.ageMs >= staleLockMs ? null : staleLockMs - lock.ageMs + 1_000
  } catch {
    return null
  }
}
