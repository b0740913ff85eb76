/** Real git under the decider: its files are looked at as the source does, and the probes read what is there. */
import { Effect } from "effect"
import * as path from "node:path"
import type { ProbeRequest } from "../../../src/domain/probe.ts"
import { Look } from "../../../src/observe/git/Look.ts"
import { answerGitProbe, isGitProbe } from "../../../src/observe/probes/git.ts"
import { commit, git, newRepository, tempFolder } from "../../observe/git/harness.ts"
import { Driver, run } from "../driver.ts"

/** A repository that is watched, and what is decided about it. */
class World {
  readonly driver = new Driver()
  readonly folder: string
  readonly #look: Look

  constructor(folder: string) {
    this.folder = folder
    this.#look = new Look({ workspace: folder, known: undefined, settleMs: 0 })
    this.driver.nowMs = Date.now()
    run(this.driver, "ls", 0, { cwd: folder })
    this.driver.answers = this.#answers()
  }

  #answers(): Driver["answers"] {
    const read = (request: ProbeRequest): unknown => this.#facts.get(JSON.stringify(request))
    return new Proxy({}, { get: () => read })
  }
  readonly #facts = new Map<string, unknown>()

  /** Looks as the source does, and lets everything be decided that follows within `ms`. */
  see(ms = 9_000) {
    return Effect.gen({ self: this }, function* () {
      for (let look = 0; look < 3; look += 1) {
        const { drafts } = this.#look.at(this.driver.nowMs)
        for (const draft of drafts) {
          this.driver.put({ ...draft, workspace: "/w" })
          yield* this.#settle()
        }
        this.driver.nowMs += 50
      }
      yield* this.pass(ms)
    })
  }

  pass(ms: number) {
    return Effect.gen({ self: this }, function* () {
      const until = this.driver.nowMs + ms
      for (;;) {
        const wake = this.driver.state.outbox.find((each) => each._tag === "wake")
        if (wake?._tag !== "wake" || wake.atMs > until) break
        this.driver.nowMs = Math.max(this.driver.nowMs, wake.atMs)
        this.driver.fulfil(wake)
        yield* this.#settle()
      }
      this.driver.nowMs = until
    })
  }

  /** The user runs a command that nothing but a boundary comes of. */
  boundary(line = "ls", exit = 0, durationMs = 10) {
    return Effect.gen({ self: this }, function* () {
      const startedAt = new Date(this.driver.nowMs - durationMs).toISOString()
      const made = { command: line, cwd: "/w", exit, durationMs, startedAt }
      this.driver.put({
        ...this.driver.of("terminal.command")[0]!,
        payload: { ...this.driver.of("terminal.command")[0]!.payload, ...made },
      })
      yield* this.#settle()
    })
  }

  /** Everything the outbox asks for; probes read the repository as it is now. */
  #settle() {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const command = this.driver.state.outbox.find((each) => each._tag !== "wake")
        if (command === undefined) return
        for (const request of command._tag === "probe" ? command.requests : []) {
          if (!isGitProbe(request)) continue
          const fact = yield* answerGitProbe(request, { workspace: this.folder, home: "/nonexistent" })
          this.#facts.set(JSON.stringify(request), fact.unavailable === null ? fact.answer : undefined)
        }
        this.driver.fulfil(command)
      }
    })
  }

  get rules(): ReadonlyArray<string> {
    return this.driver.rows.map((row) => row.rule)
  }
  action(rule: string) {
    return this.driver.row(rule).actions.map(({ input }) => input)
  }
}

/** A repository with a remote of its own. */
export const world = Effect.gen(function* () {
  const root = yield* tempFolder
  const folder = newRepository(path.join(root, "repo"))
  git(root, "clone", "-q", "--bare", folder, "origin.git")
  git(folder, "remote", "add", "origin", path.join(root, "origin.git"))
  git(folder, "fetch", "-q")
  git(folder, "branch", "-q", "--set-upstream-to=origin/main")
  return { root, folder }
})
export const watched = (folder: string) =>
  Effect.gen(function* () {
    const here = new World(folder)
    yield* here.see()
    return here
  })
/** Commits on branches, merged and pushed, as most days have them. */
export const worksOnBranches = (folder: string): void => {
  for (let n = 0; n < 6; n += 1) {
    git(folder, "checkout", "-q", "-b", `topic-${n}`)
    commit(folder, `t${n}.txt`, "x", `topic ${n}`)
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", `Merge topic ${n}`, `topic-${n}`)
  }
  git(folder, "push", "-q")
}
