/**
 * What every watcher keeps, whichever way it watches. Run for each backend of the filesystem source on real
 * folders. A test that something is *not* said writes a last file behind it and waits for that one.
 */
import { execFileSync } from "node:child_process"
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import type { FsSourceOptions } from "../../src/observe/fs/FsSource.ts"
import { type OpenFs, withFs } from "../observe/fs/openFs.ts"

const write = (root: string, path: string, text = "x"): void => {
  mkdirSync(join(root, path, ".."), { recursive: true })
  writeFileSync(join(root, path), text)
}

let marks = 0
/** Writes a file of its own and waits until it is said: all that was done before has been said by then. */
const passed = async (fs: OpenFs): Promise<void> => {
  const name = `mark-${marks++}`
  write(fs.root, name)
  await fs.until(name, () => fs.said().includes(`add ${name}`))
}
const about = (fs: OpenFs): ReadonlyArray<string> => fs.said().filter((line) => !/ mark-\d+$/.test(line))
const heard = (fs: OpenFs, line: string): Promise<void> => fs.until(line, () => fs.said().includes(line))

export const watcherConformance = (
  backend: NonNullable<FsSourceOptions["backend"]>,
  burst: { readonly folders: number; readonly files: number },
): void => {
  const run = (
    name: string,
    prepare: (root: string) => void,
    test: (fs: OpenFs) => Promise<void>,
    options: Partial<FsSourceOptions> = {},
  ) => it(name, () => withFs({ backend, ...options }, prepare, test), 15_000)

  describe(`watching with ${backend}`, () => {
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
        await fs.until(
          "the second",
          () => fs.said().filter((line) => line === "change src/a.ts").length === 2,
        )
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
  })
}
