/** claw init and claw hooks: the static hook file of a shell and the one line for its rc file; is it in place? */
import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { orExit } from "../errors.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

const said = <A>(change: Effect.Effect<A, { readonly message: string }>) =>
  Effect.mapError(change, ({ message }) => fail(message))

export const init = Command.make(
  "init",
  {
    shell: Argument.Literals("shell", ["bash", "zsh", "fish"]),
    wrap: Flag.Boolean("wrap-installs").pipe(
      Flag.withDefault(false),
      Flag.withDescription("also ask claw guard before package managers install anything"),
    ),
    unwrap: Flag.Boolean("unwrap-installs").pipe(
      Flag.withDefault(false),
      Flag.withDescription("take that back"),
    ),
  },
  Effect.fn(function* ({ shell, unwrap, wrap }) {
    const { directories, entry, env } = yield* Invocation
    const { rcFileOf, removeInstallWrapper, writeHook, writeInstallWrapper } = yield* Effect.promise(
      () => import("../../daemon/hooks.ts"),
    )
    if (unwrap) {
      if (wrap) return yield* usage("--wrap-installs or --unwrap-installs, not both")
      const { file, line, was } = yield* said(removeInstallWrapper(shell, directories))
      yield* Console.error(
        was
          ? `removed ${file}: new shells install without asking; the line ${line} is of no use any more`
          : `${file} was not there: nothing is wrapped`,
      )
      return
    }
    const hook = yield* said(writeHook(shell, directories))
    yield* Console.error(`wrote ${hook.file}; add this line to ${rcFileOf(shell, directories, env)} (once):`)
    yield* Console.log(hook.line)
    if (wrap) {
      const command = [entry.node, ...entry.args]
      const wrapper = yield* said(writeInstallWrapper(shell, directories, command))
      yield* Console.log(wrapper.line)
      yield* Console.error(
        `wrote ${wrapper.file}; its line goes behind the first: installations are held against the shipped list of compromised versions; once without: ${wrapper.override}=1 COMMAND`,
      )
    }
    yield* Console.error(
      "what commands print stays unread; to let claw see what failed ones print, in tmux, kitty, wezterm, zellij or claw shell: claw config edit, terminal: { output: true }",
    )
  }),
).pipe(
  Command.withDescription("write the hook file of a shell and print the line for its rc file"),
  Command.withExamples([
    { command: "claw init zsh >> ~/.zshrc", description: "only the line goes to stdout" },
    { command: "claw init zsh --wrap-installs", description: "hold installations of compromised versions" },
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
