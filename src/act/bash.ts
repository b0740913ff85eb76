/**
 * `bash`: one command line, in the foreground until it ends or its time is over, or in the background as a task.
 * A conversation does not wait for it beyond 15 s: then it goes on as a task.
 * Invariant: when a foreground call returns, nothing it started runs any more, whatever it did to get away, unless the
 * result names the task that it went on as.
 */
import { Effect, Schema } from "effect"
import { refused, wrongInput } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import type { ActSettings } from "./planParts.ts"
import type { Sandbox } from "./Sandbox.ts"
import {
  argvFor,
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
  command: CommandText.annotate({ description: "The command line, as one would type it in bash" }),
  timeout: Timeout,
  description: Description,
  run_in_background: InBackground,
})

export const bashTool = (
  hands: { readonly sandbox: Sandbox["Service"]; readonly tasks: Tasks["Service"] },
  settings: ActSettings,
) =>
  defineTool({
    name: "bash",
    description:
      "Runs a command in the workspace, in the sandbox, with nothing on its standard input. It sees the system read-only, no home and no credentials, and reaches the network only where that was approved. What it leaves running ends with it, unless it was started with run_in_background. Fails with `timeout` (and what was printed) when its time is over; another exit code than 0 is an answer.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
    examples: [
      { command: "git log --oneline -5", description: "Newest commits" },
      { command: "npm test -- --run src/cart.test.ts", timeout: 300_000 },
      { command: "npm run dev", run_in_background: true },
    ],
    undo: "Files of the workspace go back to what they were, with git's index and refs where the command could reach them; not what it did over the network. A background command can be taken back once it ended.",
    limits: [
      "a command line has at most 32768 characters",
      "a conversation waits 15 s for a command; what takes longer goes on in the background, and the conversation is told when it ended",
      "a foreground command runs at most an hour, one in the background a day, and 16 of these at once",
      "of the output the first and last 8 KiB are shown; the log keeps the first 8 MiB (1 MiB in the background)",
      "a background command that printed 1 GiB is stopped",
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const background = input.run_in_background === true
      if (!background && (input.timeout ?? 0) > longestForeground) {
        return yield* wrongInput(
          `bash: timeout is at most ${longestForeground} ms; with run_in_background it may be longer`,
        )
      }
      const argv = argvFor(input.command, context)
      if (argv === null) return yield* refused("this command needs a shell, which needs an approval")
      return yield* planCommand(hands, settings, context, {
        tool: "bash",
        argv,
        command: input.command,
        timeoutMs: input.timeout ?? (background ? usualLifetime : context.timeoutMs),
        ...(background ? { background: { watch: null } } : { yields: true as const }),
      })
    }),
  })
