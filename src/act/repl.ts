/**
 * `REPL`: code in a fresh interpreter, in the sandbox. Nothing is kept from one call to the next.
 * Invariant: the code reaches the interpreter by standard input, as it was approved, and never by a command line.
 */
import { Effect, Schema } from "effect"
import { refused } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { interpreters } from "./interpreters.ts"
import type { ActSettings } from "./planParts.ts"
import type { Sandbox } from "./Sandbox.ts"
import { longestForeground, planCommand } from "./shellCommand.ts"
import type { Tasks } from "./tasks/Tasks.ts"

const Input = Schema.Struct({
  code: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(262_144)).annotate({
    description: "The program. In node and python the value of its last expression is shown after `=> `",
  }),
  language: Schema.Literals(["node", "python", "sh"]).annotate({
    description:
      "node: a script with require, import() and await; python: Python 3; sh: the system's POSIX shell",
  }),
  timeout_ms: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: longestForeground })).annotate({
      description: "Milliseconds after which it is stopped with all it started; as configured if absent",
    }),
  ),
})

export const replTool = (
  hands: { readonly sandbox: Sandbox["Service"]; readonly tasks: Tasks["Service"] },
  settings: ActSettings,
) =>
  defineTool({
    name: "REPL",
    description:
      "Runs code in a fresh interpreter in the workspace, in the sandbox: no home, no credentials, no network unless that was approved, nothing on its standard input. Shows what it printed and the value of the last expression; an exception is an answer with exit 1. Fails with `refused` where the machine has no such interpreter, or no sandbox.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
    examples: [
      { language: "node", code: "require('./package.json').dependencies" },
      { language: "python", code: "import json\njson.load(open('data.json'))['rows'][:3]" },
      { language: "sh", code: 'for f in src/*.ts; do wc -l "$f"; done', timeout_ms: 10_000 },
    ],
    undo: "Files of the workspace go back to what they were; not what it did over the network.",
    limits: [
      "262144 characters of code",
      "an hour at most",
      "of the output the first and last 8 KiB are shown; the log keeps the first 8 MiB",
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const { sandbox } = hands
      const state = yield* sandbox.state
      if (state._tag === "unavailable") {
        return yield* refused(
          `no sandbox on this machine (${state.reason}): the REPL runs nothing without one`,
        )
      }
      if (!context.permits.shell) return yield* refused("running code needs an approval")
      const { args, programs } = interpreters[input.language]
      const found = yield* Effect.forEach(programs, (name) => sandbox.find(name, context.workspace))
      const program = found.find((path) => path !== null)
      if (program === undefined) {
        return yield* refused(`there is no ${programs.join(" or ")} on this machine's PATH`)
      }
      return yield* planCommand(hands, settings, context, {
        tool: "REPL",
        argv: [program!, ...args],
        command: input.code,
        summary: `Run this ${input.language} code`,
        stdin: input.code,
        timeoutMs: input.timeout_ms ?? context.timeoutMs,
      })
    }),
  })
