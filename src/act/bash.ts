/**
 * `bash`: one command line. What the gate parsed as a single plain command runs as that argv, without a shell;
 * everything else runs in `bash --noprofile --norc`, in the sandbox, and only after a person approved exactly it.
 * Invariant: the text handed to the shell is the approved text, whole; nothing is ever put into it.
 */
import { basename } from "node:path"
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, refused } from "./attempt.ts"
import { commandPlan, placeFor } from "./commandPlan.ts"
import { defineTool } from "./defineTool.ts"
import { inside, realPath } from "./paths.ts"
import type { ActSettings } from "./planParts.ts"
import { readsOf } from "./planReads.ts"
import { impossible, recordUndo } from "./recordUndo.ts"
import type { Sandbox } from "./Sandbox.ts"
import type { ToolContext } from "./Tool.ts"

const Input = Schema.Struct({
  command: Schema.String.check(
    Schema.isMinLength(1),
    Schema.isMaxLength(32_768),
    Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
  ),
  timeoutMs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 100, maximum: 3_600_000 }))),
})

/** Words no shell would change, and exactly the parsed ones. */
const isBare = (command: string, argv: ReadonlyArray<string>): boolean =>
  /^[A-Za-z0-9_@%+:,./ =-]+$/.test(command) &&
  !/^[A-Za-z0-9_]*=/.test(argv[0] ?? "") &&
  command.trim().split(/ +/).join(" ") === argv.join(" ")

const argvFor = (command: string, context: ToolContext): ReadonlyArray<string> | null => {
  const [only, ...more] = context.commands
  if (only !== undefined && more.length === 0 && (isBare(command, only) || !context.permits.shell))
    return only
  return context.permits.shell ? ["bash", "--noprofile", "--norc", "-c", command] : null
}

/** Git checks out whatever the other commit has, also files that other programs run later. */
const onlyGit = (context: ToolContext): boolean =>
  context.commands.length > 0 && context.commands.every(([program]) => basename(program ?? "") === "git")

export const bashTool = (sandbox: Sandbox["Service"], settings: ActSettings) =>
  defineTool({
    name: "bash",
    description: "Runs a command in the workspace, in the sandbox.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
    plan: Effect.fnUntraced(function* (input, context) {
      const { permits, workspace, cwd } = context
      const argv = argvFor(input.command, context)
      if (argv === null) return yield* refused("this command needs a shell, which needs an approval")
      const where = yield* placeFor(sandbox, context)
      const write = (yield* attempt("find what may be written", () =>
        Promise.all(permits.write.map(realPath)),
      )).filter((path) => inside(workspace, path))
      const touched = where === "none" ? [workspace] : write
      const beyond = [
        ...(permits.network ? ["not what it does over the network"] : []),
        ...(where === "none" ? ["not what it does outside the workspace"] : []),
      ]
      const recording =
        touched.length === 0
          ? impossible("it can write nothing")
          : yield* recordUndo({
              workspace,
              paths: touched,
              git: touched.some((path) => path === workspace || path.startsWith(`${workspace}/.git`)),
              beyond: beyond.length === 0 ? null : beyond.join("; "),
              ...settings,
            })
      return commandPlan({
        sandbox,
        where,
        context,
        settings,
        recording,
        // a program the table does not know may write anywhere; then nothing of it is what was looked at
        reads: readsOf(
          recording.undo.before,
          write.filter((path) => path !== workspace),
        ),
        command: {
          argv,
          cwd,
          write,
          network: permits.network,
          protection: onlyGit(context) ? "git" : "everything",
          timeoutMs: input.timeoutMs ?? context.timeoutMs,
        },
        summary: `Run ${neutralise(input.command).slice(0, 200)}`,
        preview: input.command,
      })
    }),
  })
