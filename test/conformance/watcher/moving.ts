/** Folders that are moved, replaced and missing, the workspace itself among them. */
import { renameSync, rmSync, unlinkSync } from "node:fs"
import { join } from "node:path"
import { assert } from "vitest"
import { about, heard, passed, type Watch, write } from "./watching.ts"

export const moving = (run: Watch): void => {
  run(
    "follows folders that are moved out, in and about",
    (root) => {
      write(root, "one/deep/a.txt")
      write(root, "one/b.txt")
      write(root, "../elsewhere/in/c.txt")
    },
    async (fs) => {
      renameSync(join(fs.root, "one"), join(fs.root, "../gone"))
      await fs.until("gone", () => fs.total("unlink") === 2)
      assert.deepStrictEqual([...about(fs)].sort(), ["unlink one/b.txt", "unlink one/deep/a.txt"])
      write(fs.root, "../gone/deep/unseen.txt")
      renameSync(join(fs.root, "../elsewhere"), join(fs.root, "two"))
      await heard(fs, "add two/in/c.txt")
      renameSync(join(fs.root, "two"), join(fs.root, "three"))
      await heard(fs, "add three/in/c.txt")
      await heard(fs, "unlink two/in/c.txt")
      write(fs.root, "three/in/d.txt")
      await heard(fs, "add three/in/d.txt")
      write(fs.root, "two/in/e.txt")
      await heard(fs, "add two/in/e.txt")
      await passed(fs)
      assert.strictEqual(about(fs).length, 7)
    },
  )

  run(
    "sees files and folders take each other's names",
    (root) => write(root, "x", "file"),
    async (fs) => {
      unlinkSync(join(fs.root, "x"))
      write(fs.root, "x/inside")
      await heard(fs, "add x/inside")
      await heard(fs, "unlink x")
      rmSync(join(fs.root, "x"), { recursive: true })
      write(fs.root, "x")
      await heard(fs, "unlink x/inside")
      await heard(fs, "add x")
    },
  )

  run(
    "says that the workspace is missing, and sees it when it is back",
    (root) => write(root, "deep/a.txt"),
    async (fs) => {
      rmSync(fs.root, { recursive: true })
      await heard(fs, "unlink deep/a.txt")
      await fs.until("missing", () => fs.health().at(-1)!.detail.includes("the workspace is missing"))
      assert.strictEqual(fs.health().at(-1)!.state, "degraded")
      write(fs.root, "deep/b.txt")
      await heard(fs, "add deep/b.txt")
      await fs.until("well again", () => fs.health().at(-1)!.state === "running")
      write(fs.root, "deep/c.txt")
      await heard(fs, "add deep/c.txt")
    },
  )

  run(
    "follows a workspace that is replaced at once",
    (root) => write(root, "deep/a.txt"),
    async (fs) => {
      renameSync(fs.root, `${fs.root}-old`)
      write(fs.root, "deep/b.txt")
      await heard(fs, "add deep/b.txt")
      await heard(fs, "unlink deep/a.txt")
      write(fs.root, "deep/c.txt")
      await heard(fs, "add deep/c.txt")
      write(`${fs.root}-old`, "deep/unseen.txt")
      await passed(fs)
      assert.deepStrictEqual(
        about(fs).filter((line) => line.includes("unseen")),
        [],
      )
    },
  )
}
