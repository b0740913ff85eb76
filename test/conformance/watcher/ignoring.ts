/** What is not said: what git ignores, by whichever file and as it is now, and repositories inside the repository. */
import { execFileSync } from "node:child_process"
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "vitest"
import { about, heard, passed, type Watch, write } from "./watching.ts"

export const ignoring = (run: Watch): void => {
  run(
    "shows nothing of what git ignores, at every depth, and keeps negations",
    (root) => {
      execFileSync("git", ["init", "-q", root])
      write(root, ".gitignore", "*.log\n/out/\n!keep.log\n")
      write(root, "sub/.gitignore", "*.tmp\n!special.log\ninner/\n")
      write(root, "out/there.txt")
      writeFileSync(join(root, ".git/info/exclude"), "excluded.txt\n")
      writeFileSync(join(root, "../global"), "*.global\n")
      for (const folder of ["node_modules/x", "sub/inner", "sub/deep"])
        mkdirSync(join(root, folder), { recursive: true })
    },
    async (fs) => {
      const hidden =
        "a.log out/b.txt excluded.txt sub/excluded.txt node_modules/x/i.js sub/x.log sub/deep/x.tmp " +
        "sub/inner/x .git/config2 new.global sub/node_modules/y.js"
      for (const path of hidden.split(" ")) write(fs.root, path)
      for (const path of [
        "keep.log",
        "sub/keep.log",
        "sub/special.log",
        "x.tmp",
        "sub/deep/special.log",
        "sub/out/x",
      ])
        write(fs.root, path)
      await fs.until("six", () => fs.total("add") >= 6)
      await passed(fs)
      assert.deepStrictEqual(
        [...about(fs)].sort(),
        ["keep.log", "sub/deep/special.log", "sub/keep.log", "sub/out/x", "sub/special.log", "x.tmp"].map(
          (_) => `add ${_}`,
        ),
      )
    },
    { globalExcludes: "global" },
  )

  run(
    "follows a .gitignore that changes, and calls nothing added that only became visible",
    (root) => {
      write(root, ".gitignore", "hidden/\n")
      write(root, "hidden/a.txt")
      write(root, "shown/b.txt")
    },
    async (fs) => {
      writeFileSync(join(fs.root, ".gitignore"), "shown/\n")
      await heard(fs, "change .gitignore")
      await fs.until("the new rules", () => {
        appendFileSync(join(fs.root, "hidden/a.txt"), "x")
        return fs.said().includes("change hidden/a.txt")
      })
      const before = about(fs).length
      write(fs.root, "shown/c.txt")
      appendFileSync(join(fs.root, "shown/b.txt"), "x")
      await passed(fs)
      assert.deepStrictEqual(
        about(fs)
          .slice(before)
          .filter((line) => line.includes("shown")),
        [],
      )
      assert.deepStrictEqual(
        about(fs).filter((line) => line.startsWith("add") || line.startsWith("unlink")),
        [],
      )
    },
  )

  run(
    "does not enter a repository inside the repository",
    (root) => {
      execFileSync("git", ["init", "-q", join(root, "nested")])
      write(root, "plain/x")
    },
    async (fs) => {
      write(fs.root, "nested/inside.txt")
      write(fs.root, "plain/outside.txt")
      await heard(fs, "add plain/outside.txt")
      await passed(fs)
      assert.deepStrictEqual(about(fs), ["add plain/outside.txt"])
    },
  )
}
