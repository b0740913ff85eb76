/**
 * An anchor that is a ref of a repository: each checkpoint a commit whose tree holds the one file `checkpoint`. The
 * working tree, the index and every other ref stay as they are; pushing it somewhere is the user's.
 * Invariants: git's plumbing only, with nothing of the repository's that could run (hooks, filters, monitors, signing,
 * fetching); the environment is ours alone; a ref that holds anything else is left alone, and moved only from the value it was
 * seen at.
 */
import { spawn } from "node:child_process"
import { dirname } from "node:path"
import { type Note, parseNote } from "../../log-store/checkpointNote.ts"
import { commandEnvironment, gitRunsNothing, gitSettings } from "../act/commandEnvironment.ts"
import type { Environment } from "../config/Directories.ts"
import type { Anchor } from "./anchor.ts"

const limitMs = 20_000
const largestOutput = 256 * 1024 * 1024
const file = "checkpoint"
const person = "Claw"
const address = "claw@localhost"

interface Ran {
  readonly exit: number | null
  readonly out: Buffer
  readonly said: string
}

const environmentFor = (repository: string, env: Environment): Record<string, string> => ({
  ...commandEnvironment({ PATH: env["PATH"] }, { home: "/nonexistent", workspace: repository }),
  ...gitSettings({ ...gitRunsNothing, "core.fsync": "all", "commit.gpgSign": "false" }),
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_NO_LAZY_FETCH: "1",
  // the repository that was named, not one around it
  GIT_CEILING_DIRECTORIES: dirname(repository),
  LC_ALL: "C",
})

const run = (
  repository: string,
  env: Readonly<Record<string, string>>,
  args: ReadonlyArray<string>,
  input = "",
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn("git", ["-C", repository, ...args], {
      env,
      cwd: "/",
      timeout: limitMs,
      killSignal: "SIGKILL",
      stdio: ["pipe", "pipe", "pipe"],
    })
    const out: Array<Buffer> = []
    let length = 0
    let said = ""
    child.stdout.on("data", (chunk: Buffer) => {
      length += chunk.length
      if (length > largestOutput) child.kill("SIGKILL")
      else out.push(chunk)
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(0, 1000)
    })
    child.on("error", (error) => reject(new Error(`git cannot be run: ${error.message}`)))
    child.on("close", (exit) => resolve({ exit, out: Buffer.concat(out), said: said.trim() }))
    // git may end before it has read everything
    child.stdin.on("error", () => undefined).end(input)
  })

/** Contents that `cat-file --batch` printed, in order; null for what is missing. */
const batched = (out: Buffer): ReadonlyArray<string | null> => {
  const contents: Array<string | null> = []
  for (let at = 0; at < out.length;) {
    const end = out.indexOf(10, at)
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(out.toString("utf8", at, end))?.[1]
    if (size === undefined) {
      contents.push(null)
      at = end + 1
    } else {
      contents.push(out.toString("utf8", end + 1, end + 1 + Number(size)))
      at = end + 2 + Number(size)
    }
  }
  return contents
}

export const gitAnchor = (repository: string, ref: string, outer: Environment): Anchor => {
  const env = environmentFor(repository, outer)
  const git = async (args: ReadonlyArray<string>, input?: string, more: Record<string, string> = {}) => {
    const ran = await run(repository, { ...env, ...more }, args, input)
    if (ran.exit !== 0)
      throw new Error(`git ${args[0]} in ${repository}: ${ran.said.split("\n")[0] || `exit ${ran.exit}`}`)
    return ran.out
  }
  const line = async (...asked: Parameters<typeof git>) => (await git(...asked)).toString("utf8").trim()

  /** The commit the ref stands at; null where there is no such ref. Throws where there is no repository. */
  const tip = async (): Promise<string | null> => {
    await git(["rev-parse", "--git-dir"])
    const ran = await run(repository, env, ["rev-parse", "--verify", "--quiet", "--end-of-options", ref])
    return ran.exit === 0 ? ran.out.toString("utf8").trim() : null
  }
  const noteAt = async (commit: string): Promise<string> => {
    const tree = await line(["ls-tree", commit])
    if (!/^100644 blob [0-9a-f]+\tcheckpoint$/.test(tree))
      throw new Error(
        `${ref} of ${repository} holds something else than checkpoints of a log: name another ref`,
      )
    return (await git(["cat-file", "blob", `${commit}:${file}`])).toString("utf8")
  }
  const newest = async (): Promise<Note | null> => {
    const commit = await tip()
    return commit === null ? null : parseNote(await noteAt(commit))
  }

  return {
    to: `git:${repository} ${ref}`,
    read: async () => {
      const commit = await tip()
      if (commit === null) throw new Error(`${repository} has no ${ref}`)
      const commits = (await line(["rev-list", "--first-parent", "--reverse", commit])).split("\n")
      const asked = commits.map((one) => `${one}:${file}\n`).join("")
      const contents = batched(await git(["cat-file", "--batch"], asked))
      return commits.map((one, n) => ({
        where: `${repository} ${ref}, commit ${one.slice(0, 12)}`,
        text: contents[n] ?? "",
      }))
    },
    newest,
    append: async (note, size, nowMs) => {
      const before = await tip()
      if (before !== null) await noteAt(before)
      const blob = await line(["hash-object", "-w", "--no-filters", "--stdin"], note)
      const tree = await line(["mktree"], `100644 blob ${blob}\t${file}\n`)
      const date = `@${Math.floor(nowMs / 1000)} +0000`
      const commit = await line(
        [
          "commit-tree",
          "--no-gpg-sign",
          ...(before === null ? [] : ["-p", before]),
          "-m",
          `Checkpoint of ${size} events`,
          tree,
        ],
        "",
        {
          GIT_AUTHOR_NAME: person,
          GIT_AUTHOR_EMAIL: address,
          GIT_AUTHOR_DATE: date,
          GIT_COMMITTER_NAME: person,
          GIT_COMMITTER_EMAIL: address,
          GIT_COMMITTER_DATE: date,
        },
      )
      // an empty old value: it must not be there yet
      await git(["update-ref", "--no-deref", ref, commit, before ?? ""])
    },
  }
}
