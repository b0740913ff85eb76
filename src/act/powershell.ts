/**
 * `PowerShell`: one command for `pwsh`, where it is installed. The gate takes no PowerShell apart, so each is a question.
 * Invariant: the approved text is one word of the argv, whole.
 */
import { Effect, Schema } from "effect"
import { refused, wrongInput } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import type { ActSettings } from "./planParts.ts"
import type { Sandbox } from "./Sandbox.ts"
import {
  CommandText,
  Description,
  InBackground,
  longestForeground,
  planCommand,
  Timeout,
  usualLifetime,
} from "./shellCommand.ts"
import type { Tasks } from "./tasks/Tasks.ts"

const Input = Schema.Struct({
  command: CommandText.annotate({ description: "What pwsh is to run" }),
  timeout: Timeout,
  description: Description,
  run_in_background: InBackground,
})

export const powerShellTool = (
  hands: { readonly sandbox: Sandbox["Service"]; readonly tasks: Tasks["Service"] },
  settings: ActSettings,
  listed: boolean,
) =>
  defineTool({
    name: "PowerShell",
    description:
      "Runs a PowerShell command in the workspace, in the sandbox, without profile and prompts and with nothing on its standard input. As bash otherwise. Offered only where pwsh is installed; fails with `refused` where it is not.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
    listed,
    examples: [{ command: "Get-ChildItem -Recurse *.ps1 | Measure-Object" }],
    undo: "Files of the workspace go back to what they were; not what it did over the network. A background command can be taken back once it ended.",
    limits: [
      "a command has at most 32768 characters",
      "an hour at most, in the background a day, and 16 of these at once",
      "of the output the first and last 8 KiB are shown; the log keeps the first 8 MiB (1 MiB in the background)",
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const background = input.run_in_background === true
      if (!background && (input.timeout ?? 0) > longestForeground) {
        return yield* wrongInput(
          `PowerShell: timeout is at most ${longestForeground} ms; with run_in_background it may be longer`,
        )
      }
      if (!context.permits.shell) return yield* refused("a PowerShell command needs an approval")
      const program = yield* hands.sandbox.find("pwsh", context.workspace)
      if (program === null) return yield* refused("there is no pwsh on this machine's PATH")
      return yield* planCommand(hands, settings, context, {
        tool: "PowerShell",
        argv: [program, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", input.command],
        command: input.command,
        summary: "Run this PowerShell command",
        env: { POWERSHELL_TELEMETRY_OPTOUT: "1", POWERSHELL_UPDATECHECK: "Off" },
        timeoutMs: input.timeout ?? (background ? usualLifetime : context.timeoutMs),
        ...(background ? { background: { watch: null } } : { yields: true as const }),
      })
    }),
  })
