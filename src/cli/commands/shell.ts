/** claw shell: the user's own shell, on a terminal whose output Claw can be asked for. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Invocation } from "../Invocation.ts"

export const shell = Command.make(
  "shell",
  {},
  Effect.fn(function* () {
    const { directories, env, cwd, interactive } = yield* Invocation
    const { runShell } = yield* Effect.promise(() => import("../shell/runShell.ts"))
    const code = yield* runShell({ directories, env, cwd, interactive })
    return yield* Effect.sync(() => process.exit(code))
  }),
).pipe(
  Command.withDescription("your own shell, so that what a failed command printed can be looked at"),
  Command.withExamples([
    {
      command: "claw shell",
      description: "where no tmux, kitty, wezterm or zellij can be asked; needs terminal: { output: true }",
    },
  ]),
)
