/** Real git in throw-away folders, and a source that runs against a small log: an array and the positions' fold. */
import { Effect, Fiber, Stream } from "effect"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { Event, EventDraft, EventType, PayloadOf } from "../../../src/domain/event.ts"
import { GitSource } from "../../../src/observe/git/GitSource.ts"
import { positionsProjection } from "../../../src/observe/positions.ts"
import type { SourcePositions } from "../../../src/observe/Source.ts"
import { removeTree } from "../../removeTree.ts"

const env = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "C",
  GIT_COMMITTER_EMAIL: "c@example.org",
  GIT_EDITOR: "true",
}

export const git = (cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd()

/** As if it were this second. */
export const gitAt = (second: number, cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, {
    cwd,
    env: { ...env, GIT_AUTHOR_DATE: `${second} +0000`, GIT_COMMITTER_DATE: `${second} +0000` },
    encoding: "utf8",
  }).trimEnd()

/** For commands that are meant to fail, such as a merge with conflicts. */
export const gitFails = (cwd: string, ...args: ReadonlyArray<string>): void => {
  let failed = false
  try {
    git(cwd, ...args)
  } catch {
    failed = true
  }
  if (!failed) throw new Error(`git ${args.join(" ")} was expected to fail`)
}

export const tempFolder = Effect.acquireRelease(
  Effect.sync(() => fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "claw-git-")))),
  (folder) => Effect.sync(() => removeTree(folder)),
)

export const write = (folder: string, name: string, text: string | Buffer): void => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
  fs.writeFileSync(path.join(folder, name), text)
}

export const commit = (folder: string, name: string, text: string, subject: string): string => {
  write(folder, name, text)
  git(folder, "add", "-A")
  git(folder, "commit", "-q", "-m", subject)
  return git(folder, "rev-parse", "HEAD")
}

/** A repository on branch main with one commit ("first": a.txt). */
export const newRepository = (folder: string): string => {
  fs.mkdirSync(folder, { recursive: true })
  git(folder, "init", "-q", "-b", "main")
  commit(folder, "a.txt", "one\n", "first")
  return folder
}

type Said = EventDraft
export type Payloads<T extends EventType> = PayloadOf<T>

/** The log as the driver keeps it: what was appended, and the positions folded from it. */
export class SmallLog {
  readonly drafts: Array<Said> = []
  positions: SourcePositions = positionsProjection.initial
  #waiting: Array<() => void> = []

  append(drafts: ReadonlyArray<Said>): void {
    for (const draft of drafts) {
      this.drafts.push(draft)
      const seq = this.drafts.length
      const event = {
        ...JSON.parse(JSON.stringify(draft)),
        seq,
        id: String(seq),
        at: new Date().toISOString(),
        v: 1,
        prevHash: "",
        hash: "",
      } as Event
      this.positions = JSON.parse(
        JSON.stringify(positionsProjection.evolve(this.positions, event)),
      ) as SourcePositions
    }
    for (const wake of this.#waiting.splice(0)) wake()
  }

  of<T extends EventType>(type: T): ReadonlyArray<PayloadOf<T>> {
    return this.drafts
      .filter((draft) => draft.type === type)
      .map((draft) => draft.payload as unknown as PayloadOf<T>)
  }

  types(from = 0): ReadonlyArray<string> {
    return this.drafts.slice(from).map((draft) => draft.type)
  }

  /** Resolves when the condition holds after some append. */
  until(condition: (log: SmallLog) => boolean): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const check = (): void => {
        if (condition(this)) resume(Effect.void)
        else this.#waiting.push(check)
      }
      check()
    })
  }
}

const sourceOn = (workspace: string, log: SmallLog) =>
  GitSource.make({ workspace, positions: Effect.sync(() => log.positions) })

/** Runs the source into the log until interrupted. */
export const start = (workspace: string, log: SmallLog) =>
  sourceOn(workspace, log).observations.pipe(
    Stream.runForEach((batch) => Effect.sync(() => log.append(batch.drafts)).pipe(Effect.andThen(batch.ack))),
    Effect.forkChild({ startImmediately: true }),
  )

/** Runs the source while `work` runs; up means its first look is done. */
export const whileUp = <A, E, R>(workspace: string, log: SmallLog, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const from = log.drafts.length
    const fiber = yield* start(workspace, log)
    yield* log.until(() => log.types(from).includes("daemon.health"))
    const result = yield* work
    yield* Fiber.interrupt(fiber)
    return result
  })

export const run = (work: () => void): Effect.Effect<void> => Effect.sync(work)

/** A small generator, so that the history is the same in each run. */
export const random = (seed: number) => () =>
  (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648

/** Commits that add, change and remove files in several folders. */
export const history = (folder: string, commits: number, format: string): ReadonlyArray<string> => {
  fs.mkdirSync(folder)
  git(folder, "init", "-q", "-b", "main", `--object-format=${format}`)
  const next = random(7)
  const pick = (n: number) => Math.floor(next() * n)
  const shas: Array<string> = []
  for (let n = 0; n < commits; n++) {
    for (let k = 0; k < 4; k++) {
      const name = ["src/a", "src/b", "src/a/deep/er", "docs", "src-x", "."][pick(6)]!
      const file = `${name}/f${pick(12)}.txt`
      if (next() < 0.2 && fs.existsSync(path.join(folder, file))) fs.rmSync(path.join(folder, file))
      else write(folder, file, `${"line of text\n".repeat(pick(60))}${next()}\n`)
    }
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", `commit ${n}`)
    shas.push(git(folder, "rev-parse", "HEAD"))
  }
  return shas
}
