import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { attacks } from "../../src/act/sandboxProbes/attacks.ts"
import { limitProbes } from "../../src/act/sandboxProbes/limits.ts"
import { withSandbox } from "./sandboxFixture.ts"

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
})
