/** Secrets stay out of the log where they come in sideways: in names, in reasons, in what an error quotes. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { draft } from "../../src/domain/event.ts"
import type { Fact } from "../../src/domain/probe.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { redactFact } from "../../src/loop/redact.ts"
import { storeOver } from "./loopWorld.ts"

// put together here, so that no scanner takes this file for a leak
const token = ["ghp", "_16C7e42F292c6912E7", "710c838347Ae178B4a"].join("")

it("of a fact: the name of a staged file, a key of an answer, why a probe was unavailable", () => {
  const facts: ReadonlyArray<Fact> = [
    {
      probe: { _tag: "gitStaged", maxBytes: 1 },
      unavailable: null,
      answer: {
        truncated: false,
        files: [{ path: `keys/${token}`, status: "A", bytes: 1, binary: false, truncated: false, added: [] }],
      },
    },
    {
      probe: { _tag: "gitCommands" },
      unavailable: null,
      answer: { commands: [], aliases: { [token]: "x" } },
    },
    { probe: { _tag: "gitBranch" }, unavailable: `cannot reach https://${token}@host`, answer: null },
  ]
  for (const fact of facts) assert.notInclude(JSON.stringify(redactFact(fact)), token)
})

it.effect("of a word about health, configuration, a failure or a stop", () =>
  Effect.gen(function* () {
    const appender = yield* Appender
    const store = yield* LogStore
    const events = yield* appender.append([
      draft(
        "daemon.health",
        { component: "source:git", state: "failed", backend: null, detail: `bad remote ${token}` },
        { actor: "daemon" },
      ),
      draft(
        "daemon.config",
        {
          file: "claw.config.ts",
          accepted: false,
          message: `unknown key "${token}"`,
          settings: { disabledReflexes: [token] },
        },
        { actor: "daemon" },
      ),
      draft(
        "tool.failed",
        { suggestion: "s_1", call: "s_1#0", reason: "failed", message: `no file ${token}` },
        { actor: "claw", correlationId: "s_1" },
      ),
      draft("daemon.stopped", { reason: token }, { actor: "daemon" }),
    ])
    assert.lengthOf(events, 4)
    const stored = yield* Stream.runCollect(store.read({}))
    assert.notInclude(JSON.stringify([stored, events]), token)
    assert.include(JSON.stringify(stored), "bad remote <redacted:")
  }).pipe(Effect.provide(Appender.layer.pipe(Layer.provideMerge(storeOver(memoryBackend())))), Effect.scoped),
)
