/** Repositories below a workspace: found, also by their files alone, and made harmless where a command made them. */
import { execFileSync } from "node:child_process"
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { disarmNew, repositoriesBelow } from "../../src/act/repositories.ts"

let workspace = ""
beforeEach(async () => {
  workspace = await realpath(await mkdtemp(join(tmpdir(), "claw-repositories-")))
})
afterEach(() => rm(workspace, { recursive: true, force: true }))

const put = async (path: string, text: string, mode = 0o644): Promise<void> => {
  const file = join(workspace, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  await chmod(file, mode)
}
const bare = async (path: string, config: string): Promise<void> => {
  for (const name of ["objects", "refs"]) await mkdir(join(workspace, path, name), { recursive: true })
  await put(`${path}/HEAD`, "ref: refs/heads/main\n")
  await put(`${path}/config`, config)
}
const runs = async (path: string): Promise<boolean> =>
  ((await stat(join(workspace, path))).mode & 0o111) !== 0
const text = (path: string) => readFile(join(workspace, path), "utf8")
const below = () => repositoriesBelow(workspace).gitFolders.map((path) => path.slice(workspace.length + 1))

describe("repositories below a workspace", () => {
  it("finds .git folders and what git takes for one, not the workspace's own", async () => {
    await bare(".git", "")
    await bare("a/b/.git", "")
    await bare("c/served", "")
    await bare("node_modules/x/.git", "")
    expect(below().toSorted()).toEqual(["a/b/.git", "c/served"])
  })

  it("takes what would run later from new ones, and says what", async () => {
    const before = repositoriesBelow(workspace)
    const startedMs = Date.now()
    execFileSync("git", ["init", "-q", join(workspace, "made")])
    await put("made/.git/hooks/post-checkout", "#!/bin/sh\n", 0o755)
    await symlink("/bin/true", join(workspace, "made/.git/hooks/pre-commit"))
    const settings =
      '[core]\n\tfsmonitor = ./x\n\thooksPath = y\n\tbare = false\n[alias]\n\tst = !x\n[diff "a"]\n\ttextconv = x\n[filter "b"]\n\tclean = x\n[remote "origin"]\n\turl = https://example.org/x\n'
    await bare("served", settings)
    await put("served/commondir", "../made/.git\n")
    const taken = disarmNew(workspace, before, startedMs).map((line) => line.slice(workspace.length + 1))
    expect(taken.toSorted()).toEqual([
      "made/.git/hooks/post-checkout",
      "made/.git/hooks/pre-commit",
      "served/alias.st",
      "served/commondir",
      "served/core.fsmonitor",
      "served/core.hookspath",
      "served/diff.a.textconv",
      "served/filter.b.clean",
    ])
    expect(await runs("made/.git/hooks/post-checkout")).toBe(false)
    expect(await text("served/config")).not.toMatch(/fsmonitor|hooksPath|textconv|clean|st =/)
    expect(await text("served/config")).toMatch(/url = https:\/\/example\.org\/x/)
    expect(disarmNew(workspace, before, startedMs)).toEqual([])
  })

  it("takes them from one that only now looks like a repository", async () => {
    await bare("waiting/inner", "[core]\n\tfsmonitor = ./x\n")
    await rename(join(workspace, "waiting/inner/HEAD"), join(workspace, "waiting/head"))
    const before = repositoriesBelow(workspace)
    expect(before.gitFolders).toEqual([])
    const startedMs = Date.now()
    await rename(join(workspace, "waiting/head"), join(workspace, "waiting/inner/HEAD"))
    expect(disarmNew(workspace, before, startedMs)).toEqual([join(workspace, "waiting/inner/core.fsmonitor")])
  })

  it("leaves those that were there, and sample hooks", async () => {
    await bare("old/.git", "[core]\n\tfsmonitor = mine\n")
    await put("old/.git/hooks/pre-commit", "#!/bin/sh\n", 0o755)
    const before = repositoriesBelow(workspace)
    const startedMs = Date.now()
    execFileSync("git", ["init", "-q", join(workspace, "made")])
    await put("made/.git/hooks/x.sample", "#!/bin/sh\n", 0o755)
    expect(disarmNew(workspace, before, startedMs)).toEqual([])
    expect(await runs("old/.git/hooks/pre-commit")).toBe(true)
    expect(await text("old/.git/config")).toMatch(/fsmonitor = mine/)
    expect(await runs("made/.git/hooks/x.sample")).toBe(true)
  })
})
