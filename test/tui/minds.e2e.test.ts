/** Conversations on the screen in a real terminal, with a real daemon and a model on this machine. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { modelServer } from "../fixtures/models/server.ts"
import { launcher } from "../launcher.ts"
import { hasTmux, untilShown } from "./pane.ts"
import { worldWith } from "./world.ts"

describe.skipIf(!hasTmux)("conversations in a terminal", { timeout: 90_000 }, () => {
  it.live("shows one that works and what it waits for, sends it a word, and stops it", () =>
    Effect.gen(function* () {
      const model = yield* modelServer({
        answer: ({ body }) => {
          const { messages } = body as { readonly messages: ReadonlyArray<unknown> }
          return JSON.stringify(messages.at(-1)).includes("now write it")
            ? { calls: [{ name: "write_file", input: { path: "hello.txt", content: "hello\n" } }] }
            : { text: "Hello **you**." }
        },
      })
      const local = {
        kind: "chat",
        baseUrl: model.openaiUrl,
        models: { tiny: { window: 100_000, price: { input: 1, output: 2 } } },
      }
      const shown = yield* worldWith(
        `export default ${JSON.stringify({ models: { default: "local/tiny", providers: { local } } })}\n`,
      )
      assert.notInclude(shown.shot(), "at work")
      // not by a call that waits: the model answers in this very process
      const ask = spawn(process.execPath, [launcher, "ask", "how are you"], {
        cwd: shown.repository,
        env: shown.daemonEnv,
        stdio: "ignore",
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => ask.kill()))
      shown.keys("s")
      yield* untilShown(shown, "conversations and agents", 20)
      yield* untilShown(shown, "how are you", 20)
      shown.keys("Enter")
      yield* untilShown(shown, "> how are you", 20)
      yield* untilShown(shown, "Hello **you**.", 20)
      shown.keys("w")
      yield* untilShown(shown, "send a word")
      shown.keys("now write it")
      yield* untilShown(shown, "> now write it")
      shown.keys("Enter")
      yield* untilShown(shown, "calls write_file", 20)
      yield* untilShown(shown, "? waits", 20)
      yield* untilShown(shown, "1 at work", 20)
      shown.keys("Escape")
      yield* untilShown(shown, "waits for you:", 20)
      shown.keys("x")
      yield* untilShown(shown, "stop it?")
      yield* Effect.sleep(300)
      shown.keys("Enter")
      yield* untilShown(shown, (shot) => shot.includes("stopped") && !shot.includes("at work"), 20)
      shown.keys("C-c")
      yield* untilShown(shown, (shot) => !shot.includes("1 queue"))
    }),
  )
})
