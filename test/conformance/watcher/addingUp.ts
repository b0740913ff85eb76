/** All that is said adds up to what is on disk, however much is done at once. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "vitest"
import { passed, type Burst, type Watch, write } from "./watching.ts"

export const addingUp = (burst: Burst, run: Watch): void => {
  run(
    "adds up to what is on disk, whatever was done",
    (root) => write(root, "a/b/first"),
    async (fs) => {
      // A fixed walk of pseudo-random steps over a few names, so that names collide often.
      let seed = 111
      const pick = <A>(all: ReadonlyArray<A>): A => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
        return all[Math.floor(seed / 65_536) % all.length]!
      }
      const names = ["a", "b", "c", "d"]
      const anyPath = () => Array.from({ length: pick([1, 2, 2, 3, 3]) }, () => pick(names)).join("/")
      const attempt = (step: () => void) => {
        try {
          step()
        } catch {
          // A file where a folder was meant, or nothing there: as likely as not.
        }
      }
      for (let step = 0; step < 400; step++) {
        const path = join(fs.root, anyPath())
        const what = pick(["write", "write", "write", "remove", "move", "folder", "pause"])
        if (what === "write") attempt(() => writeFileSync(path, String(step)))
        else if (what === "remove") attempt(() => rmSync(path, { recursive: true }))
        else if (what === "move") attempt(() => renameSync(path, join(fs.root, anyPath())))
        else if (what === "folder") attempt(() => mkdirSync(path, { recursive: true }))
        else await new Promise((resolve) => setTimeout(resolve, pick([0, 1, 5])))
      }
      const onDisk = () =>
        readdirSync(fs.root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(fs.root.length + 1))
          .sort()
      const added = () => {
        const files = new Set(["a/b/first"])
        for (const { changes } of fs.changed())
          for (const { kind, path } of changes)
            if (kind === "unlink") files.delete(path)
            else files.add(path)
        return [...files].sort()
      }
      const expected = JSON.stringify(onDisk())
      await fs.until(expected, () => JSON.stringify(added()) === expected)
      await passed(fs)
      assert.deepStrictEqual(added(), onDisk())
    },
  )

  run(
    "loses nothing of a burst of new files in new folders, lists few and counts all",
    () => {},
    async (fs) => {
      const all = burst.folders * burst.files
      for (let folder = 0; folder < burst.folders; folder++) {
        mkdirSync(join(fs.root, `d${folder}`))
        for (let file = 0; file < burst.files; file++)
          writeFileSync(join(fs.root, `d${folder}/f${file}`), "x")
        if (folder % 10 === 0) await new Promise(setImmediate)
      }
      await fs.until("all", () => fs.total("add") >= all)
      await passed(fs)
      assert.strictEqual(fs.total("add"), all + 1)
      for (const { changes, truncated, counts } of fs.changed()) {
        assert.isAtMost(changes.length, 500)
        assert.strictEqual(truncated, counts.add + counts.change + counts.unlink > changes.length)
      }
    },
  )
}
