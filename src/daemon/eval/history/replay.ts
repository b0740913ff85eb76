/**
 * Commits as they would have come about before Claw: files saved, staged, committed, by each author's own machine
 * under a virtual clock. What it would have shown is gathered with what it rested on.
 */
import { draft, type Event, type PayloadOf } from "../../../domain/event.ts"
import type { Situation } from "../../../domain/situation.ts"
import type { Proposal } from "../../../domain/suggestion.ts"
import { Machine } from "../Machine.ts"
import type { Point } from "./commitsOf.ts"
import type { TreeFolder } from "./TreeFolder.ts"

export interface Said {
  readonly point: Point
  readonly rule: string
  readonly situation: Situation
  readonly proposal: Proposal
  shown: boolean
}

/** Saved, then staged, then committed, so long before the commit's own time. */
const savedMs = 60_000
const stagedMs = 20_000
/** What comes at the boundary comes by then. */
const afterMs = 40_000

const session = "bash-1-1"

class Author {
  readonly #folder: TreeFolder
  readonly #machine: Machine
  #point: Point | null = null
  readonly #situations = new Map<number, Situation>()
  readonly #said = new Map<string, Said>()
  #offset = 0

  constructor(folder: TreeFolder, startMs: number) {
    this.#folder = folder
    this.#machine = new Machine({
      startMs,
      answer: (probe) => (this.#point === null ? undefined : folder.answer(probe, this.#point)),
      onEvent: (event) => this.#heard(event),
    })
  }

  get said(): ReadonlyArray<Said> {
    return [...this.#said.values()]
  }

  async commit(point: Point): Promise<void> {
    const machine = this.#machine
    const { root } = this.#folder
    await machine.advanceTo(point.atMs - savedMs)
    this.#point = point
    this.#situations.clear()
    const files = this.#folder.staged(point)
    if (machine.state.workspaces[root] === undefined)
      await machine.put(
        draft("daemon.workspace", { action: "added", path: root }, { actor: "user", workspace: root }),
      )
    await machine.see("fs.changed", this.#saved(files), root)
    await machine.advanceTo(point.atMs - stagedMs)
    const rows = files.map(({ path, status }) => ({ path, status }))
    await machine.see(
      "git.staged",
      { files: rows, count: rows.length, truncated: false, index: point.tree },
      root,
    )
    await this.#ran("git add -A")
    await machine.advanceTo(point.atMs)
    await machine.see(
      "git.commit",
      {
        sha: point.sha,
        parents: [...point.parents],
        branch: "work",
        subject: point.subject.slice(0, 1_000),
        files: [...point.files],
      },
      root,
    )
    await machine.see("git.staged", { files: [], count: 0, truncated: false, index: "" }, root)
    await this.#ran("git commit")
    await machine.advanceTo(machine.nowMs + afterMs)
  }

  #saved(files: ReturnType<TreeFolder["staged"]>): PayloadOf<"fs.changed"> {
    const kinds = { A: "add", R: "add", D: "unlink", M: "change", T: "change", U: "change" } as const
    const changes = files.map(({ path, status }) => ({ path, kind: kinds[status] }))
    const counts = { add: 0, change: 0, unlink: 0, rename: 0 }
    for (const { kind } of changes) counts[kind] += 1
    return { changes, counts, truncated: false, cause: "watch" }
  }

  #ran(command: string): Promise<void> {
    const { nowMs } = this.#machine
    this.#offset += 1
    return this.#machine.see(
      "terminal.command",
      {
        command,
        cwd: this.#folder.root,
        exit: 0,
        durationMs: 50,
        shell: "bash",
        session,
        authorKind: "user",
        startedAt: new Date(nowMs - 50).toISOString(),
        position: { file: session, offset: this.#offset },
      },
      this.#folder.root,
    )
  }

  #heard(event: Event): void {
    if (event.type === "situation.opened") this.#situations.set(event.seq, event.payload)
    else if ("proposal" in event.payload) {
      const { proposal, situation, suggestion } = event.payload
      const opened = this.#situations.get(situation)
      if (opened === undefined || this.#point === null) return
      this.#said.set(suggestion, {
        point: this.#point,
        rule: proposal.rule,
        situation: opened,
        proposal,
        shown: false,
      })
    } else if (event.type === "decision.shown") {
      const said = this.#said.get(event.payload.suggestion)
      if (said !== undefined) said.shown = true
    }
  }
}

/** Everything that was said, in the order of the commits. */
export const replay = async (
  points: ReadonlyArray<Point>,
  folder: TreeFolder,
  progress: (done: number) => void = () => undefined,
): Promise<ReadonlyArray<Said>> => {
  const authors = new Map<string, Author>()
  for (const [done, point] of points.entries()) {
    const author = authors.get(point.author) ?? new Author(folder, point.atMs - 2 * savedMs)
    authors.set(point.author, author)
    await author.commit(point)
    progress(done + 1)
  }
  return [...authors.values()].flatMap(({ said }) => said)
}
