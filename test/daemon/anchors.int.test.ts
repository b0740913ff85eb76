/** Anchors in real files and real repositories: they only grow, and nothing of a repository runs. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { signCheckpoint } from "../../log-store/checkpointNote.ts"
import { anchorOf, evidenceOf, parseAnchor } from "../../src/daemon/anchors.ts"
import { signerOf } from "../log-store/signer.ts"
import { temporaryDir } from "../log-store/temporary.ts"

const env = { PATH: process.env["PATH"] }
const signer = signerOf("claw.local/0011223344556677")
const noteOf = (size: number) => signCheckpoint({ origin: signer.name, size, root: "cd".repeat(32) }, signer)
const rejects = async (run: () => Promise<unknown>, message: RegExp) => {
  const error = await run().then(
    () => undefined,
    (caught: Error) => caught,
  )
  assert.match(error?.message ?? "(it was taken)", message)
}

describe("an anchor that is a file", () => {
  it.effect("takes one note after another, and gives them back with their lines", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryDir, "claw.checkpoints")
      const anchor = anchorOf({ file: path }, env)
      assert.strictEqual(anchor.to, `file:${path}`)
      yield* Effect.promise(async () => {
        assert.isNull(await anchor.newest())
        for (const size of [3, 40, 500]) await anchor.append(noteOf(size), size, 0)
        assert.strictEqual((await anchor.newest())?.size, 500)
        assert.deepStrictEqual(
          await anchor.read(),
          [3, 40, 500].map((size, n) => ({ where: `${path}:${1 + 5 * n}`, text: noteOf(size) })),
        )
      })
      assert.strictEqual(readFileSync(path, "utf8"), [3, 40, 500].map(noteOf).join(""))
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
    }),
  )

  it.effect("finds its end in a long one", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryDir, "long")
      const sizes = Array.from({ length: 300 }, (_, n) => n + 1)
      writeFileSync(path, sizes.map(noteOf).join(""))
      const anchor = anchorOf({ file: path }, env)
      yield* Effect.promise(async () => {
        assert.strictEqual((await anchor.newest())?.size, 300)
        await anchor.append(noteOf(301), 301, 0)
        assert.lengthOf(await anchor.read(), 301)
      })
    }),
  )

  it.effect("goes on behind half a note that a crash left, wherever it was cut", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryDir, "torn")
      const anchor = anchorOf({ file: path }, env)
      const [first, second] = [noteOf(1), noteOf(2)]
      yield* Effect.promise(async () => {
        for (const length of [1, 11, 12, 30, second.length - 40, second.length - 1]) {
          for (const before of ["", first]) {
            writeFileSync(path, before + second.slice(0, length))
            assert.lengthOf(await anchor.read(), before === "" ? 0 : 1)
            await anchor.append(second, 2, 0)
            assert.strictEqual(readFileSync(path, "utf8"), before + second)
          }
        }
      })
    }),
  )

  it.effect("leaves alone what holds something else", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir
      const path = join(dir, "letter.txt")
      const anchor = anchorOf({ file: path }, env)
      for (const text of ["Dear Ada,\n", "no newline", `${noteOf(1)}edited by hand\n`, "\n"]) {
        writeFileSync(path, text)
        yield* Effect.promise(() => rejects(() => anchor.append(noteOf(2), 2, 0), /something else/))
        assert.strictEqual(readFileSync(path, "utf8"), text)
        assert.include((yield* Effect.promise(() => anchor.read())).at(-1)?.text, text.slice(-6))
      }
      mkdirSync(join(dir, "folder"))
      symlinkSync("/dev/zero", join(dir, "endless"))
      for (const name of ["folder", "endless"])
        yield* Effect.promise(() =>
          rejects(() => anchorOf({ file: join(dir, name) }, env).append(noteOf(1), 1, 0), /no file|EISDIR/),
        )
      const missing = yield* evidenceOf(anchorOf({ file: join(dir, "none") }, env), false)
      assert.match(missing.problem!, /ENOENT/)
    }),
  )
})

describe("an anchor that is a ref", () => {
  const repository = Effect.map(temporaryDir, (dir) => {
    const path = join(dir, "notes")
    const git = (...args: ReadonlyArray<string>) =>
      execFileSync("git", ["-C", path, ...args], {
        env: { ...env, HOME: dir, GIT_CONFIG_NOSYSTEM: "1" },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim()
    mkdirSync(path)
    git("init", "-q", "-b", "main")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@example.invalid")
    writeFileSync(join(path, "letter.txt"), "Dear Ada,\n")
    git("add", ".")
    git("commit", "-qm", "begin")
    return { dir, path, git }
  })

  it.effect("gets a commit for each checkpoint, and nothing else of the repository moves", () =>
    Effect.gen(function* () {
      const { git, path } = yield* repository
      const before = [git("rev-parse", "HEAD"), git("status", "--porcelain"), git("for-each-ref")]
      const anchor = anchorOf({ git: path, ref: "refs/claw/log" }, env)
      assert.strictEqual(anchor.to, `git:${path} refs/claw/log`)
      yield* Effect.promise(async () => {
        assert.isNull(await anchor.newest())
        await rejects(anchor.read, /has no refs\/claw\/log/)
        for (const size of [3, 40, 500]) await anchor.append(noteOf(size), size, size * 1000)
        assert.strictEqual((await anchor.newest())?.size, 500)
        const notes = await anchor.read()
        assert.deepStrictEqual(
          notes.map(({ text }) => text),
          [3, 40, 500].map(noteOf),
        )
        const commits = git("rev-list", "--reverse", "refs/claw/log").split("\n")
        notes.forEach(({ where }, n) =>
          assert.strictEqual(where, `${path} refs/claw/log, commit ${commits[n]!.slice(0, 12)}`),
        )
      })
      assert.strictEqual(
        git("log", "-1", "--format=%an %ae %at %s", "refs/claw/log"),
        "Claw claw@localhost 500 Checkpoint of 500 events",
      )
      assert.deepStrictEqual(
        [git("rev-parse", "HEAD"), git("status", "--porcelain"), git("for-each-ref", "refs/heads")],
        before,
      )
      git("fsck", "--strict")
    }),
  )

  it.effect("runs nothing that the repository would: hooks, filters, monitors, signing", () =>
    Effect.gen(function* () {
      const { dir, git, path } = yield* repository
      const trap = join(dir, "trap.sh")
      const sprung = join(dir, "sprung")
      writeFileSync(trap, `#!/bin/sh\necho "$0" >> ${sprung}\ncat\n`)
      chmodSync(trap, 0o700)
      for (const hook of ["reference-transaction", "post-commit", "pre-auto-gc", "post-index-change"])
        symlinkSync(trap, join(path, ".git", "hooks", hook))
      writeFileSync(join(path, ".gitattributes"), "* filter=trap\n")
      for (const [key, value] of [
        ["core.fsmonitor", trap],
        ["core.hooksPath", join(path, ".git", "hooks")],
        ["core.sshCommand", trap],
        ["core.editor", trap],
        ["core.pager", trap],
        ["filter.trap.clean", trap],
        ["filter.trap.smudge", trap],
        ["commit.gpgSign", "true"],
        ["gpg.program", trap],
        ["alias.commit-tree", `!${trap}`],
        ["alias.hash-object", `!${trap}`],
      ] as const)
        git("config", key, value)
      const anchor = anchorOf(
        { git: path, ref: "refs/claw/log" },
        { ...env, GIT_DIR: "/nowhere", GIT_EXTERNAL_DIFF: trap },
      )
      yield* Effect.promise(async () => {
        await anchor.append(noteOf(7), 7, 0)
        await anchor.append(noteOf(8), 8, 0)
        assert.strictEqual((await anchor.newest())?.size, 8)
        assert.lengthOf(await anchor.read(), 2)
      })
      assert.isFalse(existsSync(sprung))
    }),
  )

  it.effect("is left alone where it holds something else, moved meanwhile, or is no repository", () =>
    Effect.gen(function* () {
      const { dir, git, path } = yield* repository
      const main = anchorOf({ git: path, ref: "refs/heads/main" }, env)
      yield* Effect.promise(() =>
        rejects(() => main.append(noteOf(1), 1, 0), /something else than checkpoints/),
      )
      yield* Effect.promise(() => rejects(main.newest, /something else/))
      const head = git("rev-parse", "HEAD")
      assert.strictEqual(git("rev-parse", "main"), head)
      // what others put beside a checkpoint
      const anchor = anchorOf({ git: path, ref: "refs/claw/log" }, env)
      yield* Effect.promise(() => anchor.append(noteOf(1), 1, 0))
      git("update-ref", "refs/claw/log", head)
      yield* Effect.promise(() => rejects(() => anchor.append(noteOf(2), 2, 0), /something else/))
      const { notes } = yield* evidenceOf(anchor, false)
      assert.deepStrictEqual(
        notes.map(({ text }) => text),
        [""],
      )
      for (const [git_, message] of [
        [dir, /not a git repository/],
        [join(path, "folder"), /git .*No such file|cannot change to/],
      ] as const)
        yield* Effect.promise(() =>
          rejects(() => anchorOf({ git: git_, ref: "refs/claw/log" }, env).append(noteOf(1), 1, 0), message),
        )
      // a folder inside a repository is not that repository
      mkdirSync(join(path, "inside"))
      yield* Effect.promise(() =>
        rejects(
          anchorOf({ git: join(path, "inside"), ref: "refs/claw/log" }, env).newest,
          /not a git repository/,
        ),
      )
    }),
  )

  it.effect("is a bare repository as well, and a ref that is two at once goes to one", () =>
    Effect.gen(function* () {
      const { dir, git } = yield* repository
      const path = join(dir, "bare.git")
      git("init", "-q", "--bare", path)
      const anchor = anchorOf({ git: path, ref: "refs/claw/log" }, env)
      yield* Effect.promise(async () => {
        const both = await Promise.allSettled([
          anchor.append(noteOf(1), 1, 0),
          anchor.append(noteOf(2), 2, 0),
        ])
        const took = both.filter(({ status }) => status === "fulfilled").length
        assert.lengthOf(await anchor.read(), took, "what was taken is there, one behind the other")
        assert.isAtLeast(took, 1)
      })
    }),
  )
})

it("anchors are named on the command line by a file, or a repository and its ref", () => {
  assert.deepStrictEqual(parseAnchor("/a/b:c"), { file: "/a/b:c" })
  assert.deepStrictEqual(parseAnchor("/r:refs/claw/log"), { git: "/r", ref: "refs/claw/log" })
  for (const text of ["", "relative", "r:refs/x", "/r:refs/../x", "/r:refs/"])
    assert.isNull(parseAnchor(text))
})
