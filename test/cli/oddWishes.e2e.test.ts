/** Wishes that cannot be met, and places that cannot be written: each is answered in words, with its exit code. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Claws, clawWorld, launcher, runProgram } from "./claws.ts"

class Up extends Context.Service<Up, Claws>()("test/Up") {}
const up = Layer.effect(
  Up,
  Effect.tap(clawWorld, (world) =>
    Effect.map(world.claw("up", "--workspace", "."), (ran) => assert.strictEqual(ran.exit, 0, ran.stderr)),
  ),
)

layer(up, { excludeTestServices: true, timeout: "60 seconds" })("the command line", (test) => {
  const refused = (exit: number, message: RegExp, ...words: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const ran = yield* (yield* Up).claw(...words)
      assert.strictEqual(ran.exit, exit, words.join(" "))
      assert.strictEqual(ran.stdout, "")
      assert.match(ran.stderr, message)
      assert.lengthOf(ran.stderr.trimEnd().split("\n"), 1)
    })

  test.effect("takes no time that is none, or that no calendar has", () =>
    Effect.gen(function* () {
      for (const words of [["pause"], ["snooze", "s_none"]])
        for (const time of ["0s", "999999999999d"])
          yield* refused(
            2,
            /^claw: "\w+": give more than nothing, and 36500d at most$/m,
            ...words,
            "--for",
            time,
          )
    }),
  )

  test.effect("finds nothing to replay between an end and a beginning", () =>
    refused(2, /^claw: --from 9 is behind --to 2: /, "replay", "--from", "9", "--to", "2"),
  )

  test.effect("names what is not there", () =>
    Effect.gen(function* () {
      const { root } = yield* Up
      const none = join(root, "none.jsonl")
      for (const name of ["policy", "secrets", "scenarios", "history"])
        yield* refused(1, /^claw: \S+none\.jsonl: there is no such file or folder$/m, "eval", name, none)
    }),
  )

  test.effect.skipIf(!existsSync("/dev/full"))("says that a full disk has no room for what it prints", () =>
    Effect.gen(function* () {
      const { env, repository: cwd } = yield* Up
      for (const words of ["status", "log --json", "--help"]) {
        const line = `"${process.execPath}" "${launcher}" ${words} > /dev/full`
        const ran = yield* Effect.promise(() => runProgram(["bash", "-c", line], { cwd, env }))
        assert.strictEqual(ran.exit, 1, words)
        assert.match(ran.stderr, /^claw: stdout cannot be written: .*ENOSPC.*\n$/)
      }
    }),
  )

  test.effect("paints nothing on a terminal that is dumb, unless it is told to", () =>
    Effect.gen(function* () {
      const { env, repository: cwd } = yield* Up
      const shown = (words: string) =>
        execFileSync("script", ["-qec", `"${process.execPath}" "${launcher}" ${words}`, "/dev/null"], {
          cwd,
          env: { ...env, TERM: "dumb" } as NodeJS.ProcessEnv,
          encoding: "utf8",
        })
      assert.notInclude(shown("status"), "\u001b")
      assert.include(shown("--color always status"), "\u001b")
    }),
  )

  test.effect("knows a watched folder by its links, and one inside it for what it is", () =>
    Effect.gen(function* () {
      const { claw, repository, root } = yield* Up
      const [real, link, inside] = [join(root, "real"), join(root, "link"), join(repository, "inside")]
      for (const folder of [real, inside]) mkdirSync(folder)
      symlinkSync(real, link)
      assert.match((yield* claw("up", "--workspace", link)).stdout, /watching 2 workspaces/)
      assert.strictEqual((yield* claw("down", "--workspace", link)).exit, 0)
      const up = yield* claw("up", "--workspace", inside)
      assert.match(up.stdout, /watching 1 workspace\n/)
      assert.strictEqual(up.stderr, `${inside} lies in ${repository}, which is watched already\n`)
      yield* refused(
        4,
        /inside is not watched by itself: it lies in \S+, which is$/m,
        "down",
        "--workspace",
        inside,
      )
    }),
  )

  test.effect("says where no hook can be written", () =>
    Effect.gen(function* () {
      const { clawWith, root } = yield* Up
      const file = join(root, "no-folder")
      writeFileSync(file, "")
      for (const flag of [[], ["--unwrap-installs"]]) {
        const ran = yield* clawWith({ env: { XDG_DATA_HOME: file } }, "init", "bash", ...flag)
        assert.strictEqual(ran.exit, 1)
        assert.match(ran.stderr, /^claw: the hook cannot be written: ENOTDIR: [^|]*\n$/)
      }
    }),
  )

  test.effect("sends the hook's line to where the shell looks", () =>
    Effect.gen(function* () {
      const { claw, clawWith, env } = yield* Up
      assert.match((yield* claw("init", "zsh")).stderr, /add this line to ~\/\.zshrc /)
      const moved = { ZDOTDIR: join(env["HOME"]!, "zsh"), XDG_CONFIG_HOME: "/etc/xdg" }
      assert.match(
        (yield* clawWith({ env: moved }, "init", "zsh")).stderr,
        /add this line to ~\/zsh\/\.zshrc /,
      )
      assert.match(
        (yield* clawWith({ env: moved }, "init", "fish")).stderr,
        /add this line to \/etc\/xdg\/fish\/config\.fish /,
      )
    }),
  )
})
