/**
 * All that undo promises of a workspace and its repository, read without any of the code under test: of files kind,
 * mode, time to the nanosecond and every byte; of git its refs, reflogs and state files byte for byte, and what is staged.
 */
import { createHash } from "node:crypto"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"

export type Facts = Readonly<Record<string, string>>

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16)

/** Not promised: objects (they only come), indexes byte for byte (git rewrites them when it looks at files), submodules. */
const notPromised = new Set([
  "objects",
  "index",
  "hooks",
  "config",
  "description",
  "branches",
  "worktrees",
  "modules",
])

/** Names as latin1, so that any byte is told from any other. */
export const factsOf = (workspace: string): Facts => {
  const facts: Record<string, string> = {}
  const visit = (path: Buffer, name: string, ofGit: boolean): void => {
    const found = fs.lstatSync(path, { bigint: true })
    const mode = (found.mode & 0o7777n).toString(8)
    const time = ofGit ? "" : ` ${found.mtimeNs}`
    if (found.isSymbolicLink()) facts[name] = `link ${fs.readlinkSync(path, "latin1")}${time}`
    else if (found.isFile()) facts[name] = `file ${mode}${time} ${found.size} ${sha(fs.readFileSync(path))}`
    else {
      facts[name] = `dir ${mode}`
      for (const child of fs.readdirSync(path, { encoding: "buffer" })) {
        const text = child.toString("latin1")
        if (name === "./.git" && notPromised.has(text)) continue
        visit(Buffer.concat([path, Buffer.from("/"), child]), `${name}/${text}`, ofGit || text === ".git")
      }
    }
  }
  visit(Buffer.from(workspace), ".", false)
  // emptied folders of refs and reflogs say nothing
  for (const [name, fact] of Object.entries(facts)) {
    if (/^\.\/\.git\/(?:refs|logs)(?:\/|$)/.test(name) && fact.startsWith("dir ")) delete facts[name]
  }
  return facts
}

/** The same through git itself. */
export const gitFactsOf = (workspace: string, env: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  [
    ["ls-files", "--stage", "-v"],
    ["for-each-ref"],
    ["rev-parse", "--symbolic-full-name", "HEAD"],
    ["stash", "list"],
    ["reflog", "show", "HEAD"],
    ["status", "--porcelain=v2"],
  ].map((args) => {
    try {
      return execFileSync("git", ["--no-optional-locks", ...args], {
        cwd: workspace,
        env,
        stdio: ["ignore", "pipe", "ignore"],
      }).toString("latin1")
    } catch {
      return `${args.join(" ")} fails`
    }
  })

export const indexOf = (workspace: string): Buffer | null => {
  const path = join(workspace, ".git/index")
  return fs.existsSync(path) ? fs.readFileSync(path) : null
}

/** What an index says is staged, through git; it is only asked where two differ in their bytes. */
const stagedIn = (workspace: string, index: Buffer, env: Readonly<Record<string, string>>): string => {
  const copy = join(workspace, ".git/index-to-compare")
  fs.writeFileSync(copy, index)
  try {
    return execFileSync("git", ["--no-optional-locks", "ls-files", "--stage", "-v", "-z"], {
      cwd: workspace,
      env: { ...env, GIT_INDEX_FILE: copy },
      stdio: ["ignore", "pipe", "ignore"],
    }).toString("latin1")
  } finally {
    fs.unlinkSync(copy)
  }
}

export const sameStaged = (
  workspace: string,
  wanted: Buffer | null,
  found: Buffer | null,
  env: Readonly<Record<string, string>>,
): boolean =>
  wanted === null || found === null
    ? wanted === found
    : wanted.equals(found) || stagedIn(workspace, wanted, env) === stagedIn(workspace, found, env)

/** The first facts that differ, as lines. */
export const differences = (wanted: Facts, found: Facts): ReadonlyArray<string> =>
  [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .filter((name) => wanted[name] !== found[name])
    .slice(0, 8)
    .map((name) => `${JSON.stringify(name)}: ${wanted[name] ?? "nothing"} became ${found[name] ?? "nothing"}`)
