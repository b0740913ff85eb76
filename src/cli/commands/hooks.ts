/** claw init and claw hooks: the static hook file of a shell and the one line for its rc file; is it in place? */
import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

export const init = Command.make(
  "init",
  { shell: Argument.Literals("shell", ["bash", "zsh", "fish"]) },
  Effect.fn(function* ({ shell }) {
    const { directories } = yield* Invocation
    const { writeHook } = yield* Effect.promise(() => import("../../daemon/hooks.ts"))
    const hook = yield* writeHook(shell, directories)
    yield* Console.error(`wrote ${hook.file}; add this line to ${hook.rcFile} (once):`)
    yield* Console.log(hook.line)
    yield* Console.error(
      "what commands print stays unread; to let claw see what failed ones print, in tmux, kitty, wezterm, zellij or claw shell: claw config edit, terminal: { output: true }",
    )
  }),
).pipe(
  Command.withDescription("write the hook file of a shell and print the line for its rc file"),
  Command.withExamples([
    { command: "claw init zsh >> ~/.zshrc", description: "only the line goes to stdout" },
  ]),
)

const status = Command.make(
  "status",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const rows = yield* orExit(client.Hooks())
    if (asJson) return yield* Effect.forEach(rows, json, { discard: true })
    yield* Console.log(
      table(
        rows.map((row) => [
          row.shell,
          row.installed ? "installed" : "not installed",
          row.lastRecordAt ?? "no record yet",
          safe(row.detail),
        ]),
      ),
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("are the shell hooks in place, and when did each last write"),
  Command.withExamples([{ command: "claw hooks status", description: "after a new shell was opened" }]),
)

export const hooks = Command.make("hooks").pipe(
  Command.withDescription("the shell hooks"),
  Command.withSubcommands([status]),
)
