/** An approval is a person's: it needs a terminal on both ends. A pipe never picks a default. */
import { Effect } from "effect"
import { createInterface } from "node:readline"
import { Exit } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"

export const needPerson = (what: string) =>
  Effect.flatMap(Invocation, ({ interactive }) =>
    interactive
      ? Effect.void
      : Effect.fail(
          new Exit({
            reason: "needsPerson",
            message: `${what} needs a person at a terminal (stdin and stdout must be one)`,
          }),
        ),
  )

/** Asks on the terminal; only a typed `y` or `yes` is a yes. Ctrl-D is a no, Ctrl-C interrupts the command. */
export const confirm = (question: string) =>
  Effect.callback<boolean>((resume) => {
    const line = createInterface({ input: process.stdin, output: process.stderr })
    line.on("SIGINT", () => {
      resume(Effect.interrupt)
      line.close()
    })
    line.on("close", () => resume(Effect.succeed(false)))
    line.question(`${question} [y/N] `, (answer) => {
      resume(Effect.succeed(/^y(es)?$/i.test(answer.trim())))
      line.close()
    })
    return Effect.sync(() => line.close())
  })
