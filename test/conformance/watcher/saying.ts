/** What is said of files: each once, whole, under its own name, also after the watching had stopped. */
import { execFileSync } from "node:child_process"
import { appendFileSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { assert } from "vitest"
import { about, heard, passed, type Backend, type Watch, write } from "./watching.ts"

export const saying = (backend: Backend, run: Watch): void => {
  run(
    "says what is added, changed and removed, at any depth, with sizes, as untrusted",
    (root) => write(root, "deep/er/old.txt"),
    async (fs) => {
      assert.deepStrictEqual(
        [fs.health()[0]!.component, fs.health()[0]!.state, fs.health()[0]!.backend],
        ["source:fs", "running", backend],
      )
      write(fs.root, "deep/er/new.txt", "12345")
      await heard(fs, "add deep/er/new.txt")
      appendFileSync(join(fs.root, "deep/er/old.txt"), "more")
      await heard(fs, "change deep/er/old.txt")
      unlinkSync(join(fs.root, "deep/er/old.txt"))
      await heard(fs, "unlink deep/er/old.txt")
      assert.deepStrictEqual(about(fs), [
        "add deep/er/new.txt",
        "change deep/er/old.txt",
        "unlink deep/er/old.txt",
      ])
      assert.strictEqual(fs.changed()[0]!.changes[0]!.bytes, 5)
      for (const draft of fs.drafts)
        if (draft.type === "fs.changed")
          assert.deepStrictEqual(
            [draft.trust, draft.workspace, draft.actor],
            ["untrusted", fs.root, "source:fs"],
          )
    },
  )

  run(
    "finds what is already inside a new folder",
    () => {},
    async (fs) => {
      write(fs.root, "a/b/c/d/one.txt")
      write(fs.root, "a/b/two.txt")
      await fs.until("both", () => fs.total("add") >= 2)
      await passed(fs)
      assert.deepStrictEqual([...about(fs)].sort(), ["add a/b/c/d/one.txt", "add a/b/two.txt"])
      write(fs.root, "a/b/c/d/three.txt")
      await heard(fs, "add a/b/c/d/three.txt")
    },
  )

  let watchedUntil = 0
  let root = ""
  run(
    "states what changed and what is new since it was last watched, and nothing else",
    (folder) => {
      root = folder
      for (const path of ["deep/same", "deep/changed", ".gitignore"]) write(folder, path, "hidden/\n")
      // Times of files are exact to some milliseconds only.
      const old = Date.now() + 100
      while (Date.now() < old);
      watchedUntil = Date.now()
      appendFileSync(join(folder, "deep/changed"), "more")
      for (const path of ["deep/new", "hidden/new"]) write(folder, path)
    },
    async (fs) => {
      await fs.until("both", () => fs.said().length >= 2)
      await passed(fs)
      assert.deepStrictEqual([...about(fs)].sort(), ["add deep/new", "change deep/changed"])
      assert.strictEqual(fs.changed()[0]!.cause, "reconcile")
    },
    { positions: Effect.sync(() => ({ fs: { [root]: watchedUntil }, git: {}, terminal: {} })) },
  )

  run(
    "states what git writes into the tree once, lockfiles before the rest where that takes long",
    (root) => execFileSync("git", ["init", "-q", root]),
    async (fs) => {
      const lock = join(fs.root, ".git/index.lock")
      writeFileSync(lock, "")
      for (let part = 0; part < 5; part++) {
        for (let file = 0; file < 150; file++) write(fs.root, `d${part}/f${file}`)
        if (part === 0) write(fs.root, "package-lock.json", "{}")
        // Longer than any settling.
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
      await heard(fs, "add package-lock.json")
      await new Promise((resolve) => setTimeout(resolve, 1000))
      unlinkSync(lock)
      await fs.until("all", () => fs.total("add") >= 751)
      await passed(fs)
      const added = fs.changed().map(({ counts }) => counts.add)
      assert.strictEqual(added[0], 1)
      // Rounds of polling do not follow each other so closely that one waits for the next.
      if (backend !== "polling") assert.deepStrictEqual(added.slice(1, 2), [750])
      assert.strictEqual(fs.total("add"), 752)
    },
  )

  run(
    "sees an editor's atomic save as one change",
    (root) => write(root, "src/a.ts", "old"),
    async (fs) => {
      write(fs.root, "src/.a.ts.tmp123", "new text")
      renameSync(join(fs.root, "src/.a.ts.tmp123"), join(fs.root, "src/a.ts"))
      await heard(fs, "change src/a.ts")
      renameSync(join(fs.root, "src/a.ts"), join(fs.root, "src/a.ts.orig"))
      write(fs.root, "src/a.ts", "newer text")
      unlinkSync(join(fs.root, "src/a.ts.orig"))
      await fs.until("the second", () => fs.said().filter((line) => line === "change src/a.ts").length === 2)
      await passed(fs)
      assert.deepStrictEqual(about(fs), ["change src/a.ts", "change src/a.ts"])
    },
  )

  run(
    "says nothing of a file that came and went in one burst",
    () => {},
    async (fs) => {
      write(fs.root, "brief.txt")
      unlinkSync(join(fs.root, "brief.txt"))
      await passed(fs)
      assert.deepStrictEqual(about(fs), [])
    },
  )

  run(
    "keeps names of any bytes",
    () => {},
    async (fs) => {
      const names = [
        "two\nlines",
        "tab\tesc\x1b[31m",
        "日本語 é.txt",
        "-rf",
        "back\\slash",
        " lead and trail ",
        "#x",
        "!y",
        "*?[a]",
      ]
      for (const name of names) write(fs.root, `odd/${name}`)
      const bytes = Buffer.from([0x6f, 0x64, 0x64, 0x2f, 0xff, 0xfe, 0x61])
      writeFileSync(Buffer.concat([Buffer.from(`${fs.root}/`), bytes]), "x")
      await fs.until("all", () => fs.total("add") >= names.length + 1)
      await passed(fs)
      const listed = fs
        .changed()
        .flatMap(({ changes }) => changes)
        .filter(({ path }) => path.startsWith("odd/"))
      assert.deepStrictEqual(
        new Set(listed.map(({ path }) => path)),
        new Set([...names.map((name) => `odd/${name}`), "odd/\ufffd\ufffda"]),
      )
      assert.deepStrictEqual(
        listed.flatMap(({ raw }) => (raw === undefined ? [] : [raw])),
        [bytes.toString("base64")],
      )
    },
  )

  run(
    "names symbolic links and never follows them",
    (root) => {
      mkdirSync(join(root, "a"))
      symlinkSync("..", join(root, "a/loop"))
      mkdirSync(join(root, "../outside"))
      symlinkSync("../outside", join(root, "away"))
    },
    async (fs) => {
      write(fs.root, "../outside/secret.txt")
      symlinkSync("nowhere", join(fs.root, "a/dangling"))
      symlinkSync(".", join(fs.root, "a/self"))
      await fs.until("both links", () => fs.total("add") >= 2)
      write(fs.root, "a/file")
      await passed(fs)
      assert.deepStrictEqual([...about(fs)].sort(), ["add a/dangling", "add a/file", "add a/self"])
    },
  )
}
