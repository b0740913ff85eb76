/** The own reader of the index and the comparison with HEAD, held against real git. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { readCommit } from "../../../src/observe/git/commits.ts"
import { GitFileError } from "../../../src/observe/git/files.ts"
import { parseIndex, readIndex } from "../../../src/observe/git/indexFile.ts"
import { openRepository } from "../../../src/observe/git/openRepository.ts"
import { compareStaged } from "../../../src/observe/git/staged.ts"
import { commit, git, gitFails, history, newRepository, random, tempFolder, write } from "./harness.ts"

const stagedByGit = (folder: string): ReadonlyArray<string> => {
  const fields = git(folder, "diff", "--cached", "-z", "--name-status", "--no-renames").split("\0")
  return Array.from(
    { length: Math.floor(fields.length / 2) },
    (_, n) => `${fields[2 * n]} ${fields[2 * n + 1]}`,
  ).sort()
}

const stagedByUs = (folder: string): ReadonlyArray<string> => {
  const open = openRepository(folder)
  try {
    const tree = open.head.sha === null ? null : readCommit(open.objects, open.head.sha)!.tree
    const index = readIndex(path.join(open.place.gitDir, "index"), open.settings.hashBytes)
    assert.isNull(index.unsupported)
    const staged = compareStaged(open.objects, tree, index, 5_000)
    assert.isFalse(staged.incomplete)
    // A rename is two rows for git without rename detection.
    return staged.files
      .flatMap((file) =>
        file.status === "R" ? [`A ${file.path}`, `D ${file.from}`] : [`${file.status} ${file.path}`],
      )
      .sort()
  } finally {
    open.objects.close()
  }
}

describe("index", () => {
  it.live.each([2, 3, 4])("what is staged agrees with git diff --cached (version %s)", (version) =>
    Effect.gen(function* () {
      const folder = path.join(yield* tempFolder, "repo")
      history(folder, 8, "sha1")
      git(folder, "update-index", `--index-version=${version}`)
      const next = random(version)
      const some = git(folder, "ls-files").split("\n")
      assert.isAbove(some.length, 10)
      const check = () => assert.deepStrictEqual(stagedByUs(folder), stagedByGit(folder))
      check()
      for (const [at, file] of some.entries()) {
        if (at % 5 === 0) git(folder, "rm", "-q", "-f", file)
        if (at % 5 === 1) write(folder, file, `changed ${next()}\n`)
        if (at % 5 === 2) git(folder, "mv", file, `${file}.moved`)
        if (at % 5 === 3) fs.chmodSync(path.join(folder, file), 0o755)
      }
      write(folder, "äöü 漢字/new\nline", "x")
      fs.rmSync(path.join(folder, some[4]!))
      fs.symlinkSync("target", path.join(folder, some[4]!))
      git(folder, "add", "-A")
      check()
      assert.include(stagedByUs(folder).join("\n"), "T ")
      write(folder, "intended", "x")
      git(folder, "add", "-N", "intended")
      check()
      if (version === 3)
        assert.strictEqual(fs.readFileSync(path.join(folder, ".git/index")).readUInt32BE(4), 3)
      git(folder, "commit", "-q", "-m", "all")
      check()
      git(folder, "reset", "-q", "--soft", "HEAD~3")
      assert.isAbove(stagedByUs(folder).length, 3)
      check()
      git(folder, "read-tree", "--empty")
      check()
    }),
  )

  it.live("conflicts are the paths git calls unmerged", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      git(folder, "checkout", "-q", "-b", "side")
      commit(folder, "a.txt", "side\n", "side")
      git(folder, "checkout", "-q", "main")
      commit(folder, "a.txt", "main\n", "main")
      gitFails(folder, "merge", "-q", "side")
      assert.deepStrictEqual(stagedByUs(folder), ["U a.txt"])
    }),
  )

  it.live("a cut or foreign index is refused with a reason, never read wrong", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const bytes = fs.readFileSync(path.join(folder, ".git/index"))
      for (let length = 0; length < bytes.length - 20; length += 7) {
        assert.throws(() => parseIndex(bytes.subarray(0, length), 20, "index"), GitFileError)
      }
      assert.throws(() => parseIndex(Buffer.alloc(200, 0x41), 20, "index"), GitFileError)
    }),
  )

  it.live("a split index is said to be unsupported", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      git(folder, "update-index", "--split-index")
      assert.strictEqual(readIndex(path.join(folder, ".git/index"), 20).unsupported, "split index")
    }),
  )
})
