/** Where rules of what to ignore come from: the user's own file, the folders above, the repository. */
import { execFileSync } from "node:child_process"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { isIgnored } from "../../../src/domain/ignore.ts"
import { globalExcludesFile, readBaseRules, readPatterns } from "../../../src/observe/fs/ignoreFiles.ts"
import { scratchFolder } from "./openFs.ts"
import { removeTree } from "../../removeTree.ts"

let top = ""
beforeEach(() => {
  top = scratchFolder()
})
afterEach(() => removeTree(top))

const git = (...args: ReadonlyArray<string>): void => {
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { stdio: "pipe" })
}

describe("the global excludes file", () => {
  const file = (config: string | null) => {
    if (config !== null) writeFileSync(join(top, ".gitconfig"), config)
    return globalExcludesFile({ HOME: top, XDG_CONFIG_HOME: join(top, "xdg") })
  }

  it("is git's default where no config names one", () => {
    assert.strictEqual(file(null), join(top, "xdg/git/ignore"))
    assert.strictEqual(globalExcludesFile({ HOME: top }), join(top, ".config/git/ignore"))
    assert.strictEqual(
      file('[user]\n\texcludesFile = /no\n[core "sub"]\nexcludesfile=/no\n'),
      join(top, "xdg/git/ignore"),
    )
  })

  it("is what the user's config says, as git reads it", () => {
    for (const config of [
      "[core]\n\texcludesFile = ~/mine\n",
      '[core]\n\texcludesfile="~/mine" # with a note\n',
      "[CORE] excludesFile = /first\n[user]\nname = x\n[core]\n  EXCLUDESFILE=~/mine ; note\n",
    ]) {
      assert.strictEqual(file(config), join(top, "mine"))
      const gits = execFileSync("git", ["config", "--global", "--type=path", "core.excludesFile"], {
        env: { PATH: process.env["PATH"], HOME: top },
        encoding: "utf8",
      })
      assert.strictEqual(gits, `${join(top, "mine")}\n`)
    }
  })

  it("is looked for in the XDG config too, which the one in the home binds over", () => {
    mkdirSync(join(top, "xdg/git"), { recursive: true })
    writeFileSync(join(top, "xdg/git/config"), "[core]\nexcludesFile = /from/xdg\n")
    assert.strictEqual(file(null), "/from/xdg")
    assert.strictEqual(file("[core]\nexcludesFile = /from/home\n"), "/from/home")
  })
})

describe("the rules above a workspace", () => {
  const ignored = (workspace: string, path: string) => {
    const { rules, prefix } = readBaseRules(workspace, join(top, "global"))
    return isIgnored(rules, prefix === "" ? path : `${prefix}/${path}`, false)
  }

  it("are the built-ins, the user's file and the repository's exclude file", () => {
    git("init", "-q", join(top, "repo"))
    writeFileSync(join(top, "global"), "*.global\n!node_modules/\n")
    writeFileSync(join(top, "repo/.git/info/exclude"), "!kept.global\n*.excluded\n")
    const repo = join(top, "repo")
    assert.isTrue(ignored(repo, "a.global"))
    assert.isFalse(ignored(repo, "kept.global"))
    assert.isTrue(ignored(repo, "deep/a.excluded"))
    assert.isTrue(ignored(repo, ".venv/lib/x.py"))
    assert.isTrue(ignored(repo, "src/.main.ts.swp"))
    assert.isFalse(ignored(repo, "node_modules/x.js"), "a rule of the user's shows a built-in again")
    assert.isFalse(ignored(repo, "build/x"))
  })

  it("include the .gitignore files between the top and a workspace below it", () => {
    git("init", "-q", join(top, "repo"))
    mkdirSync(join(top, "repo/packages/one"), { recursive: true })
    writeFileSync(join(top, "repo/.gitignore"), "/packages/one/out\n*.log\n")
    writeFileSync(join(top, "repo/packages/.gitignore"), "!shown.log\n")
    const workspace = join(top, "repo/packages/one")
    assert.isTrue(ignored(workspace, "out"))
    assert.isTrue(ignored(workspace, "deep/a.log"))
    assert.isFalse(ignored(workspace, "deep/shown.log"))
    writeFileSync(join(top, "repo/packages/.gitignore"), "one/\n")
    assert.isFalse(ignored(workspace, "out"), "a workspace inside an ignored folder has its own rules only")
  })

  it("of a linked worktree are those of its repository", () => {
    const repo = join(top, "repo")
    git("init", "-q", repo)
    git("-C", repo, "commit", "-q", "--allow-empty", "-m", "first")
    git("-C", repo, "worktree", "add", "-q", join(top, "tree"))
    writeFileSync(join(repo, ".git/info/exclude"), "*.excluded\n")
    assert.isTrue(ignored(join(top, "tree"), "a.excluded"))
  })

  it("are read only from regular files of a sane size, never through a link", () => {
    writeFileSync(join(top, "real"), "*.x\n")
    symlinkSync("real", join(top, "link"))
    execFileSync("mkfifo", [join(top, "pipe")])
    writeFileSync(join(top, "huge"), "x\n".repeat(200_000))
    assert.strictEqual(readPatterns(join(top, "real")), "*.x\n")
    for (const name of ["link", "pipe", "huge", "missing"]) assert.isNull(readPatterns(join(top, name)))
  })
})
