/** A server that dies or hangs: every question has an end, and nothing of it is left. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { alive } from "../alive.ts"
import { hover, source, withServer } from "./hostileProject.ts"

describe("a language server that dies or hangs", () => {
  it.live("at once: says how it died, harmlessly, and leaves nothing", () =>
    withServer((ask, tools) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(ask(hover, "dies at once"))
        assert.deepInclude(error, { reason: "failed" })
        assert.match(
          String((error as Error).message),
          /pyright-langserver ended with exit 3: boom ␛\[31mred<U\+202E>/,
        )
        assert.deepStrictEqual(alive(join(tools.place.home, ".local")), [])
        assert.lengthOf(yield* tools.servers.running, 0)
      }),
    ),
  )

  it.live("in a question: the next one starts it again, after a while that grows", () =>
    withServer(
      (ask, tools) =>
        Effect.gen(function* () {
          const died = yield* Effect.flip(ask(hover, "dies"))
          assert.match(String((died as Error).message), /ended with exit 139: segmentation fault/)
          const soon = yield* Effect.flip(ask(hover, "well"))
          assert.match(
            String((soon as Error).message),
            /pyright-langserver failed just now and is not started again for \d+ s; the last time: pyright-langserver ended with exit 139/,
          )
          let answer: string | null = null
          while (answer === null) answer = yield* Effect.orElseSucceed(ask(hover), () => null)
          assert.include(answer, "claw approve")
          assert.lengthOf(yield* tools.servers.running, 1)
        }),
      1500,
    ),
  )

  it.live("never begins, or refuses: an error within its time", () =>
    withServer((ask, tools) =>
      Effect.gen(function* () {
        const hung = yield* Effect.flip(ask(hover, "hangs at once"))
        assert.deepInclude(hung, { reason: "timeout" })
        assert.match(String((hung as Error).message), /did not answer initialize within 2000 ms/)
        const refused = yield* Effect.flip(ask(hover, "refuses"))
        assert.match(String((refused as Error).message), /refused initialize: no ␛\[31mlicence/)
        assert.deepStrictEqual(alive(join(tools.place.home, ".local")), [])
      }),
    ),
  )

  it.live("does not answer: times out, and is ended after the third time", () =>
    withServer((ask, tools) =>
      Effect.gen(function* () {
        yield* ask(hover, "well")
        for (let n = 1; n <= 3; n++) {
          assert.lengthOf(yield* tools.servers.running, 1)
          const error = yield* Effect.flip(ask(hover, "hangs", 150))
          assert.deepInclude(error, { reason: "timeout" })
        }
        assert.lengthOf(yield* tools.servers.running, 0)
        assert.deepStrictEqual(alive(join(tools.place.home, ".local")), [])
        assert.include(yield* ask(hover, "well"), "claw approve")
      }),
    ),
  )

  it.live("speaks no protocol, claims a huge message, or talks without end: is ended", () =>
    withServer((ask) =>
      Effect.gen(function* () {
        for (const [mode, words] of [
          ["no protocol", /what it prints is not the protocol/],
          ["claims a huge message", /it sent a message of 9999999999 bytes/],
          ["talks without end", /it talks without end/],
        ] as const) {
          const error = yield* Effect.flip(ask(hover, mode))
          assert.deepInclude(error, { reason: "failed" }, mode)
          assert.match(String((error as Error).message), words)
        }
      }),
    ),
  )

  it.live("publishes nothing: says so; what is of an older text does not count", () =>
    withServer((ask, tools) =>
      Effect.gen(function* () {
        const diagnostics = { operation: "diagnostics", path: "a.py" }
        const silent = yield* Effect.flip(ask(diagnostics, "silent", 300))
        assert.match(String((silent as Error).message), /published no diagnostics within 300 ms/)
        writeFileSync(join(tools.place.workspace, "a.py"), `${source}\n`)
        const late = yield* ask(diagnostics, "late")
        assert.notInclude(late, "old")
        assert.include(late, "bad")
      }),
    ),
  )

  it.live("is gone with who asked, also where it was still starting", () =>
    withServer((ask, tools) =>
      Effect.gen(function* () {
        const program = join(tools.place.home, ".local")
        const asking = yield* Effect.forkChild(ask(hover, "hangs at once"), { startImmediately: true })
        while (!alive(program).some((line) => line.includes("--stdio"))) yield* Effect.sleep("10 millis")
        yield* Fiber.interrupt(asking)
        yield* tools.servers.stopAll
        assert.deepStrictEqual(alive(program), [])
      }),
    ),
  )

  it.live("is ended with Claw, deaf to every word", () =>
    withServer((ask, tools) =>
      Effect.gen(function* () {
        yield* ask(hover, "well")
        assert.isAbove(alive(join(tools.place.home, ".local")).length, 0)
        yield* tools.servers.stopAll
        assert.deepStrictEqual(alive(join(tools.place.home, ".local")), [])
      }),
    ),
  )
})
