/** The attempts to break out: each is made, and each is held or says why it could not be made. */
import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Sandbox } from "../../src/act/Sandbox.ts"
import { attacks } from "../../src/act/sandboxProbes/attacks.ts"
import { limitProbes } from "../../src/act/sandboxProbes/limits.ts"
import { makePlace, sandboxOf, withSandbox } from "./sandboxFixture.ts"

const names = (list: ReadonlyArray<{ readonly name: string }>) => list.map(({ name }) => name)

describe("attempts to break out", () => {
  it.live("none is left out, and none succeeds", () =>
    withSandbox((_, sandbox) =>
      Effect.gen(function* () {
        const [escapes, withNetwork, ...limits] = sandbox.probes
        const tried = yield* escapes!.run
        assert.deepStrictEqual(names(tried), [...names(attacks), "environment", "grant"])
        assert.deepStrictEqual(
          tried.filter(({ held, tried }) => !held || !tried),
          [],
        )
        const open = yield* withNetwork!.run
        assert.deepStrictEqual(
          open.filter(({ held }) => !held),
          [],
        )
        assert.isAbove(open.length, 8)
        assert.strictEqual(limits.length, limitProbes().length)
      }),
    ),
  )

  it.live("none takes more than it may, and the host goes on meanwhile", () =>
    withSandbox((_, sandbox) =>
      Effect.gen(function* () {
        const limits = sandbox.probes.slice(2)
        let beats = 0
        const beat = setInterval(() => beats++, 20)
        const found = yield* Effect.forEach(limits, ({ run }) => run)
        clearInterval(beat)
        assert.deepStrictEqual(
          found.flat().filter(({ held }) => !held),
          [],
        )
        assert.isAbove(beats, 20)
      }),
    ),
  )

  it.live("each would succeed where nothing confines it", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const fake = join(place.folder, "fake-bwrap")
      yield* Effect.promise(async () => {
        const takeOptions = `while [ "$1" != "--" ]; do [ "$1" = --chdir ] && cd "$2"; [ "$1" = --setenv ] && export "$2=$3"; shift; done`
        await writeFile(fake, `#!/bin/bash\nexport LEAKED=1\n${takeOptions}\nshift\nexec "$@"\n`)
        await chmod(fake, 0o755)
      })
      const context = yield* Layer.build(sandboxOf(place, { program: fake }))
      const sandbox = yield* Effect.provide(Sandbox, context)
      assert.strictEqual((yield* sandbox.state)._tag, "unavailable")
      const found = yield* sandbox.probes[0]!.run
      const open = names(found.filter(({ held }) => !held))
      assert.includeMembers(open, [
        "new privileges",
        "home",
        "claw's own files",
        "git hooks and settings",
        "git hooks of a nested repository",
        "files that run later",
        "outside the workspace",
        "symbolic link out",
        "hard link",
        "root and folder of other processes",
        "other processes",
        "descriptors",
        "unix sockets",
        "a terminal's input",
        "addresses of the machine and its cloud",
        "tracing",
        "kernel keys",
        "environment",
      ])
    }).pipe(Effect.scoped),
  )
})
