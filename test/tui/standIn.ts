/**
 * A program with the real screen on its own terminal and a daemon that is not there, for tests that need a terminal.
 * `@` (why) throws outside of any fiber. Its pid goes into the file it is told.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Runtime, Schema } from "effect"
import { tmpdir } from "node:os"
import { writeFileSync } from "node:fs"
import { runApp } from "../../tui/App.ts"
import { Screen } from "../../tui/Screen.ts"
import { scriptedClient } from "../../tui/ScriptedClient.ts"
import { TuiError } from "../../tui/TuiClient.ts"
import { script, suggestion } from "./samples.ts"

class Ended extends Schema.TaggedError<Ended>()("Ended", { code: Schema.Finite, message: Schema.String }) {
  override get [Runtime.errorExitCode](): number {
    return this.code
  }
}

const [pidFile, editor] = process.argv.slice(2)
if (pidFile !== undefined) writeFileSync(pidFile, String(process.pid))

const rows = [suggestion("s_1", { title: "日本語 🚀 install" }), suggestion("s_2", { risk: "high" })]

const program = Effect.gen(function* () {
  const { client } = yield* scriptedClient(script(rows))
  const { interrupted } = yield* runApp({
    client: {
      ...client,
      why: () =>
        Effect.callback(() => {
          setTimeout(() => {
            throw new Error("planted crash")
          }, 1)
        }),
    },
    reconnect: Effect.fail(new TuiError({ reason: "lost", message: "nobody answers" })),
    editor: { argv: [editor ?? "true"], scratch: tmpdir(), env: process.env },
  })
  if (interrupted) return yield* Effect.interrupt
}).pipe(
  Effect.provide(
    Screen.layer({
      input: process.stdin,
      output: process.stdout,
      term: process.env["TERM"] ?? "",
      colour: true,
      host: process,
    }),
  ),
  Effect.catchCause((cause) =>
    Effect.fail(new Ended({ code: Cause.hasInterruptsOnly(cause) ? 130 : 1, message: Cause.pretty(cause) })),
  ),
)

NodeRuntime.runMain(program, { disableErrorReporting: true })
